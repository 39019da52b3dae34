#include "text_writer.h"

#include "decimal.h"
#include "event_result.h"
#include "library_events.h"
#include "record_type.h"

namespace audit {

void TextWriter::Append(const Event& event, std::string* out, std::string*) {
  LibraryEvents events(event);
  Event part;
  while (events.Next(&part)) {
    cursor_.Reset(part.stamp.seconds == 0 ? WithoutFields(part, &heads_) : part);
    AppendLine(out);
  }
  cursor_.Clear();
}

void TextWriter::AppendLine(std::string* out) {
  const Normalized& normalized = normalizer_.Normalize(cursor_, WantedAttributes::kNone);
  if (cursor_.event().has_node) {
    *out += "On ";
    *out += cursor_.Interpret();
    *out += " at ";
  } else {
    *out += "At ";
  }
  time_.Set(cursor_.event().stamp.seconds);
  *out += time_.time();
  *out += ' ';
  *out += time_.date();
  *out += ' ';
  AppendSubject(normalized, out);
  const std::string_view result = ResultText(cursor_, normalized);
  *out += result.empty() ? " " : result == "success" ? " successfully " : " unsuccessfully ";
  if (normalized.action.empty() && debug_) {
    cursor_.FirstRecord();
    *out += "error on type:";
    AppendDecimal(cursor_.type(), out);
    *out += '\n';
  }
  *out += normalized.action.empty() ? "did-unknown" : normalized.action;
  *out += ' ';
  AppendObject(normalized, out);
  if (normalized.how.data() != nullptr && !normalized.action.empty() && normalized.action.front() != 'e') {
    *out += "using ";
    *out += normalized.how;
  }
  *out += '\n';
}

void TextWriter::AppendSubject(const Normalized& normalized, std::string* out) {
  const NormalizedSubject& subject = normalized.subject;
  if (GoTo(cursor_, subject.primary) != Reached::kField) return;
  int32_t primary = 0;
  cursor_.field_integer(&primary);
  *out += SubjectText(cursor_, subject.primary);
  int32_t secondary = 0;
  if (GoTo(cursor_, subject.secondary) != Reached::kField || !cursor_.field_integer(&secondary)) return;
  if (primary == secondary || secondary == -1) return;
  *out += ", acting as ";
  *out += cursor_.Interpret();
  *out += ',';
}

void TextWriter::AppendObject(const Normalized& normalized, std::string* out) {
  const std::string_view object = ObjectText(normalized);
  if (object.data() != nullptr) {
    *out += object;
    *out += ' ';
  }
  const std::string_view other = TextAt(cursor_, normalized.object.primary2, true);
  if (other.data() != nullptr) {
    *out += "to ";
    *out += other;
    *out += ' ';
  }
  AppendProcesses(normalized.object, out);
}

std::string_view TextWriter::ObjectText(const Normalized& normalized) {
  if (GoTo(cursor_, normalized.object.primary) != Reached::kField) return {};
  std::string_view text;
  if (cursor_.field_type() == FieldType::kEscapedFile) {
    text = cursor_.InterpretRealPath();
  } else if (cursor_.field_type() == FieldType::kSocketAddress) {
    text = cursor_.InterpretSocketPart(SocketPart::kAddress);
    if (text.data() == nullptr) text = cursor_.InterpretSocketPart(SocketPart::kFamily);
  } else if (cursor_.FieldsOf(0).type() == record_type::CONFIG_CHANGE && ObjectIsFieldName(normalized)) {
    text = cursor_.field_name();
  }
  return text.data() != nullptr ? text : cursor_.Interpret();
}

void TextWriter::AppendProcesses(const NormalizedObject& object, std::string* out) {
  constexpr size_t kShown = 3;
  if (object.kind != ObjectKind::kProcess && object.kind != ObjectKind::kProcessGroup) return;
  if (object.attributes.empty()) return;
  *out += '(';
  size_t shown = 0;
  for (const FieldPlace place : object.attributes) {
    if (shown == kShown) break;
    if (shown > 0) *out += ',';
    *out += TextAt(cursor_, place, false);
    shown++;
  }
  // Also when there are exactly that many.
  if (shown == kShown) *out += ",...";
  *out += ") ";
}

}  // namespace audit
