#include "counter.h"

#include <sys/random.h>

#include <algorithm>

namespace audit {

uint64_t Counter::Seed() {
  static const uint64_t seed = [] {
    uint64_t random = 0;
    // Without entropy the counts are still right, only predictable in their cost.
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random) random = 0x2545F4914F6CDD1D;
    return random;
  }();
  return seed;
}

std::string_view Counter::Keep(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() > room_) {
    const size_t size = std::max(kBlock, text.size());
    blocks_.push_back(std::make_unique<char[]>(size));
    room_ = size;
    block_end_ = blocks_.back().get() + size;
  }
  char* const kept = block_end_ - room_;
  std::memcpy(kept, text.data(), text.size());
  room_ -= text.size();
  return {kept, text.size()};
}

void Counter::Grow() {
  const size_t size = places_.empty() ? 64 : places_.size() * 2;
  places_.assign(size, 0);
  for (size_t index = 0; index < entries_.size(); index++) {
    size_t at = entries_[index].hash & (size - 1);
    while (places_[at] != 0) at = (at + 1) & (size - 1);
    places_[at] = static_cast<uint32_t>(index + 1);
  }
}

std::vector<Counter::Entry> Counter::Sorted() const {
  std::vector<Entry> sorted = entries_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& one, const Entry& other) {
    return one.count != other.count ? one.count > other.count : one.order < other.order;
  });
  return sorted;
}

}  // namespace audit
