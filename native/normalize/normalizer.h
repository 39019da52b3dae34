// Finds out who did what to which object in an event, by the rules that every tool of the audit system shares.
#pragma once

#include "../interpret/event_cursor.h"
#include "normalized.h"
#include "user_numbers.h"

namespace audit {

// Whether the lists of attributes are wanted as well. Without them, most objects of MAC decisions are left out, too.
enum class WantedAttributes : uint8_t { kNone, kAll };

// Where the object of a call stands when the event does not begin with the call's record. The reference then points to
// another field, often of another record; lines that scripts read must stay as they are.
enum class NotedPlaces : uint8_t { kReference, kTrue };

// Used by one thread, from event to event.
class Normalizer {
 public:
  explicit Normalizer(UserNumbers& users, NotedPlaces places = NotedPlaces::kReference) noexcept
      : users_(users), places_(places) {}

  // Looks at the cursor's event and leaves the cursor at record 0, field 0. The result is valid until the next call and
  // as long as the cursor stays on this event.
  const Normalized& Normalize(EventCursor& cursor, WantedAttributes attributes);
  const Normalized& result() const noexcept { return result_; }

 private:
  UserNumbers& users_;
  NotedPlaces places_;
  Normalized result_;
};

// What asking for a place of the result gives; numbers of the C library.
enum class Reached : int8_t {
  kField = 1,
  kUnset = 0,
  kNoRecord = -1,
  kNoField = -2,
};
// Moves the cursor to the place.
Reached GoTo(EventCursor& cursor, FieldPlace place);

}  // namespace audit
