#include "summary_report.h"

#include <charconv>

#include "../format/number.h"
#include "row.h"

namespace audit {

namespace {

std::string_view CountedThing(ReportKind kind) {
  switch (kind) {
    case ReportKind::kAvc:
      return "obj";
    case ReportKind::kAuthentication:
      return "acct";
    case ReportKind::kCommand:
      return "command";
    case ReportKind::kFile:
    case ReportKind::kExecutable:
      return "file";
    case ReportKind::kHost:
      return "host";
    case ReportKind::kKey:
      return "key";
    case ReportKind::kLogin:
    case ReportKind::kUser:
      return "auid";
    case ReportKind::kProcess:
      return "pid";
    case ReportKind::kSyscall:
      return "syscall";
    case ReportKind::kTerminal:
      return "terminal";
    default:
      return "type";
  }
}

// Values of one event come one after the other.
constexpr unsigned kWithinEvent = 16;

// Contexts, hosts and terminals are printed as they are logged.
bool IsEscaped(ReportKind kind) {
  return kind != ReportKind::kAvc && kind != ReportKind::kHost && kind != ReportKind::kTerminal;
}

}  // namespace

void SummaryReport::CountNumber(int32_t number) {
  char digits[16];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  counter_.Add({digits, static_cast<size_t>(end - digits)}, number);
}

void SummaryReport::Add(const Event& event, uint32_t presence, const EventFields& fields, uint64_t order, Output*) {
  order_ = static_cast<int64_t>(order << kWithinEvent);
  const auto user = [&](const std::optional<uint32_t>& id) {
    char digits[16];
    const int32_t number = id.has_value() ? static_cast<int32_t>(*id) : kAbsentUser;
    const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    // A name and a number that stand for the same user count together.
    Count(texts_.User(std::string_view(digits, static_cast<size_t>(end - digits))));
  };
  switch (options_.kind) {
    case ReportKind::kAvc:
      for (const AccessContext& context : fields.contexts) {
        if (context.result != Success::kUnset && IsPresent(context.object)) Count(context.object);
      }
      return;
    case ReportKind::kAuthentication:
      if ((presence & kHasUserAuth) == 0 && fields.success != Success::kNo) return;
      if (IsPresent(fields.account)) return Count(texts_.User(fields.account));
      return user(fields.auid);
    case ReportKind::kLogin: {
      const bool is_known = fields.auid.has_value() && *fields.auid != UINT32_MAX;
      if (!is_known && IsPresent(fields.account)) return Count(texts_.User(fields.account));
      return user(fields.auid);
    }
    case ReportKind::kUser:
      if (fields.auid.has_value()) user(fields.auid);
      return;
    case ReportKind::kCommand:
      if (IsPresent(fields.comm)) Count(fields.comm);
      return;
    case ReportKind::kFile:
      for (const FileName& file : fields.files) Count(file.name);
      return;
    case ReportKind::kHost:
      if (IsPresent(fields.host)) Count(fields.host);
      return;
    case ReportKind::kKey:
      for (const Text key : fields.keys) {
        if (key != "(null)") Count(key);
      }
      return;
    case ReportKind::kProcess:
      if (fields.pid.has_value() && *fields.pid != kNoProcess) CountNumber(*fields.pid);
      return;
    case ReportKind::kSyscall:
      if (fields.syscall > 0) Count(texts_.Syscall(fields));
      return;
    case ReportKind::kTerminal:
      if (IsPresent(fields.terminal)) Count(fields.terminal);
      return;
    case ReportKind::kExecutable:
      if (IsPresent(fields.exe)) Count(fields.exe);
      return;
    default:
      // A type without a number has no line.
      if (event.records[0].type >= 0) CountNumber(event.records[0].type);
  }
}

void SummaryReport::Merge(Report* other) { counter_.Merge(static_cast<SummaryReport*>(other)->counter_); }

bool SummaryReport::Finish(std::string* out) {
  const bool is_type = CountedThing(options_.kind) == "type";
  for (const Counter::Entry& entry : counter_.Sorted()) {
    std::string_view text = entry.text;
    if (is_type) text = texts_.Type(static_cast<int32_t>(ParseNumber(text, 10).value));
    const std::string count = std::to_string(entry.count);
    Row row(options_, out);
    row.Cell("total", count, false, true);
    if (options_.format == ReportFormat::kText) *out += ' ';
    const bool is_number = options_.kind == ReportKind::kProcess || (is_type && !options_.is_interpreted);
    row.Cell(CountedThing(options_.kind), text, IsEscaped(options_.kind), is_number);
    row.End();
  }
  return counter_.size() > 0;
}

}  // namespace audit
