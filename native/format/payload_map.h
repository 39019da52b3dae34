// One pass over a payload: copies it into the line, makes it safe, and notes where its blanks and equals signs are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "format.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace audit {

// Bytes that must not reach a line from a payload: newline ends the line, NUL hides the rest from programs in C, and
// 0x1D starts the interpreted part.
inline constexpr bool IsForbidden(char c) noexcept { return c == '\n' || c == '\0' || c == '\x1d'; }

// One bit for each byte of the payload, so that finding the next word takes a few instructions instead of a loop over
// its bytes. Positions count from the payload's start.
class PayloadMap {
 public:
  // Copies `size` bytes (at most kMaxPayload) to `to`, forbidden bytes as blanks. True: there were some.
  bool Copy(const char* from, size_t size, char* to) noexcept {
    size_ = size;
    Block found = {0, 0, 0};
    uint64_t forbidden = 0;
    size_t at = 0;
    for (; at + 64 <= size; at += 64) {
      found = CopyBlock(from + at, to + at);
      blanks_[at / 64] = found.blanks;
      equals_[at / 64] = found.equals;
      forbidden |= found.forbidden;
    }
    // The last, shorter block goes through memory of our own: neither side may be touched behind its end. Blanks fill
    // it up, so that the end of the payload ends its last word.
    char rest[64];
    memset(rest, ' ', sizeof rest);
    memcpy(rest, from + at, size - at);
    found = CopyBlock(rest, rest);
    memcpy(to + at, rest, size - at);
    blanks_[at / 64] = found.blanks;
    equals_[at / 64] = found.equals;
    blocks_ = at / 64 + 1;
    blanks_[blocks_] = ~uint64_t{0};
    equals_[blocks_] = 0;
    return (forbidden | found.forbidden) != 0;
  }

  size_t size() const noexcept { return size_; }

  // The first equals sign at or after `at`, or size().
  size_t NextEquals(size_t at) const noexcept { return Next(equals_, at); }
  // The first blank at or after `at`, or size().
  size_t NextBlank(size_t at) const noexcept { return Next(blanks_, at); }

  // A word with an equals sign in it.
  struct Assignment {
    size_t start;
    size_t equals;  // the first one
    size_t end;
  };

  // The first assignment behind `at`, which is the end of a word. False: there is none.
  bool NextAssignment(size_t at, Assignment* found) const noexcept {
    if (at >= size_) return false;
    const uint64_t equals = Window(equals_, at);
    const uint64_t blanks = Window(blanks_, at);
    if (equals == 0) {
      found->equals = NextEquals(at + 64);
      if (found->equals >= size_) return false;
      found->start = WordStart(found->equals);
      found->end = NextBlank(found->equals);
      return true;
    }
    const uint64_t before = equals ^ (equals - 1);  // bits up to the equals sign
    found->equals = at + static_cast<size_t>(__builtin_ctzll(equals));
    found->start = at + 64 - static_cast<size_t>(__builtin_clzll(blanks & before));  // `at` itself is a blank
    const uint64_t behind = blanks & ~before;
    found->end = behind != 0 ? at + static_cast<size_t>(__builtin_ctzll(behind)) : NextBlank(at + 64);
    return true;
  }

  struct Block {
    uint64_t blanks;
    uint64_t equals;
    uint64_t forbidden;
  };

  // 64 bytes; `from` and `to` may be the same. The portable one is for processors without SSE2.
  static Block CopyBlockPortably(const char* from, char* to) noexcept {
    Block found = {0, 0, 0};
    for (unsigned i = 0; i < 64; i++) {
      const bool forbidden = IsForbidden(from[i]);
      const char c = forbidden ? ' ' : from[i];
      to[i] = c;
      found.blanks |= uint64_t{c == ' '} << i;
      found.equals |= uint64_t{c == '='} << i;
      found.forbidden |= uint64_t{forbidden} << i;
    }
    return found;
  }

#if defined(__SSE2__)
  static Block CopyBlock(const char* from, char* to) noexcept {
    Block found = {0, 0, 0};
    CopyQuarter<0>(from, to, &found);
    CopyQuarter<16>(from, to, &found);
    CopyQuarter<32>(from, to, &found);
    CopyQuarter<48>(from, to, &found);
    return found;
  }

 private:
  template <unsigned kAt>
  static void CopyQuarter(const char* from, char* to, Block* found) noexcept {
    const __m128i blank = _mm_set1_epi8(' ');
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + kAt));
    const __m128i forbidden = _mm_or_si128(
        _mm_cmpeq_epi8(bytes, _mm_setzero_si128()),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\x1d'))));
    bytes = _mm_or_si128(_mm_andnot_si128(forbidden, bytes), _mm_and_si128(forbidden, blank));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + kAt), bytes);
    found->blanks |= Bits(_mm_cmpeq_epi8(bytes, blank)) << kAt;
    found->equals |= Bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('='))) << kAt;
    found->forbidden |= Bits(forbidden) << kAt;
  }

  static uint64_t Bits(__m128i mask) noexcept { return static_cast<uint16_t>(_mm_movemask_epi8(mask)); }
#else
  static Block CopyBlock(const char* from, char* to) noexcept { return CopyBlockPortably(from, to); }

 private:
#endif

  static constexpr size_t kBlocks = kMaxPayload / 64 + 1;

  // The 64 bits from `at` on.
  static uint64_t Window(const uint64_t* bits, size_t at) noexcept {
    const uint64_t low = bits[at / 64] >> (at % 64);
    return low | bits[at / 64 + 1] << 1 << (63 - at % 64);  // in two steps: a shift by 64 is undefined
  }

  size_t Next(const uint64_t* bits_of, size_t at) const noexcept {
    size_t block = at / 64;
    if (block >= blocks_) return size_;
    uint64_t bits = bits_of[block] & (~uint64_t{0} << (at % 64));
    while (bits == 0) {
      if (++block == blocks_) return size_;
      bits = bits_of[block];
    }
    const size_t found = block * 64 + static_cast<size_t>(__builtin_ctzll(bits));
    return found < size_ ? found : size_;
  }

  // Start of the word that holds the byte at `at`, which is no blank.
  size_t WordStart(size_t at) const noexcept {
    size_t block = at / 64;
    uint64_t bits = blanks_[block] & ((uint64_t{1} << (at % 64)) - 1);
    while (bits == 0) {
      if (block == 0) return 0;
      bits = blanks_[--block];
    }
    return block * 64 + 64 - static_cast<size_t>(__builtin_clzll(bits));
  }

  size_t size_ = 0;
  size_t blocks_ = 0;
  uint64_t blanks_[kBlocks + 1];  // one more than there can be, for Window
  uint64_t equals_[kBlocks + 1];
};

}  // namespace audit
