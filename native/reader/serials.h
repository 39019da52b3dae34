// Finds serials that the kernel used and that never arrived.
#pragma once

#include <cstdint>
#include <cstring>

namespace audit {

// The kernel numbers events one by one, but CPUs race from taking a number to queueing the record, so records arrive
// slightly out of order. A serial counts as missing once kWindow later ones have been seen. One instance, one thread.
class Serials {
 public:
  static constexpr uint32_t kWindow = 8192;

  // Returns how many serials became known as missing by this one's arrival.
  uint32_t See(uint32_t serial) noexcept {
    if (!started_) {
      started_ = true;
      newest_ = serial;
      // What came before the first one is not ours to miss.
      memset(seen_, 0xff, sizeof seen_);
      return 0;
    }
    const int32_t ahead = static_cast<int32_t>(serial - newest_);
    if (ahead <= 0) {
      // A jump far back is a new count (a reboot in a recorded log), not a late record.
      if (static_cast<uint32_t>(-static_cast<int64_t>(ahead)) >= kWindow) {
        started_ = false;
        return See(serial);
      }
      Set(serial);
      return 0;
    }
    const auto step = static_cast<uint32_t>(ahead);
    uint32_t missing = 0;
    if (step > kWindow) {
      missing = step - kWindow;  // these never entered the window
    }
    const uint32_t leaving = step < kWindow ? step : kWindow;
    for (uint32_t i = 1; i <= leaving; i++) {
      const uint32_t entering = serial - leaving + i;  // takes the place of the one kWindow older
      if (!Test(entering)) missing++;
      Clear(entering);
    }
    newest_ = serial;
    Set(serial);
    return missing;
  }

 private:
  static uint64_t Bit(uint32_t serial) noexcept { return uint64_t{1} << (serial % 64); }
  uint64_t& Word(uint32_t serial) noexcept { return seen_[(serial % kWindow) / 64]; }
  bool Test(uint32_t serial) noexcept { return (Word(serial) & Bit(serial)) != 0; }
  void Set(uint32_t serial) noexcept { Word(serial) |= Bit(serial); }
  void Clear(uint32_t serial) noexcept { Word(serial) &= ~Bit(serial); }

  bool started_ = false;
  uint32_t newest_ = 0;
  uint64_t seen_[kWindow / 64] = {};
};

}  // namespace audit
