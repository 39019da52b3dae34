#include "top_values.h"

#include <algorithm>
#include <numeric>

#include "counter.h"

namespace audit {

void TopValues::Add(std::string_view text, bool has_failed, int64_t seconds, uint64_t event) {
  const uint64_t hash = Counter::Hash(text);
  if ((entries_.size() + 1) * 4 > places_.size() * 3) Index(places_.empty() ? 64 : places_.size() * 2);
  const size_t mask = places_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    if (places_[at] == 0) {
      entries_.push_back({hash, 1, has_failed ? 1u : 0u, seconds, seconds, event, texts_.size(), text.size()});
      texts_ += text;
      places_[at] = static_cast<uint32_t>(entries_.size());
      if (entries_.size() >= most_values_ || texts_.size() >= most_bytes_) ForgetRare();
      return;
    }
    Entry& entry = entries_[places_[at] - 1];
    if (entry.hash != hash || TextOf(entry) != text) continue;
    if (entry.event == event) return;
    entry.event = event;
    entry.count++;
    if (has_failed) entry.failed++;
    entry.first = std::min(entry.first, seconds);
    entry.last = std::max(entry.last, seconds);
    return;
  }
}

std::vector<size_t> TopValues::ByCount() const {
  std::vector<size_t> order(entries_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [this](size_t one, size_t other) { return entries_[one].count > entries_[other].count; });
  return order;
}

std::vector<TopValues::Value> TopValues::Top(size_t most) const {
  std::vector<Value> top;
  for (const size_t index : ByCount()) {
    if (top.size() == most) break;
    const Entry& entry = entries_[index];
    top.push_back({TextOf(entry), entry.count, entry.failed, entry.first, entry.last});
  }
  return top;
}

void TopValues::ForgetRare() {
  most_different_ = std::max(most_different_, entries_.size());
  is_cut_ = true;
  std::vector<Entry> kept;
  std::string texts;
  uint64_t forgotten = 0;
  for (const size_t index : ByCount()) {
    Entry entry = entries_[index];
    const bool fits = kept.size() < most_values_ / 2 && texts.size() + entry.length <= most_bytes_ / 2;
    if (!fits) {
      forgotten = std::max(forgotten, entry.count);
      continue;
    }
    const std::string_view text = TextOf(entry);
    entry.offset = texts.size();
    texts += text;
    kept.push_back(entry);
  }
  // One that comes, is forgotten and comes again loses so much each time.
  most_missing_ += forgotten;
  entries_ = std::move(kept);
  texts_ = std::move(texts);
  Index(places_.size());
}

void TopValues::Index(size_t places) {
  places_.assign(places, 0);
  for (size_t index = 0; index < entries_.size(); index++) {
    size_t at = entries_[index].hash & (places - 1);
    while (places_[at] != 0) at = (at + 1) & (places - 1);
    places_[at] = static_cast<uint32_t>(index + 1);
  }
}

}  // namespace audit
