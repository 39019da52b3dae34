#include "format.h"

namespace audit {

namespace {

constexpr std::string_view kOpening = "audit(";
constexpr uint64_t kMaxSeconds = UINT64_MAX / 1000 - 1;  // so that milliseconds fit too

// Reads a decimal number of at most `max_digits` digits and `max` and leaves `*at` behind it.
bool TakeNumber(const char** at, const char* end, int max_digits, uint64_t max, uint64_t* value) noexcept {
  const char* const start = *at;
  uint64_t number = 0;
  while (*at < end && **at >= '0' && **at <= '9') {
    if (*at - start == max_digits) return false;
    number = number * 10 + static_cast<uint64_t>(**at - '0');
    ++*at;
  }
  *value = number;
  return *at != start && number <= max;
}

bool TakeByte(const char** at, const char* end, char byte) noexcept {
  if (*at == end || **at != byte) return false;
  ++*at;
  return true;
}

}  // namespace

PayloadStamp ParseStamp(std::string_view payload) noexcept {
  if (payload.substr(0, kOpening.size()) != kOpening) return {};
  const char* at = payload.data() + kOpening.size();
  const char* const end = payload.data() + payload.size();
  uint64_t seconds, milliseconds, serial;
  if (!TakeNumber(&at, end, 19, kMaxSeconds, &seconds) || !TakeByte(&at, end, '.') ||
      !TakeNumber(&at, end, 3, 999, &milliseconds) || !TakeByte(&at, end, ':') ||
      !TakeNumber(&at, end, 10, UINT32_MAX, &serial) || !TakeByte(&at, end, ')')) {
    return {};
  }
  return {seconds * 1000 + milliseconds, static_cast<uint32_t>(serial), true};
}

}  // namespace audit
