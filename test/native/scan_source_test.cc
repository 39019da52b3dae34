#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "check.h"
#include "native/scan/log_set.h"
#include "native/scan/log_source.h"
#include "native/scan/needle.h"
#include "scan_support.h"

using audit::LogInput;
using audit::LogSource;
using scan_test::Directory;
using scan_test::Gzip;
using scan_test::Line;

namespace {

std::string Read(const LogInput& input, LogSource::Damage* damage = nullptr) {
  const std::unique_ptr<LogSource> source = LogSource::Open(input);
  if (source == nullptr) return "(not opened)";
  std::string text;
  char bytes[1000];
  for (ssize_t count = source->Read(bytes, sizeof bytes); count > 0; count = source->Read(bytes, sizeof bytes)) {
    text.append(bytes, static_cast<size_t>(count));
  }
  if (damage != nullptr) *damage = source->Found();
  return text;
}

std::string Names(const std::vector<LogInput>& set) {
  std::string names;
  for (const LogInput& input : set) names += input.path.substr(input.path.rfind('/') + 1) + ' ';
  return names;
}

std::string Records(int from, int to) {
  std::string text;
  for (int serial = from; serial < to; serial++) {
    text += Line("SYSCALL", 1700000000 + serial, 0, static_cast<uint32_t>(serial)) + '\n';
  }
  return text;
}

std::string Events(int from, int to) {
  std::string text;
  for (int serial = from; serial < to; serial++) text += Records(serial, serial + 1) + '\n';
  return text;
}

}  // namespace

TEST("A set is the log and its generations up to the first that is missing, the oldest first") {
  const Directory directory;
  for (const char* const name : {"log", "log.1", "log.2.gz", "log.3", "log.5", "log.03", "log.x"})
    directory.Write(name, "");
  EQUAL(Names(audit::FindLogSet(directory.Path("log"))), "log.3 log.2.gz log.1 log ");
  directory.Write("log.2", "");
  EQUAL(Names(audit::FindLogSet(directory.Path("log"))), "log.3 log.2 log.1 log ");
  EQUAL(audit::FindLogSet(directory.Path("none")).size(), 0);
  EQUAL(errno, ENOENT);
}

TEST("A search begins one file before the first whose time is later") {
  const Directory directory;
  directory.Write("log.3", Records(0, 5));
  directory.Write("log.2.gz", Gzip(Records(10, 15)));
  directory.Write("log.1", Records(20, 25));
  directory.Write("log", Records(30, 35));
  const std::vector<LogInput> set = audit::FindLogSet(directory.Path("log"));
  EQUAL(audit::FirstWanted(set, 1700000000 - 5), 0);
  EQUAL(audit::FirstWanted(set, 1700000003), 0);
  EQUAL(audit::FirstWanted(set, 1700000012), 1);
  EQUAL(audit::FirstWanted(set, 1700000020), 2);
  EQUAL(audit::FirstWanted(set, 1700000099), 0);  // as the reference
}

TEST("gzip is read as what was packed, in one stream or several") {
  const Directory directory;
  const std::string text = Records(0, 20000);
  LogSource::Damage damage;
  EQUAL(Read(LogInput::File(directory.Write("one", Gzip(text))), &damage) == text, true);
  OK(damage == LogSource::Damage::kNone);
  EQUAL(Read(LogInput::File(directory.Write("two", Gzip(text) + Gzip("more\n")))) == text + "more\n", true);
  EQUAL(Read(LogInput::Buffer(Gzip("x\n"), "b")), "x\n");
  EQUAL(Read(LogInput::File(directory.Write("empty", Gzip("")))), "");
  EQUAL(Read(LogInput::File(directory.Write("tape", Gzip("x\n") + std::string(512, '\0'))), &damage), "x\n");
  OK(damage == LogSource::Damage::kNone);
}

TEST("What is good in damaged gzip comes out, and the damage is told") {
  const Directory directory;
  const std::string text = Records(0, 20000);
  const std::string packed = Gzip(text);
  LogSource::Damage damage;
  const std::string half = Read(LogInput::File(directory.Write("half", packed.substr(0, packed.size() / 2))), &damage);
  OK(damage == LogSource::Damage::kTruncatedGzip);
  OK(half.size() > text.size() / 4 && text.compare(0, half.size(), half) == 0);
  std::string broken = packed;
  for (size_t at = broken.size() / 2; at < broken.size() / 2 + 50; at++) broken[at] = '\xff';
  OK(Read(LogInput::File(directory.Write("broken", broken)), &damage).size() > text.size() / 4);
  OK(damage == LogSource::Damage::kDamagedGzip);
  EQUAL(Read(LogInput::File(directory.Write("trailing", Gzip("x\n") + "garbage")), &damage), "x\n");
  OK(damage == LogSource::Damage::kTrailingBytes);
  for (size_t size = 3; size < 12; size++) {
    EQUAL(Read(LogInput::File(directory.Write("head", packed.substr(0, size))), &damage), "");
    OK(damage == LogSource::Damage::kTruncatedGzip);
  }
}

TEST("A directory and a missing file are not opened") {
  const Directory directory;
  OK(LogSource::Open(LogInput::File(directory.Path("."))) == nullptr);
  EQUAL(errno, EISDIR);
  OK(LogSource::Open(LogInput::File(directory.Path("none"))) == nullptr);
  EQUAL(errno, ENOENT);
}

TEST("A file that was rotated after the set was listed is found under its new name") {
  const Directory directory;
  directory.Write("log.1", "old\n");
  directory.Write("log", "new\n");
  const std::vector<LogInput> set = audit::FindLogSet(directory.Path("log"));
  directory.Rename("log.1", "log.2");
  directory.Rename("log", "log.1");
  directory.Write("log", "later\n");
  EQUAL(Read(set[0]), "old\n");
  EQUAL(Read(set[1]), "new\n");
}

TEST("A file cut while it is read ends early") {
  const Directory directory;
  const std::string path = directory.Write("log", Records(0, 1000));
  const std::unique_ptr<LogSource> source = LogSource::Open(LogInput::File(path));
  char bytes[100];
  EQUAL(source->Read(bytes, sizeof bytes), 100);
  OK(truncate(path.c_str(), 10) == 0);
  EQUAL(source->Read(bytes, sizeof bytes), 0);
}

TEST("A needle is found wherever it is") {
  for (const size_t size : {1, 2, 3, 4, 7, 16, 33}) {
    const std::string needle = std::string(size - 1, 'a') + 'b';
    for (size_t before = 0; before < 70; before++) {
      for (const size_t after : {0, 1, 15, 16, 40}) {
        const std::string text = std::string(before, 'a') + needle + std::string(after, 'b');
        const char* const found = audit::FindNeedle(text, needle);
        EQUAL(found == nullptr ? size_t{999} : static_cast<size_t>(found - text.data()), text.find(needle));
      }
      OK(audit::FindNeedle(std::string(before, 'a'), needle) == nullptr);
    }
  }
}

namespace {

// Follows a log in a thread of its own.
class Following {
 public:
  explicit Following(const std::string& path, int pause_milliseconds = 20) {
    options_.inputs = {LogInput::File(path)};
    options_.follow = true;
    options_.pause_milliseconds = pause_milliseconds;
    options_.control = &control_;
    thread_ = std::thread([this] { result_ = audit::Scan(options_, {&printers_[0], &printers_[1]}, &sink_); });
  }
  bool Shows(const std::string& text) {
    for (int tries = 0; tries < 3000; tries++) {
      if (sink_.Bytes() == text) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  audit::ScanResult End() {
    control_.Cancel();
    thread_.join();
    return result_;
  }

 private:
  audit::ScanControl control_;
  audit::ScanOptions options_ = [] {
    audit::ScanOptions options;
    options.threads = 2;
    return options;
  }();
  scan_test::LinePrinter printers_[2];
  scan_test::StringSink sink_;
  audit::ScanResult result_;
  std::thread thread_;
};

}  // namespace

TEST("A followed log gives what is appended, in whole lines, across rotations and cuts") {
  const Directory directory;
  const std::string path = directory.Write("log", Records(0, 3));
  Following following(path);
  OK(following.Shows(Events(0, 3)));
  const std::string line = Records(3, 4);
  directory.Append("log", line.substr(0, 20));
  directory.Append("log", line.substr(20));
  OK(following.Shows(Events(0, 4)));
  // Two rotations, before and behind which something is written.
  directory.Append("log", Records(4, 5));
  directory.Rename("log", "log.1");
  directory.Append("log.1", Records(5, 6));
  directory.Write("log", Records(6, 7));
  OK(following.Shows(Events(0, 7)));
  directory.Rename("log.1", "log.2");
  directory.Rename("log", "log.1");
  directory.Write("log", Records(7, 9));
  OK(following.Shows(Events(0, 9)));
  // Shorter than what was read: a log that was copied away and cut.
  directory.Write("log", Records(9, 10));
  OK(following.Shows(Events(0, 10)));
  OK(following.End().end == audit::ScanResult::End::kCancelled);
}

TEST("A pipe that pauses has its events completed, and goes on") {
  int ends[2];
  OK(pipe2(ends, O_CLOEXEC) == 0);
  audit::ScanOptions options;
  options.threads = 2;
  options.pause_milliseconds = 20;
  options.inputs = {LogInput::Descriptor(ends[0], "pipe")};
  scan_test::LinePrinter printers[2];
  scan_test::StringSink sink;
  audit::ScanResult result;
  std::thread thread([&] { result = audit::Scan(options, {&printers[0], &printers[1]}, &sink); });
  const auto write_all = [&](const std::string& text) {
    OK(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  };
  write_all(Records(0, 1) + Records(1, 2).substr(0, 10));
  while (sink.Bytes() != Events(0, 1)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  write_all(Records(1, 2).substr(10));
  while (sink.Bytes() != Events(0, 2)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  write_all(Records(2, 3).substr(0, 40));  // a last line without its end
  close(ends[1]);
  thread.join();
  close(ends[0]);
  OK(result.end == audit::ScanResult::End::kComplete);
  EQUAL(sink.Bytes().size(), Events(0, 2).size() + 42);
}

TEST("A scan that waits for a pipe is cancelled, and stopped by a consumer") {
  int ends[2];
  OK(pipe2(ends, O_CLOEXEC) == 0);
  {
    audit::ScanControl control;
    audit::ScanOptions options;
    options.control = &control;
    options.inputs = {LogInput::Descriptor(ends[0], "pipe")};
    std::thread thread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      control.Cancel();
    });
    OK(scan_test::ScanWith(options).result.end == audit::ScanResult::End::kCancelled);
    thread.join();
  }
  const std::string text = Records(0, 10);
  OK(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  audit::ScanOptions options;
  options.inputs = {LogInput::Descriptor(ends[0], "pipe")};
  const scan_test::Scanned scanned = scan_test::ScanWith(options, ":3)");
  OK(scanned.result.end == audit::ScanResult::End::kStopped);
  EQUAL(scanned.text, Events(0, 4));
  close(ends[0]);
  close(ends[1]);
}
