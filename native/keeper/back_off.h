// How long to wait before a program that has died is started again.
#pragma once

#include <cstdint>

namespace audit {

class BackOff {
 public:
  static constexpr int64_t kGoodLife = 1000;
  static constexpr int64_t kFirst = 100;
  static constexpr int64_t kMost = 10000;

  // All in milliseconds. A death is answered at once, as it may have been an accident; those that follow on it later
  // and later, until a life came up and lasted.
  int64_t After(int64_t life, bool came_up) noexcept {
    if (came_up && life >= kGoodLife) next_ = 0;
    const int64_t wait = next_;
    next_ = wait == 0 ? kFirst : wait * 2 < kMost ? wait * 2 : kMost;
    return wait;
  }

 private:
  int64_t next_ = 0;
};

}  // namespace audit
