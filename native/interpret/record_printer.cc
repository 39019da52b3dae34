#include "record_printer.h"

#include <algorithm>
#include <cstring>

#include "../format/number.h"
#include "../format/record_types.h"
#include "../tables/tables.h"

namespace audit {

namespace {

constexpr int32_t kSyscall = 1300;
constexpr int32_t kSeccomp = 1326;

// What stands behind `name` in a body: up to the next blank. No data: the body does not have it.
std::string_view ValueBehind(std::string_view body, std::string_view name) noexcept {
  const size_t at = body.find(name);
  if (at == std::string_view::npos) return {};
  const size_t start = at + name.size();
  return body.substr(start, std::min(body.find(' ', start), body.size()) - start);
}

}  // namespace

// A type that has no name stands as it was logged, with whatever else is there before the time.
void RecordPrinter::AppendHead(const Record& record, std::string* out) {
  const std::string_view type = RecordTypeName(record.type);
  if (!type.empty()) {
    out->append("type=").append(type).append(" msg=audit(");
    return;
  }
  std::string_view head = record.text.substr(0, record.body);
  if (record.has_node) {
    head.remove_prefix(std::min(head.find(' '), head.size()));
    head.remove_prefix(std::min(head.find_first_not_of(' '), head.size()));
  }
  AppendPlain(head.substr(0, std::min(head.find('('), head.size() - 1) + 1), out);
}

// What is not interpreted stands as it was logged, but for bytes that a terminal would obey.
void RecordPrinter::AppendPlain(std::string_view text, std::string* out) {
  AppendEscaped(text, interpreter_.options().escape == EscapeMode::kRaw ? EscapeMode::kRaw : EscapeMode::kTty, out);
}

void RecordPrinter::Append(const Record& record, std::string* out) {
  if (record.has_node) {
    out->append("node=");
    AppendPlain(record.node, out);
    *out += ' ';
  }
  AppendHead(record, out);
  time_.AppendDateTime(record.stamp.seconds, out);
  LogTime::AppendMilliAndSerial(record.stamp.milliseconds, record.stamp.serial, out);
  out->append(") ");
  // The body starts behind the time's parenthesis, with a colon that the record's offset has passed.
  std::string_view body = record.text;
  const size_t node = record.has_node ? static_cast<size_t>(record.node.data() - body.data()) + record.node.size() : 0;
  const size_t close = body.find(')', std::min(body.find('(', node), body.size()));
  body.remove_prefix(close == std::string_view::npos ? std::min<size_t>(record.body, body.size()) : close + 1);
  AppendBody(body, record, out);
  *out += '\n';
}

void RecordPrinter::AppendBody(std::string_view body, const Record& record, std::string* out) {
  const int32_t type = record.type;
  CallContext& call = context_.call;
  call.arch = CallContext::Arch::kAbsent;
  call.machine = nullptr;
  call.syscall = 0;
  if (type == kSyscall || type == kSeccomp || type == AUDIT_URINGOP) {
    const std::string_view number = ValueBehind(body, type == AUDIT_URINGOP ? "uring_op=" : "syscall=");
    call.syscall = static_cast<int32_t>(ParseNumber(number, 10).value);
    if (type == AUDIT_URINGOP) {
      call.arch = CallContext::Arch::kKnown;
      call.machine = UringMachine();
    } else if (const std::string_view arch = ValueBehind(body, "arch="); arch.data() != nullptr) {
      const Number value = ParseNumber(arch, 16);
      call.machine = value.overflows ? nullptr : KnownMachine(value.value, interpreter_.options().machines);
      call.arch = call.machine != nullptr ? CallContext::Arch::kKnown : CallContext::Arch::kUnknown;
    }
    if (type == kSyscall) {
      call.a0 = ParseNumber(ValueBehind(body, " a0="), 16).value;
      call.a1 = ParseNumber(ValueBehind(body, " a1="), 16).value;
    }
  }
  if (record.has_interpretation) {
    enrichment_.Parse(record.interpretation);
  } else {
    enrichment_.Clear();
  }

  size_t at = 0;
  bool ends_at_comma = false;
  for (;;) {
    const size_t equals = body.find('=', std::min(at, body.size()));
    if (equals == std::string_view::npos) break;
    AppendPlain(body.substr(at, equals + 1 - at), out);
    const std::string_view before = body.substr(at, equals - at);
    std::string_view name = before.substr(before.rfind(' ') + 1);  // npos + 1 is 0
    while (!name.empty() && (name[0] == '\'' || name[0] == '(')) name.remove_prefix(1);
    at = equals + 1;
    // What a user message says is fields again.
    if (name == "msg" && body.find('=', at) != std::string_view::npos) continue;
    at = AppendValue(body, at, name, type, &ends_at_comma, out);
  }
  // Words behind the last value are not printed, unless a comma ended it.
  if (at == 0 || ends_at_comma) {
    AppendEscaped(body.substr(at), interpreter_.options().escape, out);
    *out += '\n';
  }
}

// Returns where the scan goes on: behind what ended the value; behind the body's end when nothing did.
size_t RecordPrinter::AppendValue(std::string_view body, size_t start, std::string_view name, int32_t record_type,
                                  bool* ends_at_comma, std::string* out) {
  size_t end;
  size_t next;
  *ends_at_comma = false;
  if (start < body.size() && (body[start] == '"' || body[start] == '\'')) {
    const size_t quote = body.find(body[start], start + 1);
    end = quote == std::string_view::npos ? body.size() : quote + 1;
    next = end + 1;
  } else {
    end = std::min(body.find(' ', start), body.size());
    next = end + 1;
    const size_t comma = body.substr(0, end).find(',', start);
    if (comma != std::string_view::npos &&
        TypeOfField(record_type, name, body.substr(start, end - start)) != FieldType::kMacLabel) {
      end = comma;
      next = comma + 1;
      *ends_at_comma = true;
    }
  }
  const std::string_view value = body.substr(start, end - start);
  const FieldType type = TypeOfField(record_type, name, value);
  switch (type) {
    case FieldType::kUnclassified:
      AppendPlain(value, out);
      *out += *ends_at_comma ? ',' : ' ';
      return next;
    case FieldType::kEscapedKey:
      AppendKeys(value, out);
      break;
    default:
      AppendInterpreted(type, name, value, out);
  }
  if (type != FieldType::kTtyData) *out += ' ';
  return next;
}

void RecordPrinter::AppendInterpreted(FieldType type, std::string_view name, std::string_view value, std::string* out) {
  if (!enrichment_.empty()) {
    const std::string_view* enriched = enrichment_.Find(name);
    if (enriched != nullptr && enriched->substr(0, 8) != "unknown-") {
      Interpreter::AppendEnriched(type, *enriched, out);
      return;
    }
  }
  interpreter_.Append(type, value, context_, out);
  // Without a known machine the running one is assumed, and from here on that is what the record's machine is.
  if (type == FieldType::kSyscall && context_.call.machine == nullptr) context_.call.machine = NativeMachine();
  if (type == FieldType::kFanType) context_.has_fan_rule = value == "1";
}

// Several keys are logged as one, with byte 1 between them.
void RecordPrinter::AppendKeys(std::string_view value, std::string* out) {
  scratch_.clear();
  interpreter_.Append(FieldType::kEscapedKey, value, context_, &scratch_);
  std::string_view keys = scratch_;
  for (size_t end = keys.find('\1'); end != std::string_view::npos; end = keys.find('\1')) {
    out->append(keys.substr(0, end)).append(" key=");
    keys.remove_prefix(end + 1);
  }
  out->append(keys);
}

}  // namespace audit
