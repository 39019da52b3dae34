// What a program tells its keeper, in the lines of sd_notify(3).
#pragma once

#include <string_view>

namespace audit {

inline constexpr size_t kMostName = 63;

struct Notice {
  bool is_ready = false;
  bool is_alive = false;  // WATCHDOG=1
  bool is_stuck = false;  // WATCHDOG=trigger
  bool stores = false;    // the descriptors that came with it are to be kept under `name`
  bool removes = false;   // those of this name are to be let go
  std::string_view name;  // empty: none, or one that cannot be
};

// Unknown lines are nothing. The name is a view of `text`: at most kMostName bytes, printable, without a colon.
Notice ParseNotice(std::string_view text) noexcept;

}  // namespace audit
