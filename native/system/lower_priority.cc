#include "lower_priority.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace audit {

namespace {

// For this thread.
bool HasNiceCapability() noexcept {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[0].effective & uint32_t{1} << CAP_SYS_NICE) != 0;
}

// Linux keeps a nice value for each thread, whatever POSIX says.
id_t ThisThread() noexcept { return static_cast<id_t>(syscall(SYS_gettid)); }

}  // namespace

LowerPriority::LowerPriority(int nicer) noexcept {
  if (!HasNiceCapability()) return;
  errno = 0;
  before_ = getpriority(PRIO_PROCESS, ThisThread());
  if (errno != 0) return;
  is_lowered_ = setpriority(PRIO_PROCESS, ThisThread(), before_ + nicer) == 0;
}

LowerPriority::~LowerPriority() {
  if (is_lowered_) setpriority(PRIO_PROCESS, ThisThread(), before_);
}

}  // namespace audit
