#include "needle.h"

#include <string.h>

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace audit {

namespace {

#if defined(__x86_64__)

// Two of the needle's bytes are compared at many places at a time; memcmp decides where both fit. The second and the
// last byte but for short ones: the first is often a blank or a quote, which a log is full of. Both return where it was
// found, or null, and where to go on with what is left, shorter than their step.
__attribute__((target("avx2"))) const char* FindBy32(const char** from, const char* end,
                                                     std::string_view needle) noexcept {
  const size_t near = needle.size() > 2 ? 1 : 0;
  const size_t far = needle.size() - 1;
  const __m256i near_byte = _mm256_set1_epi8(needle[near]);
  const __m256i far_byte = _mm256_set1_epi8(needle[far]);
  const char* at = *from;
  for (; static_cast<size_t>(end - at) >= far + 32; at += 32) {
    const __m256i fits =
        _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + near)), near_byte),
                         _mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + far)), far_byte));
    for (auto bits = static_cast<uint32_t>(_mm256_movemask_epi8(fits)); bits != 0; bits &= bits - 1) {
      const char* const found = at + __builtin_ctz(bits);
      if (memcmp(found, needle.data(), needle.size()) == 0) return found;
    }
  }
  *from = at;
  return nullptr;
}

const char* FindBy16(const char** from, const char* end, std::string_view needle) noexcept {
  const size_t near = needle.size() > 2 ? 1 : 0;
  const size_t far = needle.size() - 1;
  const __m128i near_byte = _mm_set1_epi8(needle[near]);
  const __m128i far_byte = _mm_set1_epi8(needle[far]);
  const char* at = *from;
  for (; static_cast<size_t>(end - at) >= far + 16; at += 16) {
    const __m128i fits =
        _mm_and_si128(_mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + near)), near_byte),
                      _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + far)), far_byte));
    for (auto bits = static_cast<uint32_t>(_mm_movemask_epi8(fits)); bits != 0; bits &= bits - 1) {
      const char* const found = at + __builtin_ctz(bits);
      if (memcmp(found, needle.data(), needle.size()) == 0) return found;
    }
  }
  *from = at;
  return nullptr;
}

#endif

}  // namespace

const char* FindNeedle(std::string_view text, std::string_view needle) noexcept {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (needle.size() > 1) {
    const char* at = text.data();
    const char* const end = at + text.size();
    const char* found = has_avx2 ? FindBy32(&at, end, needle) : nullptr;
    if (found == nullptr) found = FindBy16(&at, end, needle);
    if (found != nullptr) return found;
    text = {at, static_cast<size_t>(end - at)};
  }
#endif
  return static_cast<const char*>(memmem(text.data(), text.size(), needle.data(), needle.size()));
}

}  // namespace audit
