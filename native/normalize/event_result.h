// Texts that the lines for people and programs have in common.
#pragma once

#include <string_view>

#include "../interpret/event_cursor.h"
#include "normalizer.h"

namespace audit {

// Whether what happened succeeded; empty: the event does not say. Moves the cursor.
std::string_view ResultText(EventCursor& cursor, const Normalized& normalized);

// The interpreted text of the field at the place; a file name as full path when `as_path`. No data: no such field.
// Moves the cursor there.
std::string_view TextAt(EventCursor& cursor, FieldPlace place, bool as_path);

// The user that acted: nobody in particular is the system.
std::string_view SubjectText(EventCursor& cursor, FieldPlace place);

// Some changes of the audit configuration are named by the field that says what it is now.
bool ObjectIsFieldName(const Normalized& normalized) noexcept;

}  // namespace audit
