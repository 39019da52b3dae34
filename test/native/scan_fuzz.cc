// Any bytes as a log, as gzip, and in pieces of several inputs: nothing is read past its end, every line with a good
// head comes out exactly once, and the order does not depend on how many threads there are.
#include <cstdio>
#include <cstdlib>
#include <map>

#include "scan_support.h"

namespace {

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// What has to come out, with how often: found line by line, without blocks.
std::map<std::string, int> Expected(std::string_view text, const audit::ScanOptions& options) {
  std::map<std::string, int> expected;
  const bool is_tool = options.lines.header == audit::HeaderRules::kTool;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    do {
      const bool fits =
          line.size() < audit::kToolLine || (newline == std::string_view::npos && line.size() == audit::kToolLine);
      const std::string_view piece = is_tool && !fits ? line.substr(0, audit::kToolLine) : line;
      line.remove_prefix(piece.size());
      audit::Record record;
      const audit::HeaderFault fault = audit::ParseHeader(piece, options.lines.header, &record);
      if (fault == audit::HeaderFault::kNoHead || fault == audit::HeaderFault::kBadStamp) continue;
      const audit::Event event = {record.stamp, record.has_node, record.node, &record, 1};
      ++expected[scan_test::Lines(event)];
    } while (!line.empty());
  }
  return expected;
}

class Collector : public audit::Consumer {
 public:
  void Consume(const audit::Event& event, audit::Output* output) override {
    Require(event.count > 0, "an event has records");
    for (size_t index = 0; index < event.count; index++) {
      const audit::Record& record = event.records[index];
      Require(record.stamp.serial == event.stamp.serial && record.stamp.seconds == event.stamp.seconds &&
                  record.node == event.node && record.has_node == event.has_node,
              "an event's records share its identity");
      Require(record.body <= record.text.size(), "the body lies in the text");
      Require(record.text.find('\n') == std::string_view::npos, "a record is one line");
      const audit::Event single = {record.stamp, record.has_node, record.node, &record, 1};
      ++seen[scan_test::Lines(single)];
    }
    output->bytes += scan_test::Lines(event) + '\n';
  }
  std::map<std::string, int> seen;
};

std::string Scan(const audit::ScanOptions& options, Collector* merged, audit::ScanResult* result) {
  std::vector<Collector> collectors(options.threads);
  std::vector<audit::Consumer*> consumers;
  for (Collector& collector : collectors) consumers.push_back(&collector);
  scan_test::StringSink sink;
  *result = audit::Scan(options, consumers, &sink);
  for (const Collector& collector : collectors) {
    for (const auto& [line, count] : collector.seen) merged->seen[line] += count;
  }
  return sink.Bytes();
}

void Check(std::string_view text, const audit::ScanOptions& options) {
  Collector all;
  audit::ScanResult result;
  const std::string one = Scan(options, &all, &result);
  std::map<std::string, int> missing = Expected(text, options);
  for (const auto& [line, count] : all.seen) {
    Require(missing.count(line) != 0 && missing[line] >= count, "nothing comes out that was not in the log");
    if ((missing[line] -= count) == 0) missing.erase(line);
  }
  uint64_t lost = 0;
  for (const auto& [line, count] : missing) lost += static_cast<uint64_t>(count);
  Require(lost == result.stats.groups.dropped_eoe + result.stats.groups.dropped_records,
          "only what was counted as dropped is missing");
  audit::ScanOptions threads = options;
  threads.threads = 2;
  Collector again;
  Require(Scan(threads, &again, &result) == one, "the order does not depend on the threads");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint8_t mode = data[0];
  std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  // Longer lines and blocks than a fuzzer makes by itself.
  if ((mode & 1) != 0) {
    std::string longer;
    for (int times = 0; times < 40; times++) longer += text + std::string(times * 700u, 'x');
    text.swap(longer);
  }
  const bool is_gzip = text.size() > 3 && text.compare(0, 3, "\x1f\x8b\x08") == 0;
  audit::ScanOptions options;
  options.threads = 1;
  if ((mode & 2) != 0) {
    options.group = audit::GroupRules::kLibrary;
    options.lines.header = audit::HeaderRules::kLibrary;
  }
  if ((mode & 4) != 0) options.limits.open_bytes = size_t{300} << 10;
  if ((mode & 8) != 0) options.limits.event_records = 3;
  const std::string packed = (mode & 16) != 0 ? scan_test::Gzip(text) : text;
  options.inputs = {audit::LogInput::Buffer(packed, "memory")};
  if (is_gzip && (mode & 16) == 0) {
    Collector all;
    audit::ScanResult result;
    Scan(options, &all, &result);
  } else {
    Check(text, options);
  }
  if ((mode & 32) != 0) {
    // Damaged gzip: whatever comes out, it ends.
    std::string damaged = scan_test::Gzip(text);
    damaged[size * 7 % damaged.size()] ^= static_cast<char>(mode | 1);
    options.inputs = {audit::LogInput::Buffer(damaged, "damaged"),
                      audit::LogInput::Buffer(std::string_view(text).substr(0, 100), "next")};
    Collector all;
    audit::ScanResult result;
    Scan(options, &all, &result);
  }
  return 0;
}
