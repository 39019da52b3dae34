#include "detail_report.h"

#include <charconv>

#include "../normalize/utc_time.h"

namespace audit {

namespace {

// The first name that is not the directory of one that follows. A record says so only where PARENT is its last text.
std::string_view MainFile(const std::vector<FileName>& files) {
  for (const FileName& file : files) {
    if (file.kind != "PARENT" || &file == &files.back()) return file.name;
  }
  return {};
}

std::string_view Words(Success success) {
  switch (success) {
    case Success::kYes:
      return "yes";
    case Success::kNo:
      return "no";
    case Success::kUnset:
      break;
  }
  return "unset";
}

}  // namespace

DetailReport::DetailReport(const ReportOptions& options, Names& names)
    : options_(options),
      columns_(ColumnsOf(options.kind)),
      texts_(names, options.is_interpreted),
      interpreter_(names, {options.escape, KnownMachines::kReference}) {}

bool DetailReport::Concerns(uint32_t presence, const EventFields& fields) const {
  switch (options_.kind) {
    case ReportKind::kAuthentication:
      return (presence & kHasUserAuth) != 0 || fields.success == Success::kNo;
    case ReportKind::kCommand:
      return IsPresent(fields.comm);
    case ReportKind::kFile:
      return !fields.files.empty();
    case ReportKind::kHost:
      return IsPresent(fields.host);
    case ReportKind::kKey:
      return !fields.keys.empty() && fields.keys[0] != "(null)";
    case ReportKind::kProcess:
      return fields.pid.has_value() && *fields.pid >= 0;
    case ReportKind::kSyscall:
      return fields.syscall != 0;
    case ReportKind::kTerminal:
      return IsPresent(fields.terminal);
    case ReportKind::kUser:
      return fields.uid.has_value() && *fields.uid != UINT32_MAX;
    case ReportKind::kExecutable:
      return IsPresent(fields.exe);
    default:
      return true;  // MayConcern has said it
  }
}

void DetailReport::Add(const Event& event, uint32_t presence, const EventFields& fields, uint64_t, Output* out) {
  if (!Concerns(presence, fields)) return;
  static const AccessContext nothing;
  if (options_.kind != ReportKind::kAvc) {
    AddRow(event, fields, nothing, out);
    return;
  }
  bool is_noted = false;
  for (const AccessContext& context : fields.contexts) {
    if (context.result == Success::kUnset) continue;
    is_noted = true;
    AddRow(event, fields, context, out);
  }
  if (!is_noted) AddRow(event, fields, fields.contexts.empty() ? nothing : fields.contexts.back(), out);
}

void DetailReport::AddRow(const Event& event, const EventFields& fields, const AccessContext& denial, Output* out) {
  has_rows_ = true;
  out->marks.push_back(out->bytes.size());
  Row row(options_, &out->bytes);
  if (options_.format == ReportFormat::kText) {
    dates_.AppendDateTime(event.stamp.seconds, row.Raw("time"));
  } else {
    const std::string time = UtcTime(event.stamp);
    if (time.empty()) {
      row.Missing("time", "", false);
    } else {
      row.Cell("time", time, false, false);
    }
  }
  for (const Column& column : columns_) {
    if (column.value == Value::kKeystrokes) {
      if (!AddKeystrokes(event.records[0].text, &row)) return;
      continue;
    }
    AddCell(column, event, fields, denial, &row);
  }
  row.End();
}

void DetailReport::AddCell(const Column& column, const Event& event, const EventFields& fields,
                           const AccessContext& denial, Row* row) {
  const auto text = [&](Text value) {
    if (IsPresent(value)) {
      row->Cell(column.name, value, column.is_escaped, false);
    } else {
      // The reference escapes the question mark of a column that it escapes, and no (null).
      row->Missing(column.name, column.missing, column.is_escaped && column.missing == "?");
    }
  };
  const auto number = [&](std::string_view value, bool is_number) {
    row->Cell(column.name, value, column.is_escaped, is_number);
  };
  const auto user = [&](const std::optional<uint32_t>& id, int32_t absent) {
    number(texts_.User(id.has_value() ? static_cast<int32_t>(*id) : absent), !options_.is_interpreted);
  };
  char digits[24];
  const auto decimal = [&](int64_t value) {
    const char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    number({digits, static_cast<size_t>(end - digits)}, true);
  };
  switch (column.value) {
    case Value::kAccount:
      if (IsPresent(fields.account)) return text(fields.account);
      return user(fields.uid, kUnsetUser);
    case Value::kLoginAccount:
      if (fields.success == Success::kNo && IsPresent(fields.account)) return text(fields.account);
      return user(fields.auid, kAbsentUser);
    case Value::kAcct:
      return text(fields.account);
    case Value::kAuid:
      return user(fields.auid, kAbsentUser);
    case Value::kComm:
      return text(fields.comm);
    case Value::kEvent:
      return decimal(event.stamp.serial);
    case Value::kExe:
      return text(fields.exe);
    case Value::kExeOrComm:
      return text(IsPresent(fields.exe) ? fields.exe : fields.comm);
    case Value::kFile:
      return text(MainFile(fields.files));
    case Value::kHost:
      return text(fields.host);
    case Value::kKey:
      return text(fields.keys[0]);
    case Value::kPid:
      return decimal(fields.pid.has_value() ? static_cast<uint32_t>(*fields.pid) : UINT32_MAX);
    case Value::kSession:
      return decimal(fields.session.has_value() ? *fields.session : UINT32_MAX);
    case Value::kSuccess:
      return number(Words(fields.success), false);
    case Value::kSyscall:
      return number(texts_.Syscall(fields), !options_.is_interpreted);
    case Value::kTerminal:
      return text(fields.terminal);
    case Value::kType: {
      return number(ValueTexts::TypeName(event.records[0].type), false);
    }
    case Value::kAvcClass:
      return text(denial.object_class);
    case Value::kAvcObject:
      return text(denial.object);
    case Value::kAvcOutcome:
      return number(denial.result == Success::kUnset ? "unset"
                    : denial.result == Success::kNo  ? "denied"
                                                     : "granted",
                    false);
    case Value::kAvcPermissions:
      return text(denial.permissions);
    case Value::kAvcSubject:
      return text(denial.subject);
    case Value::kKeystrokes:
      return;
  }
}

void DetailReport::Merge(Report* other) { has_rows_ |= static_cast<DetailReport*>(other)->has_rows_; }

// From the first `data=` to the last blank behind it.
bool DetailReport::AddKeystrokes(std::string_view record, Row* row) {
  const size_t name = record.find("data=");
  if (name == record.npos) {
    if (options_.format == ReportFormat::kText) return false;
    row->Missing("data", "", false);
    return true;
  }
  std::string_view data = record.substr(name + 5);
  const size_t blank = data.rfind(' ');
  if (blank != data.npos) data = data.substr(0, blank);
  scratch_.clear();
  interpreter_.AppendPlain(FieldType::kTtyData, data, {}, &scratch_);
  row->Cell("data", scratch_, false, false);
  return true;
}

}  // namespace audit
