// The records that were seen during a take-over, as keys: what comes twice, by a socket and by the multicast window, is
// told by it. Lies in the ring's memory, so that a process that dies in the midst of it leaves it to the next.
#pragma once

#include <cstdint>
#include <string_view>

#include "layout.h"

namespace audit {

// A multiset of 64-bit keys in kKeys words: open addressing, a word a key. 0 is an empty word, 1 one that was taken
// out. One thread.
class SeenKeys {
 public:
  // `words` are kKeys words, `header` the ring's. Keeps both.
  SeenKeys(uint64_t* words, Header* header) noexcept : words_(words), header_(header) {}

  // SipHash-1-3 over type and payload, under the ring's random seed: who writes records cannot make two collide.
  uint64_t KeyOf(uint16_t type, std::string_view payload) const noexcept;

  // From this full on nothing is added: what comes by the window may then be written twice.
  static constexpr uint32_t kMost = kKeys / 4 * 3;

  void Add(uint64_t key) noexcept;
  bool Has(uint64_t key) const noexcept { return Find(key) != nullptr; }
  // Takes one out. False when there is none.
  bool Take(uint64_t key) noexcept;
  uint32_t count() const noexcept { return header_->keys.load(std::memory_order_relaxed); }

 private:
  uint64_t* Find(uint64_t key) const noexcept;

  uint64_t* words_;
  Header* header_;
};

}  // namespace audit
