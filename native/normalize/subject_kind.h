// What sort of account a user is.
#pragma once

#include <string_view>

#include "../interpret/event_cursor.h"
#include "user_numbers.h"

namespace audit {

// Of the field under the cursor: "privileged-acct", "user-acct" …
std::string_view SubjectKindOf(EventCursor& cursor, UserNumbers& users);

}  // namespace audit
