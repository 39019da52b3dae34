// Work that may take a little longer, on a thread that is used for other things as well.
#pragma once

namespace audit {

// While it lives, the calling thread is so much nicer (nice(2)) to the others. Without CAP_SYS_NICE it does nothing:
// the thread could not get its priority back.
class LowerPriority {
 public:
  explicit LowerPriority(int nicer) noexcept;
  ~LowerPriority();
  LowerPriority(const LowerPriority&) = delete;
  LowerPriority& operator=(const LowerPriority&) = delete;

 private:
  int before_ = 0;
  bool is_lowered_ = false;
};

}  // namespace audit
