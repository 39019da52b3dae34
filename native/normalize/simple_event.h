// Events of one record that is not of a system call: user messages, the daemon's own, and the kernel's single ones.
#pragma once

#include "normalizer.h"

namespace audit {

// `result` is clear but for what is the same for every event.
void NormalizeSimple(EventCursor& cursor, UserNumbers& users, WantedAttributes attributes, Normalized* result);

// The parts that events of several records have, too. `list` and its like: what a change of the audit configuration was
// made to. Sets the object; leaves the cursor where it was found.
void FindConfigurationObject(EventCursor& cursor, NormalizedObject* object);
std::string_view BpfAction(EventCursor& cursor);
std::string_view ListenerAction(EventCursor& cursor);

}  // namespace audit
