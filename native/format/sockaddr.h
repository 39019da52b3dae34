// The text of a socket address, which the kernel logs as hexadecimal digits.
#pragma once

#include <string_view>

#include "format.h"
#include "line_writer.h"

namespace audit {

// Appends the text of a saddr field's value. Every value has one.
void AppendSocketAddress(std::string_view hex, Names& names, LineWriter* line) noexcept;

}  // namespace audit
