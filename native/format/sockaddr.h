// The text of a socket address, which the kernel logs as hexadecimal digits.
#pragma once

#include <cstdint>
#include <string_view>

#include "line_writer.h"
#include "names.h"

namespace audit {

// Control bytes of a path or name within an address.
enum class SocketText : uint8_t { kEscaped, kRaw };

// Appends the text of a saddr field's value. Every value has one.
void AppendSocketAddress(std::string_view hex, Names& names, SocketText control_bytes, LineWriter* line) noexcept;

}  // namespace audit
