// The interpreted part of a line: byte 0x1D and a copy of each known field with names for numbers.
#pragma once

#include "fields.h"
#include "format.h"
#include "line_writer.h"

namespace audit {

// The reference puts the interpreted line together in a buffer of MAX_AUDIT_MESSAGE_LENGTH + 255 bytes, one for a NUL,
// before it cuts the result at kMaxLine. A single copy that does not fit into it is left out.
inline constexpr size_t kMaxInterpretedLine = kMaxPayload + 255 - 1;

// Appends the copies to a line that ends with its payload. False: no field of this record has one.
bool AppendEnrichment(const Fields& fields, Names& names, LineWriter* line) noexcept;

}  // namespace audit
