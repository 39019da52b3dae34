#include <errno.h>
#include <signal.h>

#include <atomic>

#include "check.h"
#include "native/scan/engine.h"
#include "scan_support.h"

using audit::LogInput;
using audit::ScanResult;
using scan_test::Line;
using scan_test::ScanText;
using scan_test::ScanWith;

namespace {

std::string BigLog(int events) {
  std::string log;
  for (int serial = 0; serial < events; serial++) {
    const int64_t seconds = 1700000000 + serial / 50;
    const auto number = static_cast<uint32_t>(serial);
    const std::string key = serial % 977 == 0 ? "needle" : "hay";
    log += Line("SYSCALL", seconds, serial % 50, number, "key=\"" + key + "\" " + std::string(number % 300, 'x')) +
           "\x1dUID=\"root\"\n";
    log += Line("CWD", seconds, serial % 50, number, "cwd=\"/\"") + '\n';
    if (serial % 3 == 0) log += Line("PROCTITLE", seconds, serial % 50, number) + '\n';
  }
  return log;
}

class Counter : public audit::Consumer {
 public:
  void Consume(const audit::Event& event, audit::Output*) override {
    if (is_inside_.exchange(true)) overlaps_ = true;
    is_ordered_ = is_ordered_ && event.stamp.serial >= last_;
    last_ = event.stamp.serial;
    ++events;
    is_inside_ = false;
  }
  uint64_t events = 0;
  bool IsOrderly() const { return is_ordered_ && !overlaps_; }

 private:
  std::atomic<bool> is_inside_{false};
  bool overlaps_ = false;
  bool is_ordered_ = true;
  uint32_t last_ = 0;
};

}  // namespace

TEST("However many threads there are, the output is the same") {
  const std::string log = BigLog(20000);
  audit::ScanOptions options;
  options.threads = 1;
  const scan_test::Scanned one = ScanText(log, options);
  EQUAL(one.result.stats.groups.events, 20000);
  EQUAL(one.result.stats.matches, 20000);
  EQUAL(one.result.stats.bytes, log.size());
  for (const unsigned threads : {2u, 3u, 8u}) {
    options.threads = threads;
    EQUAL(ScanText(log, options).text == one.text, true);
  }
}

TEST("A consumer's stop is the last thing written") {
  const std::string log = BigLog(20000);
  for (const unsigned threads : {1u, 4u}) {
    audit::ScanOptions options;
    options.threads = threads;
    options.inputs = {LogInput::Buffer(log, "memory")};
    const scan_test::Scanned scanned = ScanWith(options, ":6839)");  // 7 * 977
    OK(scanned.result.end == ScanResult::End::kStopped);
    EQUAL(scanned.result.stats.matches, 6840);
    const size_t last = scanned.text.rfind("type=SYSCALL");
    EQUAL(scanned.text.substr(last, 41), "type=SYSCALL msg=audit(1700000136.039:683");
  }
}

TEST("Needles give the events with a line that holds one, whole") {
  const std::string log = BigLog(20000);
  audit::ScanOptions options;
  options.lines.needles = {"\"needle\"", "\"nothing\""};
  const scan_test::Scanned scanned = ScanText(log, options);
  EQUAL(scanned.result.stats.consumed, 21);
  EQUAL(scanned.result.stats.groups.events, 20000);
  std::string expected;
  for (int serial = 0; serial < 20000; serial += 977) {
    const std::string all = BigLog(serial + 1);
    size_t from = all.rfind("type=SYSCALL");
    expected += all.substr(from) + '\n';
  }
  EQUAL(scanned.text == expected, true);
}

TEST("One consumer gets everything in order when that is asked for") {
  const std::string log = BigLog(20000);
  audit::ScanOptions options;
  options.threads = 4;
  options.in_order = true;
  options.inputs = {LogInput::Buffer(log, "memory")};
  Counter counter;
  const ScanResult result = audit::Scan(options, {&counter}, nullptr);
  EQUAL(counter.events, 20000);
  OK(counter.IsOrderly());
  EQUAL(result.last_stamp.serial, 19999);
}

TEST("With fewer consumers than threads there are fewer threads") {
  const std::string log = BigLog(2000);
  audit::ScanOptions options;
  options.threads = 8;
  options.inputs = {LogInput::Buffer(log, "memory")};
  Counter counter;
  audit::Scan(options, {&counter}, nullptr);
  EQUAL(counter.events, 2000);
  OK(counter.IsOrderly());
}

TEST("Records outside the time range are dropped before they are grouped") {
  std::string log;
  for (int second = 0; second < 100; second++) log += Line("USER_LOGIN", 1700000000 + second, 0, 7) + '\n';
  audit::ScanOptions options;
  options.lines.start = 1700000010;
  options.lines.end = 1700000019;
  const scan_test::Scanned scanned = ScanText(log, options);
  EQUAL(scanned.result.stats.groups.events, 10);
  EQUAL(scanned.result.stats.lines.out_of_range, 90);
  EQUAL(scanned.result.stats.lines.records, 100);
}

TEST("Events go on from one input to the next; lines are counted in each") {
  class Watcher : public audit::BadStampWatcher {
   public:
    void OnBadStamp(uint32_t file, uint64_t line, std::string_view stamp) override {
      seen += std::to_string(file) + ':' + std::to_string(line) + ' ' + std::string(stamp) + '\n';
    }
    std::string seen;
  };
  const std::string bad = "type=CWD msg=audit(1700000000.9999:1): x\n";
  const std::string first = "\nx\n" + Line("SYSCALL", 1700000000, 0, 5) + '\n' + bad;
  const std::string second = Line("CWD", 1700000000, 0, 5) + '\n' + bad + Line("CWD", 1700000000, 0, 6);
  audit::ScanOptions options;
  Watcher watcher;
  options.bad_stamps = &watcher;
  options.inputs = {LogInput::Buffer(first, "a"), LogInput::Buffer(second, "b")};
  const scan_test::Scanned scanned = ScanWith(options);
  EQUAL(scanned.text, Line("SYSCALL", 1700000000, 0, 5) + '\n' + Line("CWD", 1700000000, 0, 5) + "\n\n" +
                          Line("CWD", 1700000000, 0, 6) + "\n\n");
  EQUAL(watcher.seen, "0:4 1700000000.9999:1\n1:2 1700000000.9999:1\n");
  EQUAL(scanned.result.stats.lines.lines, 7);
  EQUAL(scanned.result.stats.lines.malformed, 3);
}

TEST("A program's line is cut to pieces of 8969 bytes, each looked at as a line") {
  const std::string start = Line("CWD", 1700000000, 0, 5, std::string(8969, 'x')).substr(0, 8969);
  const std::string rest = Line("CWD", 1700000000, 0, 6);
  scan_test::Scanned scanned = ScanText(start + rest + '\n');
  EQUAL(scanned.text, start + "\n\n" + rest + "\n\n");
  EQUAL(scanned.result.stats.lines.cut, 1);
  EQUAL(scanned.result.stats.lines.lines, 1);
  // One that just fits, with its newline.
  scanned = ScanText(start.substr(1 - 1, 8968) + '\n');
  EQUAL(scanned.text.size(), 8970);
  EQUAL(scanned.result.stats.lines.cut, 0);
}

TEST("Long lines cost bounded memory, whatever is behind them") {
  const std::string behind = Line("CWD", 1700000000, 0, 6) + '\n';
  for (const size_t size : {size_t{255} << 10, (size_t{256} << 10) - 1, size_t{256} << 10, size_t{1} << 20,
                            (size_t{1} << 20) + 1, size_t{5} << 20}) {
    const std::string line = Line("CWD", 1700000000, 0, 5, "y=1 ");
    const std::string log = line + std::string(size - line.size(), 'x') + '\n' + behind;
    audit::ScanOptions options;
    scan_test::Scanned scanned = ScanText(log, options);
    EQUAL(scanned.text.substr(scanned.text.size() - behind.size() - 1), behind + '\n');
    EQUAL(scanned.result.stats.groups.events, 2);
    options.group = audit::GroupRules::kLibrary;
    options.lines.header = audit::HeaderRules::kLibrary;
    scanned = ScanText(log, options);
    EQUAL(scanned.result.stats.groups.events, 2);
    EQUAL(scanned.result.stats.lines.lines, 2);
    EQUAL(scanned.text.find('\n'), size > audit::kLibraryLine ? audit::kLibraryLine : size);
    EQUAL(scanned.result.stats.lines.cut, size > audit::kLibraryLine ? 1 : 0);
  }
}

TEST("An input that cannot be opened ends the scan after what came before it") {
  const std::string log = BigLog(10);
  audit::ScanOptions options;
  options.inputs = {LogInput::Buffer(log, "a"), LogInput::File("/nonexistent/log"), LogInput::Buffer(log, "b")};
  const scan_test::Scanned scanned = ScanWith(options);
  OK(scanned.result.end == ScanResult::End::kFailed && scanned.result.failed_to_open);
  EQUAL(scanned.result.path, "/nonexistent/log");
  EQUAL(scanned.result.error, ENOENT);
  EQUAL(scanned.result.stats.groups.events, 10);
}

TEST("A reader that goes away ends the scan") {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  OK(pipe2(ends, O_CLOEXEC) == 0);
  close(ends[0]);
  const std::string log = BigLog(100);
  audit::ScanOptions options;
  options.threads = 2;
  options.inputs = {LogInput::Buffer(log, "memory")};
  scan_test::LinePrinter printers[2];
  audit::DescriptorSink sink(ends[1], -1);
  OK(audit::Scan(options, {&printers[0], &printers[1]}, &sink).end == ScanResult::End::kSinkEnded);
  EQUAL(sink.Error(), EPIPE);
  close(ends[1]);
}

TEST("An empty input is complete and has no events") {
  const scan_test::Scanned scanned = ScanText("");
  OK(scanned.result.end == ScanResult::End::kComplete && !scanned.result.has_last);
  EQUAL(scanned.result.stats.lines.lines, 0);
  audit::ScanOptions none;
  OK(ScanWith(none).result.end == ScanResult::End::kComplete);
}
