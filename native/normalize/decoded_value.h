// The bytes that a logged value stands for.
#pragma once

#include <string>
#include <string_view>

namespace audit {

// Appends the bytes of a value that is quoted, or written as hexadecimal because it holds bytes that could be taken for
// something else: all of them, zero bytes too. Other values are taken as they are.
void AppendDecodedValue(std::string_view value, std::string* out);

}  // namespace audit
