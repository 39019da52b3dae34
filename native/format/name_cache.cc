#include "name_cache.h"

#include <cstring>

namespace audit {

namespace {

constexpr uint64_t kLifetimeMilliseconds = 300 * 1000;

}  // namespace

size_t CopyName(const char* name, char* out, size_t room) noexcept {
  const size_t length = strnlen(name, room);
  memcpy(out, name, length);
  return length;
}

template <size_t kSets>
std::string_view NameCache::Table<kSets>::Find(uint32_t number, NameResolver::Resolve resolve) noexcept {
  if (uses == UINT32_MAX) *this = {};  // ages would start again at 0 and lie
  uses++;
  // Accounts are numbered in runs; Fibonacci hashing (multiply, take the high bits) spreads a run over all sets.
  Set& set = sets[static_cast<uint32_t>(number * 2654435769u) / (UINT32_MAX / kSets + 1)];
  size_t oldest = 0;
  for (size_t way = 0; way < kWays; way++) {
    if (set.numbers[way] == number && set.last_used[way] > forgotten) {
      set.last_used[way] = uses;
      return {set.names[way], set.lengths[way]};
    }
    if (set.last_used[way] < set.last_used[oldest]) oldest = way;
  }
  const size_t length = resolve(number, set.names[oldest], kMaxName);
  set.numbers[oldest] = number;
  set.last_used[oldest] = uses;
  set.lengths[oldest] = static_cast<uint16_t>(length <= kMaxName ? length : kMaxName);
  return {set.names[oldest], set.lengths[oldest]};
}

std::string_view NameCache::User(uint32_t uid) noexcept { return users_.Find(uid, resolver_.user); }

std::string_view NameCache::Group(uint32_t gid) noexcept { return groups_.Find(gid, resolver_.group); }

std::string_view NameCache::Interface(uint32_t index) noexcept {
  if (resolver_.network_interface == nullptr) return {};
  return interfaces_.Find(index, resolver_.network_interface);
}

std::string_view NameCache::Protocol(uint32_t number) noexcept {
  if (resolver_.protocol == nullptr) return {};
  return protocols_.Find(number, resolver_.protocol);
}

void NameCache::Flush() noexcept {
  users_.Forget();
  groups_.Forget();
  interfaces_.Forget();
  protocols_.Forget();
  oldest_milliseconds_ = 0;
}

void NameCache::Tick(uint64_t milliseconds) noexcept {
  if (oldest_milliseconds_ == 0) oldest_milliseconds_ = milliseconds;
  if (milliseconds >= oldest_milliseconds_ && milliseconds - oldest_milliseconds_ < kLifetimeMilliseconds) return;
  Flush();
  oldest_milliseconds_ = milliseconds;
}

}  // namespace audit
