#include "event_result.h"

namespace audit {

std::string_view ResultText(EventCursor& cursor, const Normalized& normalized) {
  if (GoTo(cursor, normalized.results) != Reached::kField) return {};
  const std::string_view text = cursor.Interpret();
  const bool succeeded =
      text == "yes" || text.substr(0, 3) == "suc" || (cursor.field_type() == FieldType::kSeccomp && text == "allow");
  return succeeded ? "success" : "failed";
}

std::string_view TextAt(EventCursor& cursor, FieldPlace place, bool as_path) {
  if (GoTo(cursor, place) != Reached::kField) return {};
  if (as_path && cursor.field_type() == FieldType::kEscapedFile) return cursor.InterpretRealPath();
  return cursor.Interpret();
}

std::string_view SubjectText(EventCursor& cursor, FieldPlace place) {
  const std::string_view text = TextAt(cursor, place, false);
  return text == "unset" ? "system" : text;
}

bool ObjectIsFieldName(const Normalized& normalized) noexcept {
  return normalized.action == "set" || normalized.action == "seccomp-logging";
}

}  // namespace audit
