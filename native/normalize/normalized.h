// What an event says in terms that are the same for every event: who did what to which object, how, and with what
// result.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "object_kind.h"

namespace audit {

// Where a field stands. Some places are wrong by tradition and lead to another field, or to none: the reference notes
// them so, and what its readers print must not change.
struct FieldPlace {
  static constexpr uint32_t kUnset = UINT32_MAX;
  uint32_t record = kUnset;
  uint32_t field = 0;

  bool IsSet() const noexcept { return record != kUnset; }
  void Clear() noexcept { record = kUnset; }
};

struct NormalizedSubject {
  FieldPlace primary;    // who: normally the login user
  FieldPlace secondary;  // as whom: normally the user of the process
  std::vector<FieldPlace> attributes;
  std::string_view kind;  // "user-acct" …; empty: not known
};

struct NormalizedObject {
  FieldPlace primary;
  FieldPlace secondary;
  FieldPlace primary2;  // the other one: the new name of a file, the machine that got a disk
  std::vector<FieldPlace> attributes;
  ObjectKind kind = ObjectKind::kUnknown;
};

// Texts are static, or views into the event or into memory of the normalizer: valid until its next use.
struct Normalized {
  bool is_understood = false;   // false: no record here starts a story; what follows is unset
  std::string_view event_kind;  // "user-login", "audit-rule" …; empty: unset
  FieldPlace session;
  NormalizedSubject subject;
  std::string_view action;  // empty: none
  NormalizedObject object;
  FieldPlace results;
  std::string_view how;  // empty data: none
  FieldPlace key;

  void Clear() noexcept {
    is_understood = false;
    event_kind = action = how = {};
    session.Clear();
    results.Clear();
    key.Clear();
    subject.primary.Clear();
    subject.secondary.Clear();
    subject.attributes.clear();
    subject.kind = {};
    object.primary.Clear();
    object.secondary.Clear();
    object.primary2.Clear();
    object.attributes.clear();
    object.kind = ObjectKind::kUnknown;
  }
};

}  // namespace audit
