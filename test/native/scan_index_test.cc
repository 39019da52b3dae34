#include <sys/stat.h>

#include <algorithm>
#include <random>

#include "check.h"
#include "native/scan/index.h"
#include "native/scan/index_file.h"
#include "native/scan/index_terms.h"
#include "scan_support.h"

using audit::IndexField;
using audit::IndexQuery;
using audit::LogInput;
using scan_test::Directory;
using scan_test::Line;
using scan_test::Scanned;

namespace {

// Events with a record whose key is `key`, as a search for it gives them.
class KeySearch : public audit::Consumer {
 public:
  explicit KeySearch(std::string key) : key_("key=\"" + key + '"') {}
  void Consume(const audit::Event& event, audit::Output* output) override {
    const std::string lines = scan_test::Lines(event);
    if (lines.find(key_) == std::string::npos) return;
    output->bytes += lines + '\n';
    ++output->matches;
  }

 private:
  const std::string key_;
};

std::string Search(const audit::ScanOptions& options, const std::string& key) {
  KeySearch search(key);
  audit::ScanOptions one = options;
  one.in_order = true;
  one.threads = 2;
  scan_test::StringSink sink;
  audit::Scan(one, {&search}, &sink);
  return sink.Bytes();
}

IndexQuery Key(const std::string& key) { return {{{{IndexField::kKey, key}}}}; }

std::string Terms(std::string_view text) {
  std::string terms;
  audit::IndexTerms extract;
  extract.Each(text, [&terms](IndexField field, std::string_view term) {
    terms += static_cast<char>(field);
    terms.append(term) += ' ';
  });
  return terms;
}

// A log of about 400 kB with a key now and then.
std::string SpreadLog(int from, int to) {
  std::string log;
  for (int serial = from; serial < to; serial++) {
    const std::string key = serial % 700 == 5 ? "needle" : "hay";
    log += Line("SYSCALL", 1700000000 + serial / 5, serial % 5, static_cast<uint32_t>(serial),
                "pid=" + std::to_string(serial) + " key=\"" + key + '"') +
           '\n';
  }
  return log;
}

}  // namespace

TEST("Terms are the values of what is searched for") {
  EQUAL(Terms("type=SYSCALL syscall=59 ppid=1 pid=22 auid=4294967295 uid=-1 comm=\"x\" exe=\"/a b\" key=\"k\""),
        "s59 p1 p22 u4294967295 u4294967295 x/a b kk ");
  EQUAL(Terms("type=PATH name=2F6120 key=6B01"), "f2F6120 f/a  k6B01 kk\x01 ");
  EQUAL(Terms("type=CWD cwd=2F6127"), "f2F6127 f/a' ");
  // As searches read it: digits up to the first other byte, a last one alone is the upper half of a byte.
  EQUAL(Terms("type=CWD cwd=2F612"), "f2F612 f/a  ");
  EQUAL(Terms("type=CWD cwd=2F61~2F"), "f2F61~2F f/a ");
  EQUAL(Terms("type=PATH name=\"./x\""), "f./x f\x01relative ");
  EQUAL(Terms("type=SOCKADDR saddr=01002F746D7000"), "f/tmp ");
  EQUAL(Terms("type=SOCKADDR saddr=0200005001020304"), "");
  EQUAL(Terms("msg='op=x uid=5 exe=/bin/y res=success'"), "u5 x/bin/y ");
  EQUAL(Terms("pid= exe= key=\"open"), "p0 x kopen ");
}

TEST("With an index the parts without the term are not read, and the answer is the same") {
  const Directory directory;
  audit::ScanOptions options;
  options.inputs = {LogInput::File(directory.Write("log", SpreadLog(0, 6000)))};
  const std::string expected = Search(options, "needle");
  const audit::IndexBuilt built = audit::BuildIndex(directory.Path("log"), nullptr, 4000);
  OK(built.is_built && built.chunks > 50);
  OK(audit::HasIndex(directory.Path("log")));
  audit::ScanOptions narrowed = options;
  const audit::IndexUse use = NarrowWithIndex(Key("needle"), &narrowed);
  EQUAL(use.used, 1);
  OK(use.skipped_bytes > 300000);
  EQUAL(Search(narrowed, "needle"), expected);
  OK(!expected.empty());
  // Counts are those of the whole log.
  KeySearch search("needle");
  narrowed.in_order = true;
  EQUAL(audit::Scan(narrowed, {&search}, nullptr).stats.lines.records, 6000);
  // Two conditions, of which no chunk meets both.
  audit::ScanOptions none = options;
  IndexQuery both = Key("needle");
  both.all_of.push_back({{IndexField::kProcess, "300"}});
  NarrowWithIndex(both, &none);
  EQUAL(none.inputs[0].ranges->size(), 0);
}

TEST("An index that does not fit its log is refused and deleted") {
  const std::string log = SpreadLog(0, 3000);
  const auto narrow = [](const std::string& path) {
    audit::ScanOptions options;
    options.inputs = {LogInput::File(path)};
    return NarrowWithIndex(Key("needle"), &options);
  };
  for (const int fault : {0, 1, 2, 3, 4}) {
    const Directory directory;
    const std::string path = directory.Write("log", log);
    const audit::IndexBuilt built = audit::BuildIndex(path, nullptr, 4000);
    EQUAL(narrow(path).used, 1);
    std::string changed = log;
    changed[5000] = 'X';
    struct stat status;
    OK(stat(path.c_str(), &status) == 0);
    const struct timespec times[] = {status.st_atim, status.st_mtim};
    const std::string index_name = built.path.substr(built.path.rfind('/') + 1);
    std::string index;
    if (fault == 0) directory.Append("log", "x\n");
    if (fault == 1) directory.Write("log", changed);
    if (fault == 2) {
      // As somebody would who hides a change: what is not read may have been changed, what is sampled or read may not.
      changed = log;
      changed[100] = 'X';
      directory.Write("log", changed);
      OK(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    }
    if (fault == 3) OK(truncate(built.path.c_str(), static_cast<off_t>(built.bytes - 1)) == 0);
    if (fault == 4) {
      const int file = open(built.path.c_str(), O_WRONLY | O_CLOEXEC);
      OK(pwrite(file, "!", 1, static_cast<off_t>(built.bytes / 2)) == 1);
      close(file);
    }
    const audit::IndexUse use = narrow(path);
    EQUAL(use.used, 0);
    EQUAL(use.refused, 1);
    OK(access(built.path.c_str(), F_OK) != 0);
  }
}

TEST("A log that was only touched is compared as a whole, and its index used") {
  const Directory directory;
  audit::ScanOptions options;
  options.inputs = {LogInput::File(directory.Write("log", SpreadLog(0, 3000)))};
  OK(audit::BuildIndex(directory.Path("log"), nullptr, 4000).is_built);
  const struct timespec times[] = {{1, 0}, {1, 0}};
  OK(utimensat(AT_FDCWD, directory.Path("log").c_str(), times, 0) == 0);
  EQUAL(NarrowWithIndex(Key("needle"), &options).used, 1);
}

TEST("Any bytes as an index are refused") {
  const Directory directory;
  audit::ScanOptions options;
  options.inputs = {LogInput::File(directory.Write("log", SpreadLog(0, 1000)))};
  const audit::IndexBuilt built = audit::BuildIndex(directory.Path("log"), nullptr, 4000);
  OK(built.is_built);
  std::string index(built.bytes, '\0');
  const int file = open(built.path.c_str(), O_RDONLY | O_CLOEXEC);
  OK(read(file, &index[0], index.size()) == static_cast<ssize_t>(index.size()));
  close(file);
  const std::string name = built.path.substr(built.path.rfind('/') + 1);
  std::mt19937 random(3);
  for (int round = 0; round < 200; round++) {
    std::string damaged = index.substr(0, round % 10 == 0 ? random() % index.size() : index.size());
    if (!damaged.empty()) damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    directory.Write(name, damaged);
    audit::IndexContent content;
    OK(audit::ReadIndex(built.path, &content) == audit::IndexRead::kDamaged);
  }
}

TEST("Indexes follow their logs through a rotation, and orphans go") {
  const Directory directory;
  directory.Write("log.1", SpreadLog(0, 1000));
  directory.Write("log", SpreadLog(1000, 2000));
  OK(audit::BuildIndex(directory.Path("log"), nullptr).is_built);
  OK(audit::BuildIndex(directory.Path("log.1"), nullptr).is_built);
  directory.Rename("log.1", "log.2");
  directory.Rename("log", "log.1");
  directory.Write("log", SpreadLog(2000, 2100));
  OK(audit::HasIndex(directory.Path("log.1")) && audit::HasIndex(directory.Path("log.2")));
  OK(!audit::HasIndex(directory.Path("log")));
  EQUAL(audit::RemoveOrphanedIndexes(directory.Path("log")), 0);
  OK(unlink(directory.Path("log.2").c_str()) == 0);
  EQUAL(audit::RemoveOrphanedIndexes(directory.Path("log")), 1);
  OK(audit::HasIndex(directory.Path("log.1")));
}

TEST("An index is for whoever may read its log, and what was begun goes when its log has gone") {
  const Directory directory;
  const std::string log = directory.Write("log.1", SpreadLog(0, 100));
  EQUAL(chmod(log.c_str(), 0640), 0);
  const audit::IndexBuilt built = audit::BuildIndex(log, nullptr);
  struct stat status;
  EQUAL(stat(built.path.c_str(), &status), 0);
  EQUAL(status.st_mode & 0777, 0640);
  const std::string begun = directory.Write(".log.index-1.new", "");
  EQUAL(audit::RemoveOrphanedIndexes(directory.Path("log")), 0);  // a rotation is under way
  directory.Write("log", "");
  EQUAL(audit::RemoveOrphanedIndexes(directory.Path("log")), 1);
  OK(access(begun.c_str(), F_OK) != 0);
  OK(audit::HasIndex(log));
}

TEST("A compressed, an empty and a missing log have no index") {
  const Directory directory;
  OK(!audit::BuildIndex(directory.Write("gz", scan_test::Gzip("x\n")), nullptr).is_built);
  OK(!audit::BuildIndex(directory.Write("empty", ""), nullptr).is_built);
  EQUAL(audit::BuildIndex(directory.Path("none"), nullptr).error, ENOENT);
}

// Clocks that jump, events that lie between one another, nodes, final and late records, broken lines; several files of
// which the first ones are indexed; time ranges anywhere.
TEST("Whatever the log, the answer with an index is the answer without") {
  std::mt19937 random(7);
  const auto pick = [&random](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  const char* const types[] = {"SYSCALL", "SYSCALL", "PATH", "CWD", "PROCTITLE", "EOE", "USER_LOGIN", "AVC"};
  int narrowed_files = 0, skipping = 0;
  for (int round = 0; round < 300; round++) {
    const Directory directory;
    const int jumps = pick(3), nodes = pick(3), late = pick(3) == 0 ? 3 : 40;
    int64_t seconds = 1700000000;
    const int64_t first_second = seconds;
    uint32_t serial = 0;
    std::vector<std::tuple<int64_t, int, uint32_t, std::string>> keys;
    audit::ScanOptions options;
    const int files = 1 + pick(3);
    const int indexed = pick(files + 1);
    for (int number = 0; number < files; number++) {
      std::string log;
      for (int index = 0, count = pick(200); index < count; index++) {
        if (pick(4) == 0) seconds += pick(3);
        if (jumps == 0 && pick(60) == 0) seconds -= pick(5);
        if (keys.empty() || pick(5) < 3) {
          keys.emplace_back(seconds, pick(2), jumps == 1 ? 5 - static_cast<uint32_t>(pick(5)) : ++serial,
                            nodes == 0 ? (pick(2) == 0 ? "a" : "b") : "");
        }
        const size_t back = static_cast<size_t>(pick(pick(late) == 0 ? 20 : 2)) % keys.size();
        const auto& [second, millisecond, number_in, node] = keys[keys.size() - 1 - back];
        log +=
            Line(types[pick(8)], second, millisecond, number_in,
                 std::string("key=\"") + (pick(25) == 0 ? "needle" : "hay") + "\" n=" + std::to_string(index), node) +
            '\n';
        if (pick(40) == 0) log += pick(2) == 0 ? "garbage\n" : "type=CWD msg=audit(1700000000.9999:1): x\n";
      }
      const std::string path = directory.Write("log" + std::to_string(number), log);
      options.inputs.push_back(LogInput::File(path));
      if (number < indexed) audit::BuildIndex(path, nullptr, 100);
    }
    const int length = std::max(2, static_cast<int>(seconds - first_second) + 2);
    if (pick(2) == 0) options.lines.start = first_second + pick(length);
    if (pick(3) == 0) options.lines.end = first_second + pick(length);
    if (pick(3) == 0) options.end_of_event_timeout = 1 + static_cast<uint32_t>(pick(5));
    audit::ScanOptions narrowed = options;
    const audit::IndexUse use = NarrowWithIndex(Key("needle"), &narrowed);
    narrowed_files += static_cast<int>(use.used);
    if (use.skipped_bytes > 0) ++skipping;
    EQUAL(Search(narrowed, "needle"), Search(options, "needle"));
  }
  // Or nothing was tested.
  OK(narrowed_files > 100);
  OK(skipping > 50);
}
