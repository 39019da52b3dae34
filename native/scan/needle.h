// Finds a short text in a lot of text.
#pragma once

#include <string_view>

namespace audit {

// The first occurrence; null: none. The needle is not empty.
const char* FindNeedle(std::string_view text, std::string_view needle) noexcept;

}  // namespace audit
