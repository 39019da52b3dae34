// Fields, cursor, interpretation and printing of arbitrary lines. The first byte chooses escape mode and machines; the
// lines may be of different types, with and without enrichment.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "native/interpret/event_cursor.h"
#include "native/interpret/record_printer.h"
#include "native/scan/header.h"

namespace {

#define HOLDS(condition)                                \
  do {                                                  \
    if (!(condition)) {                                 \
      std::fprintf(stderr, "broken: %s\n", #condition); \
      std::abort();                                     \
    }                                                   \
  } while (false)

class OddNames final : public audit::Names {
 public:
  std::string_view User(uint32_t uid) noexcept override {
    HOLDS(uid != 0 && uid != UINT32_MAX);
    return uid % 2 == 0 ? std::string_view() : "user\x1b[2J";
  }
  std::string_view Group(uint32_t) noexcept override { return "group"; }
  std::string_view Protocol(uint32_t number) noexcept override { return number == 6 ? "tcp" : std::string_view(); }
  void Flush() noexcept override {}
};

void LookAtAll(audit::EventCursor& cursor, audit::EscapeMode mode, bool has_enrichment) {
  for (bool more = cursor.FirstRecord(); more; more = cursor.NextRecord()) {
    for (size_t field = 0; field < cursor.field_count(); field++) {
      HOLDS(cursor.GotoField(field));
      const std::string_view path = cursor.InterpretRealPath();
      const std::string_view text = cursor.Interpret();
      HOLDS(text.data() != nullptr);
      HOLDS(path.data() == nullptr || path == text);  // said once, said always
      HOLDS(cursor.Interpret().data() == text.data());
      cursor.InterpretSocketPart(audit::SocketPart::kAddress);
      if (mode == audit::EscapeMode::kRaw || has_enrichment) continue;
      for (const char c : text) HOLDS(static_cast<unsigned char>(c) >= 0x20 || c == '\1');
    }
  }
  HOLDS(!cursor.HasRecord());
  cursor.FirstRecord();
  while (cursor.FindField("key") && cursor.NextField()) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  audit::InterpreterOptions options;
  options.escape = static_cast<audit::EscapeMode>(data[0] & 3);
  options.machines = (data[0] & 4) != 0 ? audit::KnownMachines::kAll : audit::KnownMachines::kReference;
  OddNames names;
  audit::Interpreter interpreter(names, options);
  audit::LogTime time;
  audit::RecordPrinter printer(interpreter, time);
  std::vector<std::string> lines;
  bool has_enrichment = false;
  const std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (size_t at = 0; at <= all.size();) {
    const size_t end = std::min(all.find('\n', at), all.size());
    const std::string_view line = all.substr(at, end - at);
    at = end + 1;
    // The type comes from the input, the rest of the head stands.
    const size_t blank = std::min(line.find(' '), line.size());
    lines.push_back("type=" + std::string(line.substr(0, std::min<size_t>(blank, 20))) +
                    " msg=audit(1700000000.123:45):" + std::string(line.substr(blank)));
  }
  std::vector<audit::Record> records;
  std::string out;
  for (const std::string& line : lines) {
    audit::Record record;
    const audit::HeaderFault fault = audit::ParseHeader(line, audit::HeaderRules::kLibrary, &record);
    if (fault != audit::HeaderFault::kNone) continue;
    has_enrichment = has_enrichment || record.has_interpretation;
    records.push_back(record);
    audit::ParseHeader(line, audit::HeaderRules::kTool, &record);
    out.clear();
    printer.Append(record, &out);
    HOLDS(!out.empty() && out.back() == '\n');
    HOLDS(out.size() < 100 * (line.size() + 100));
  }
  audit::Event event;
  event.records = records.data();
  event.count = records.size();
  audit::EventCursor cursor(interpreter);
  for (int again = 0; again < 2; again++) {
    cursor.Reset(event);
    LookAtAll(cursor, options.escape, has_enrichment);
  }
  return 0;
}
