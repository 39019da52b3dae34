// Events around a system call.
#pragma once

#include "normalizer.h"

namespace audit {

// False: the event has no SYSCALL record, and is not understood. `result` is clear.
bool NormalizeCompound(EventCursor& cursor, UserNumbers& users, WantedAttributes attributes, NotedPlaces places,
                       Normalized* result);

}  // namespace audit
