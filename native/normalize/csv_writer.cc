#include "csv_writer.h"

#include <cstdlib>

#include "decimal.h"
#include "event_result.h"
#include "library_events.h"
#include "record_type.h"

namespace audit {

void CsvWriter::AppendHeader(std::string* out) const {
  *out += "NODE,EVENT,DATE,TIME,";
  if (columns_.time) *out += "YEAR,MONTH,DAY,WEEKDAY,HOUR,MILLI,GMT_OFFSET,";
  *out += "SERIAL_NUM,EVENT_KIND,SESSION,SUBJ_PRIME,SUBJ_SEC,SUBJ_KIND,";
  if (columns_.labels) *out += "SUBJ_LABEL,";
  *out += "ACTION,RESULT,OBJ_PRIME,OBJ_SEC,";
  if (columns_.object2) *out += "OBJ2,";
  if (columns_.labels) *out += "OBJ_LABEL,";
  *out += "OBJ_KIND,HOW";
  if (columns_.keys) *out += ",KEY";
  *out += '\n';
}

void CsvWriter::Append(const Event& event, std::string* out, std::string* errors) {
  LibraryEvents events(event);
  Event part;
  while (events.Next(&part)) {
    cursor_.Reset(part.stamp.seconds == 0 ? WithoutFields(part, &heads_) : part);
    AppendLine(out, errors);
  }
  cursor_.Clear();
}

void CsvWriter::AppendLine(std::string* out, std::string* errors) {
  const Normalized& normalized =
      normalizer_.Normalize(cursor_, columns_.labels ? WantedAttributes::kAll : WantedAttributes::kNone);
  if (cursor_.event().has_node) *out += cursor_.Interpret();
  *out += ',';
  *out += cursor_.type_name();
  *out += ',';
  AppendTime(out);
  AppendDecimal(cursor_.event().stamp.serial, out);
  *out += ',';
  if (!normalized.is_understood) {
    // One column short of the header, two with OBJ2: as readers have always found it.
    out->append(9 + (columns_.labels ? 2 : 0) + (columns_.keys ? 1 : 0), ',');
    *out += '\n';
    *errors += "error normalizing ";
    *errors += cursor_.type_name().empty() ? "(null)" : cursor_.type_name();
    *errors += '\n';
    return;
  }
  *out += normalized.event_kind.empty() ? "unknown" : normalized.event_kind;
  *out += ',';
  *out += TextAt(cursor_, normalized.session, false);
  *out += ',';
  AppendSubject(normalized, out);
  *out += normalized.action.empty() ? "did-unknown" : normalized.action;
  *out += ',';
  *out += ResultText(cursor_, normalized);
  *out += ',';
  AppendObject(normalized, out);
  *out += normalized.how;
  if (columns_.keys) {
    *out += ',';
    *out += TextAt(cursor_, normalized.key, false);
  }
  *out += '\n';
}

void CsvWriter::AppendTime(std::string* out) {
  const Stamp& stamp = cursor_.event().stamp;
  time_.Set(stamp.seconds);
  *out += time_.date();
  *out += ',';
  *out += time_.time();
  *out += ',';
  if (!columns_.time) return;
  const tm& parts = time_.broken_down();
  AppendDecimal(static_cast<int64_t>(parts.tm_year) + 1900, out);
  *out += ',';
  AppendPadded(parts.tm_mon + 1, '0', out);
  *out += ',';
  AppendPadded(parts.tm_mday, '0', out);
  *out += ',';
  AppendDecimal(parts.tm_wday == 0 ? 7 : parts.tm_wday, out);
  *out += ',';
  AppendPadded(parts.tm_hour, ' ', out);
  *out += ',';
  AppendDecimal(stamp.milliseconds, out);
  *out += ',';
  // Seconds stand where minutes should: by tradition every zone of whole minutes has none.
  const auto offset = static_cast<int>(std::labs(parts.tm_gmtoff));
  *out += parts.tm_gmtoff < 0 ? '-' : '+';
  AppendPadded(offset / 3600, '0', out);
  *out += ':';
  AppendPadded(offset % 60, '0', out);
  *out += ',';
}

void CsvWriter::AppendSubject(const Normalized& normalized, std::string* out) {
  *out += SubjectText(cursor_, normalized.subject.primary);
  *out += ',';
  *out += TextAt(cursor_, normalized.subject.secondary, false);
  *out += ',';
  *out += normalized.subject.kind;
  *out += ',';
  if (columns_.labels) AppendLabel(normalized.subject.attributes, "subj", out);
}

void CsvWriter::AppendObject(const Normalized& normalized, std::string* out) {
  const NormalizedObject& object = normalized.object;
  if (GoTo(cursor_, object.primary) == Reached::kField && cursor_.type() == record_type::CONFIG_CHANGE &&
      ObjectIsFieldName(normalized)) {
    *out += cursor_.field_name();
  } else {
    *out += TextAt(cursor_, object.primary, true);
  }
  *out += ',';
  *out += TextAt(cursor_, object.secondary, false);
  *out += ',';
  if (columns_.object2) {
    *out += TextAt(cursor_, object.primary2, true);
    *out += ',';
  }
  if (columns_.labels) AppendLabel(object.attributes, "obj", out);
  *out += NameOf(object.kind);
  *out += ',';
}

void CsvWriter::AppendLabel(const std::vector<FieldPlace>& attributes, std::string_view name, std::string* out) {
  for (const FieldPlace place : attributes) {
    if (GoTo(cursor_, place) != Reached::kField || cursor_.field_name() != name) continue;
    *out += cursor_.Interpret();
    break;
  }
  *out += ',';
}

}  // namespace audit
