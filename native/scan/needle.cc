#include "needle.h"

#include <string.h>

#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace audit {

// Two of the needle's bytes are compared at 16 places at a time; memcmp decides where both fit. The second and the last
// byte but for short ones: the first is often a blank or a quote, which a log is full of.
const char* FindNeedle(std::string_view text, std::string_view needle) noexcept {
#if defined(__SSE2__)
  const size_t size = needle.size();
  const char* at = text.data();
  const char* const end = at + text.size();
  if (size > 1 && text.size() >= size + 16) {
    const size_t near = size > 2 ? 1 : 0;
    const size_t far = size - 1;
    const __m128i near_byte = _mm_set1_epi8(needle[near]);
    const __m128i far_byte = _mm_set1_epi8(needle[far]);
    for (; at + far + 16 <= end; at += 16) {
      const __m128i fits =
          _mm_and_si128(_mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + near)), near_byte),
                        _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + far)), far_byte));
      for (auto bits = static_cast<uint32_t>(_mm_movemask_epi8(fits)); bits != 0; bits &= bits - 1) {
        const char* const found = at + __builtin_ctz(bits);
        if (memcmp(found, needle.data(), size) == 0) return found;
      }
    }
  }
  text = {at, static_cast<size_t>(end - at)};
#endif
  return static_cast<const char*>(memmem(text.data(), text.size(), needle.data(), needle.size()));
}

}  // namespace audit
