// How often each text occurred, and where it came first. Memory grows with different texts alone.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace audit {

class Counter {
 public:
  struct Entry {
    std::string_view text;  // lives as long as the counter
    uint64_t count;
    int64_t order;  // what ties are sorted by, ascending: the place of first appearance, or the number itself
    uint64_t hash;
  };

  // `order` of a text that is already there is kept at its smallest.
  void Add(std::string_view text, int64_t order, uint64_t count = 1) {
    const uint64_t hash = Hash(text);
    if ((entries_.size() + 1) * 4 > places_.size() * 3) Grow();
    const size_t mask = places_.size() - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
      const uint32_t place = places_[at];
      if (place == 0) {
        entries_.push_back({Keep(text), count, order, hash});
        places_[at] = static_cast<uint32_t>(entries_.size());
        return;
      }
      Entry& entry = entries_[place - 1];
      if (entry.hash != hash || entry.text != text) continue;
      entry.count += count;
      if (order < entry.order) entry.order = order;
      return;
    }
  }

  void Merge(const Counter& other) {
    for (const Entry& entry : other.entries_) Add(entry.text, entry.order, entry.count);
  }

  size_t size() const { return entries_.size(); }

  // Most frequent first, ties by their order.
  std::vector<Entry> Sorted() const;

  // Differs from process to process.
  static uint64_t Hash(std::string_view text) {
    // Eight bytes at a time, each round mixed by a multiplication. Texts are an attacker's to choose, so the seed is
    // the process's own: nobody outside can make them collide.
    uint64_t hash = Seed() ^ (text.size() * 0x9E3779B97F4A7C15);
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) {
      uint64_t word;
      std::memcpy(&word, at, 8);
      hash = Mix(hash ^ word);
    }
    uint64_t word = 0;
    if (left > 0) std::memcpy(&word, at, left);
    return Mix(hash ^ word);
  }

 private:
  static constexpr size_t kBlock = 64 * 1024;

  static uint64_t Mix(uint64_t value) {
    const __uint128_t product = static_cast<__uint128_t>(value ^ 0xA0761D6478BD642F) * 0xE7037ED1A0B428DB;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  static uint64_t Seed();

  std::string_view Keep(std::string_view text);
  void Grow();

  std::vector<Entry> entries_;
  std::vector<uint32_t> places_;  // a power of two of them; index into entries_ plus one, 0: free
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* block_end_ = nullptr;  // of the last block
  size_t room_ = 0;            // left before it
};

}  // namespace audit
