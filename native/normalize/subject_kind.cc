#include "subject_kind.h"

namespace audit {

namespace {

constexpr int32_t kFirstUser = 1000;      // UID_MIN in login.defs(5)
constexpr int32_t kFirstForeign = 60000;  // UID_MAX there

std::string_view KindOfNumber(int32_t uid) noexcept {
  if (uid == 0) return "privileged-acct";
  if (uid == -1) return "unset-acct";
  if (uid < kFirstUser) return "service-acct";
  return uid < kFirstForeign ? "user-acct" : "unknown-acct";
}

}  // namespace

std::string_view SubjectKindOf(EventCursor& cursor, UserNumbers& users) {
  if (cursor.field_type() == FieldType::kUid) {
    int32_t uid = 0;
    return cursor.field_integer(&uid) ? KindOfNumber(uid) : "unknown-acct";
  }
  uint32_t uid = 0;
  if (cursor.field_name() == "acct" && users.NumberOf(cursor.Interpret(), &uid)) {
    return KindOfNumber(static_cast<int32_t>(uid));
  }
  return "unknown-acct";
}

}  // namespace audit
