// native/report over small logs in memory: what a run prints, whatever the number of threads.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "check.h"
#include "native/report/counter.h"
#include "native/report/report_scan.h"

namespace {

using audit::ReportFormat;
using audit::ReportKind;

std::string TextOf(int descriptor) {
  std::string text(static_cast<size_t>(lseek(descriptor, 0, SEEK_END)), '\0');
  OK(pread(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  return text;
}

struct Printed {
  std::string out;
  std::string errors;
  audit::ReportResult result;
};

Printed Run(std::string_view log, audit::ReportRun run, unsigned threads = 1) {
  run.output = memfd_create("output", 0);
  run.errors = memfd_create("errors", 0);
  audit::ScanOptions scan;
  scan.inputs = {audit::LogInput::Buffer(log, "log")};
  scan.threads = threads;
  Printed printed;
  printed.result = audit::RunReport(run, scan);
  printed.out = TextOf(run.output) + printed.result.rest;
  printed.errors = TextOf(run.errors);
  close(run.output);
  close(run.errors);
  return printed;
}

audit::ReportRun Of(ReportKind kind) {
  audit::ReportRun run;
  run.report.kind = kind;
  return run;
}

std::string Login(int serial, const std::string& account, const std::string& host, const std::string& result) {
  return "type=USER_LOGIN msg=audit(1700000000.123:" + std::to_string(serial) +
         "): pid=9 uid=0 auid=4294967295 ses=1 msg='op=login acct=\"" + account + "\" exe=\"/sshd\" hostname=" + host +
         " addr=? terminal=ssh res=" + result + "'\n";
}

}  // namespace

TEST("Rows have numbers as text, and none as JSON and CSV") {
  setenv("TZ", "UTC", 1);
  const std::string log = Login(1, "alice", "h1", "success") + Login(2, "bob", "h2", "failed");
  EQUAL(Run(log, Of(ReportKind::kLogin)).out,
        "1. 11/14/23 22:13:20 -1 h1 ssh /sshd yes 1\n2. 11/14/23 22:13:20 bob h2 ssh /sshd no 2\n");
  audit::ReportRun run = Of(ReportKind::kLogin);
  run.report.format = ReportFormat::kJson;
  run.report.only = audit::Success::kNo;
  EQUAL(Run(log, run).out,
        "{\"time\":\"2023-11-14T22:13:20.123Z\",\"auid\":\"bob\",\"host\":\"h2\",\"term\":\"ssh\",\"exe\":\"/sshd\","
        "\"success\":\"no\",\"event\":2}\n");
  run.report.format = ReportFormat::kCsv;
  EQUAL(Run(log, run).out, "2023-11-14T22:13:20.123Z,bob,h2,ssh,/sshd,no,2\n");
}

TEST("Threads change nothing: neither the order of rows nor of equal counts") {
  std::string log;
  for (int serial = 1; serial <= 20000; serial++) {
    log += Login(serial, "a" + std::to_string(serial % 997), "h" + std::to_string(serial % 499), "success");
  }
  for (const ReportKind kind : {ReportKind::kLogin, ReportKind::kHost, ReportKind::kOverview}) {
    audit::ReportRun run = Of(kind);
    for (const bool is_summary : {false, true}) {
      run.report.is_summary = is_summary;
      EQUAL(Run(log, run, 4).out == Run(log, run, 1).out, true);
    }
  }
}

TEST("A terminal gets no control byte") {
  const std::string log = Login(1, "alice", "\x1b[31mred", "success");
  audit::ReportRun run = Of(ReportKind::kHost);
  OK(Run(log, run).out.find('\x1b') != std::string::npos);
  run.report.is_for_terminal = true;
  OK(Run(log, run).out.find('\x1b') == std::string::npos);
  OK(Run(log, run).out.find("\\033[31mred") != std::string::npos);
  for (const ReportFormat format : {ReportFormat::kCsv, ReportFormat::kJson}) {
    run.report.format = format;
    OK(Run(log, run).out.find('\x1b') == std::string::npos);
  }
}

TEST("What a record lacks is told, in the order of the log") {
  const std::string log =
      "type=SOCKADDR msg=audit(1700000000.1:1): saddr=0200\n"
      "type=SYSCALL msg=audit(1700000000.2:2): syscall=1\n"
      "type=EOE msg=audit(99999999999999999999.1:3): \n";
  audit::ReportRun run = Of(ReportKind::kHost);
  EQUAL(Run(log, run).errors, "Error extracting time stamp (99999999999999999999.1:3)\nsockaddr len too short\n");
  run.reports_malformed = true;
  const Printed printed = Run(log, run);
  EQUAL(printed.result.malformed_events, 2u);
  OK(printed.errors.find("Malformed event skipped, rc=5. type=SYSCALL") != std::string::npos);
  run.report.kind = ReportKind::kLog;
  const Printed ranges = Run(log, run);
  EQUAL(ranges.out, "");
  OK(ranges.errors.find("Malformed event skipped, rc=5. type=SYSCALL") != std::string::npos);
}

TEST("Bytes that are no UTF-8, quotes and control bytes make valid JSON; commas and quotes valid CSV") {
  audit::ReportRun run = Of(ReportKind::kHost);
  run.report.format = ReportFormat::kJson;
  const std::string log = Login(1, "x", "a\"\\\xFF\x01\xC3\xA9", "success");
  const std::string row = Run(log, run).out;
  OK(row.find("\"host\":\"a\\\"\\\\\\ufffd\\u0001\xC3\xA9\"") != std::string::npos);
  OK(row.find(R"(,"not_utf8":[{"at":"/host","base64":"YSJc/wHDqQ=="}]})") != std::string::npos);
  run.report.format = ReportFormat::kCsv;
  OK(Run(Login(1, "x", "a\"b", "success"), run).out.find(",\"a\"\"b\",") != std::string::npos);
}

TEST("Names that differ in bytes that are no text are told apart in JSON") {
  audit::ReportRun run = Of(ReportKind::kHost);
  run.report.is_summary = true;
  run.report.format = ReportFormat::kJson;
  EQUAL(Run(Login(1, "x", "a\xFE", "success") + Login(2, "x", "a\xFF", "success"), run).out,
        "{\"total\":1,\"host\":\"a\\ufffd\",\"not_utf8\":[{\"at\":\"/host\",\"base64\":\"Yf4=\"}]}\n"
        "{\"total\":1,\"host\":\"a\\ufffd\",\"not_utf8\":[{\"at\":\"/host\",\"base64\":\"Yf8=\"}]}\n");
}

TEST("A time that RFC 3339 has no form for is null, and empty in CSV") {
  const std::string log =
      "type=USER_LOGIN msg=audit(9000000000000.007:7): pid=9 uid=0 auid=0 ses=1 msg='op=login "
      "exe=\"/sshd\" hostname=h addr=? terminal=ssh res=success'\n";
  audit::ReportRun run = Of(ReportKind::kHost);
  run.report.format = ReportFormat::kJson;
  OK(Run(log, run).out.find("{\"time\":null,\"host\":\"h\"") == 0);
  run.report.format = ReportFormat::kCsv;
  OK(Run(log, run).out.find(",h,") == 0);
}

TEST("A log without an event of the kind has no rows") {
  EQUAL(Run("", Of(ReportKind::kLogin)).result.has_rows, false);
  EQUAL(Run(Login(1, "a", "h", "success"), Of(ReportKind::kAvc)).result.has_rows, false);
  EQUAL(Run("type=USER_LOGIN msg=audit(17", Of(ReportKind::kLogin)).result.has_rows, false);
}

TEST("A counter counts, merges and sorts by count, then by first appearance") {
  audit::Counter one;
  audit::Counter other;
  for (int number = 0; number < 1000; number++) one.Add(std::to_string(number % 100), number);
  other.Add("new", -1, 10);
  other.Add("7", 5000, 5);
  one.Merge(other);
  const auto sorted = one.Sorted();
  EQUAL(sorted.size(), 101u);
  EQUAL(sorted[0].text, "7");
  EQUAL(sorted[0].count, 15u);
  EQUAL(sorted[1].text, "new");
  EQUAL(sorted[2].text, "0");
}
