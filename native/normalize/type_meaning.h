// What a record type by itself says about an event.
#pragma once

#include <cstdint>
#include <string_view>

namespace audit {

// "user-login", "audit-rule" …; "unknown" for types of no kind.
std::string_view EventKindOf(int32_t type) noexcept;
// "logged-in", "crashed-program" …; empty for types without an action of their own.
std::string_view ActionOf(int32_t type) noexcept;

}  // namespace audit
