// Bytes of records as strings of JSON, by the rules of docs/json.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace audit {

// True: well-formed UTF-8, which has no surrogates and nothing above U+10FFFF.
bool IsUtf8(std::string_view bytes) noexcept;

// With its quotes. Whatever the bytes, it is valid JSON, and safe to print on a terminal: control characters and those
// that turn or hide text are escaped. False: not UTF-8; U+FFFD stands for each byte that does not fit.
bool AppendJsonString(std::string_view bytes, std::string* out);
// The same without quotes.
bool AppendJsonCharacters(std::string_view bytes, std::string* out);

// Copies the bytes up to the first that a string of JSON may not hold as it is, or that belongs to a longer character;
// returns how many. Up to bytes.size() bytes of `to` are written, whatever it returns.
size_t CopyPlain(std::string_view bytes, char* to) noexcept;

// RFC 4648, padded.
void AppendBase64(std::string_view bytes, std::string* out);

}  // namespace audit
