#include "seen_keys.h"

#include <string.h>

namespace audit {

namespace {

constexpr uint64_t kEmpty = 0;
constexpr uint64_t kTaken = 1;

uint64_t Rotate(uint64_t word, int bits) noexcept { return word << bits | word >> (64 - bits); }

// One round of SipHash (Aumasson and Bernstein, 2012).
void Round(uint64_t v[4]) noexcept {
  v[0] += v[1];
  v[1] = Rotate(v[1], 13) ^ v[0];
  v[0] = Rotate(v[0], 32);
  v[2] += v[3];
  v[3] = Rotate(v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = Rotate(v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = Rotate(v[1], 17) ^ v[2];
  v[2] = Rotate(v[2], 32);
}

void Absorb(uint64_t v[4], uint64_t word) noexcept {
  v[3] ^= word;
  Round(v);
  v[0] ^= word;
}

}  // namespace

uint64_t SeenKeys::KeyOf(uint16_t type, std::string_view payload) const noexcept {
  uint64_t v[4] = {header_->key_seed[0] ^ 0x736f6d6570736575, header_->key_seed[1] ^ 0x646f72616e646f6d,
                   header_->key_seed[0] ^ 0x6c7967656e657261, header_->key_seed[1] ^ 0x7465646279746573};
  Absorb(v, uint64_t{type} << 32 | payload.size());
  for (size_t at = 0; at < payload.size(); at += 8) {
    uint64_t word = 0;
    memcpy(&word, payload.data() + at, payload.size() - at < 8 ? payload.size() - at : 8);
    Absorb(v, word);
  }
  v[2] ^= 0xff;
  for (int i = 0; i < 3; i++) Round(v);
  const uint64_t key = v[0] ^ v[1] ^ v[2] ^ v[3];
  return key > kTaken ? key : key + 2;
}

void SeenKeys::Add(uint64_t key) noexcept {
  if (count() >= kMost) return;
  for (uint32_t step = 0; step < kKeys; step++) {  // bounded: damaged memory may hold no empty word
    uint64_t& word = words_[(key + step) % kKeys];
    if (word != kEmpty) continue;  // not into the place of one taken out: the count must bound the words in use
    word = key;
    header_->keys.store(count() + 1, std::memory_order_relaxed);
    return;
  }
}

bool SeenKeys::Take(uint64_t key) noexcept {
  uint64_t* word = Find(key);
  if (word == nullptr) return false;
  *word = kTaken;
  return true;
}

uint64_t* SeenKeys::Find(uint64_t key) const noexcept {
  for (uint32_t step = 0; step < kKeys; step++) {
    uint64_t& word = words_[(key + step) % kKeys];
    if (word == key) return &word;
    if (word == kEmpty) return nullptr;
  }
  return nullptr;
}

}  // namespace audit
