// Bytes of records as strings of JSON, by the rules of docs/json.md.
#pragma once

#include <string>
#include <string_view>

namespace audit {

// True: well-formed UTF-8, which has no surrogates and nothing above U+10FFFF.
bool IsUtf8(std::string_view bytes) noexcept;

// With its quotes. Whatever the bytes, it is valid JSON, and safe to print on a terminal: control characters and those
// that turn or hide text are escaped. False: not UTF-8; U+FFFD stands for each byte that does not fit.
bool AppendJsonString(std::string_view bytes, std::string* out);

// RFC 4648, padded.
void AppendBase64(std::string_view bytes, std::string* out);

}  // namespace audit
