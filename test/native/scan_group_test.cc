#include <algorithm>
#include <random>

#include "check.h"
#include "native/scan/grouper.h"
#include "native/scan/header.h"
#include "scan_support.h"

using audit::GroupEnd;
using audit::Grouper;
using audit::GroupRules;
using scan_test::Line;

namespace {

// The rules as they are written down, with a search through everything for every record.
class PlainGrouper {
 public:
  PlainGrouper(GroupRules rules, int64_t timeout) : rules_(rules), timeout_(timeout) {}

  void Add(const std::string& line) {
    audit::Record record;
    if (audit::ParseHeader(line, audit::HeaderRules::kTool, &record) != audit::HeaderFault::kNone) return;
    Held* held = nullptr;
    for (Held& other : slots_) {
      if (other.state == kBuilding && other.stamp.seconds == record.stamp.seconds &&
          other.stamp.milliseconds == record.stamp.milliseconds && other.stamp.serial == record.stamp.serial &&
          other.has_node == record.has_node && other.node == record.node) {
        held = &other;
        break;
      }
    }
    bool starts = false;
    if (held == nullptr) {
      if (record.type == 1320) return;
      const auto free = std::find_if(slots_.begin(), slots_.end(), [](const Held& h) { return h.state == kFree; });
      held = free == slots_.end() ? &slots_.emplace_back() : &*free;
      *held = Held{kBuilding, record.stamp, record.has_node, std::string(record.node), record.type, record.type, ""};
      starts = true;
    }
    held->last_type = record.type;
    held->lines += line + '\n';
    if (starts || rules_ == GroupRules::kLibrary) {
      for (Held& other : slots_) {
        if (other.state != kBuilding) continue;
        const int32_t type = rules_ == GroupRules::kTool ? other.first_type : other.last_type;
        if (other.stamp.seconds + timeout_ <= record.stamp.seconds || audit::IsFinalType(type)) other.state = kComplete;
      }
    }
    if (!starts) return;
    for (Held* first = First(); first != nullptr && first->state == kComplete; first = First()) HandOn(first);
  }

  std::string Finish() {
    for (Held* first = First(); first != nullptr; first = First()) HandOn(first);
    return text_;
  }

 private:
  enum State { kFree, kBuilding, kComplete };
  struct Held {
    State state = kFree;
    audit::Stamp stamp;
    bool has_node = false;
    std::string node;
    int32_t first_type = 0;
    int32_t last_type = 0;
    std::string lines;
  };

  Held* First() {
    const auto key = [](const Held& h) { return std::tuple(h.stamp.seconds, h.stamp.milliseconds, h.stamp.serial); };
    Held* first = nullptr;
    for (Held& held : slots_) {
      if (held.state != kFree && (first == nullptr || key(held) < key(*first))) first = &held;
    }
    return first;
  }
  void HandOn(Held* held) {
    text_ += held->lines + '\n';
    held->state = kFree;
  }

  const GroupRules rules_;
  const int64_t timeout_;
  std::vector<Held> slots_;
  std::string text_;
};

std::string Grouped(const std::vector<std::string>& lines, GroupRules rules, audit::GroupLimits limits = {},
                    audit::GroupStats* stats = nullptr) {
  std::string log;
  for (const std::string& line : lines) log += line + '\n';
  audit::ScanOptions options;
  options.group = rules;
  options.limits = limits;
  const scan_test::Scanned scanned = scan_test::ScanText(log, options);
  if (stats != nullptr) *stats = scanned.result.stats.groups;
  return scanned.text;
}

std::string Plain(const std::vector<std::string>& lines, GroupRules rules) {
  PlainGrouper grouper(rules, 2);
  for (const std::string& line : lines) grouper.Add(line);
  return grouper.Finish();
}

}  // namespace

TEST("Any stream of records gives the events that the written rules give") {
  std::mt19937 random(1);
  const auto pick = [&random](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  const char* const types[] = {"SYSCALL", "PATH", "CWD", "PROCTITLE", "EOE", "USER_LOGIN", "AVC", "UNKNOWN[1999]"};
  const char* const nodes[] = {"", "", "a", "b"};
  for (int round = 0; round < 400; round++) {
    std::vector<std::string> lines;
    std::vector<std::tuple<int64_t, int, uint32_t, std::string>> keys;
    int64_t seconds = 1700000000;
    const bool has_jumps = pick(2) == 0;
    const bool has_nodes = pick(2) == 0;
    for (int index = 0, count = 1 + pick(150); index < count; index++) {
      if (pick(10) == 0) seconds += pick(4);
      if (has_jumps && pick(30) == 0) seconds -= pick(6);
      if (keys.empty() || pick(5) < 2) {
        keys.emplace_back(seconds, pick(3), 1 + pick(5), has_nodes ? nodes[pick(4)] : "");
      }
      const auto& [second, millisecond, serial, node] =
          keys[keys.size() - 1 - static_cast<size_t>(pick(8)) % keys.size()];
      lines.push_back(Line(types[pick(8)], second, millisecond, serial, "n=" + std::to_string(index), node));
    }
    for (const GroupRules rules : {GroupRules::kTool, GroupRules::kLibrary}) {
      EQUAL(Grouped(lines, rules), Plain(lines, rules));
    }
  }
}

TEST("PROCTITLE completes an event for the library, not for the programs") {
  const std::vector<std::string> lines = {Line("SYSCALL", 10, 0, 1000000001), Line("PROCTITLE", 10, 0, 1000000001),
                                          Line("SYSCALL", 10, 0, 1000000002), Line("PATH", 10, 0, 1000000001)};
  EQUAL(Grouped(lines, GroupRules::kTool), lines[0] + '\n' + lines[1] + '\n' + lines[3] + "\n\n" + lines[2] + "\n\n");
  EQUAL(Grouped(lines, GroupRules::kLibrary),
        lines[0] + '\n' + lines[1] + "\n\n" + lines[3] + "\n\n" + lines[2] + "\n\n");
}

TEST("An EOE without an event is dropped and counted") {
  audit::GroupStats stats;
  EQUAL(Grouped({Line("EOE", 10, 0, 1000000001)}, GroupRules::kTool, {}, &stats), "");
  EQUAL(stats.dropped_eoe, 1);
}

TEST("At the end only events with a final record are complete when that is asked for") {
  const std::string log = Line("SYSCALL", 10, 0, 1000000001) + '\n' + Line("SYSCALL", 10, 0, 1000000002) + '\n' +
                          Line("PROCTITLE", 10, 0, 1000000002) + '\n';
  audit::ScanOptions options;
  options.end = GroupEnd::kCompleteFinal;
  const scan_test::Scanned scanned = scan_test::ScanText(log, options);
  EQUAL(scanned.text, Line("SYSCALL", 10, 0, 1000000002) + '\n' + Line("PROCTITLE", 10, 0, 1000000002) + "\n\n");
  EQUAL(scanned.result.stats.groups.left_open, 1);
  EQUAL(scanned.result.last_stamp.serial, 1000000002);
  EQUAL(scanned.result.last_type, 1300);
}

TEST("Above the limit the first events are completed early, in order, and every record comes once") {
  std::string expected;
  std::vector<std::string> lines;
  for (uint32_t serial = 0; serial < 20000; serial++) {
    lines.push_back(Line("SYSCALL", 1700000000, 0, serial, std::string(200, 'x')));
    expected += lines.back() + "\n\n";
  }
  audit::GroupLimits limits;
  limits.open_bytes = size_t{2} << 20;
  audit::GroupStats stats;
  EQUAL(Grouped(lines, GroupRules::kTool, limits, &stats) == expected, true);
  OK(stats.early_events > 1000);
  EQUAL(stats.early_matters, 0);
}

TEST("Events that are complete all at once come in batches, so that their output is not in memory at once") {
  class LargestOutput final : public audit::Sink {
   public:
    bool Write(const audit::Output& output) override {
      largest = std::max(largest, output.matches);
      bytes += output.bytes;
      return true;
    }
    uint64_t largest = 0;
    std::string bytes;
  };
  std::string log;
  std::string expected;
  for (uint32_t serial = 0; serial < 20000; serial++) {
    // The last is ten seconds later: with it all others are complete.
    const std::string line = Line("SYSCALL", serial == 19999 ? 1700000010 : 1700000000, 0, serial);
    log += line + '\n';
    expected += line + "\n\n";
  }
  audit::ScanOptions options;
  options.threads = 2;
  options.inputs.push_back(audit::LogInput::Buffer(log, "memory"));
  scan_test::LinePrinter first, second;
  LargestOutput sink;
  audit::Scan(options, {&first, &second}, &sink);
  OK(sink.bytes == expected);
  OK(sink.largest > 0 && sink.largest <= 1000);
}

TEST("Lines of events that stay open are moved together, and are whole afterwards") {
  std::string log;
  for (uint32_t serial = 0; serial < 30000; serial++) {
    log += Line("SYSCALL", 1700000000 + serial / 10, 0, serial, std::string(300, 'x')) + '\n';
    if (serial % 500 != 0) continue;
    // Two records each, so that what is moved was not in one place.
    const std::string line = Line("SYSCALL", 4000000000, 0, serial, "far=1", "n") + '\x1d' + "UID=\"a\"";
    const std::string second = Line("CWD", 4000000000, 0, serial - serial % 1000, "far=2", "n");
    log += line + '\n' + second + '\n';
  }
  audit::ScanOptions small;
  small.limits.open_bytes = size_t{3} << 20;
  const scan_test::Scanned scanned = scan_test::ScanText(log, small);
  EQUAL(scanned.result.stats.groups.early_events, 0);
  EQUAL(scanned.text == scan_test::ScanText(log).text, true);
}

TEST("An event without end is cut, and every record comes once") {
  std::vector<std::string> lines;
  for (int index = 0; index < 50000; index++)
    lines.push_back(Line("CWD", 1700000000, 0, 7, "n=" + std::to_string(index)));
  audit::GroupStats stats;
  std::vector<std::string> seen;
  const std::string text = Grouped(lines, GroupRules::kTool, {}, &stats);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    if (end != at) seen.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  std::sort(lines.begin(), lines.end());
  std::sort(seen.begin(), seen.end());
  EQUAL(seen == lines, true);
  EQUAL(stats.events, 4);
  EQUAL(stats.early_matters, 3);
}
