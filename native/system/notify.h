// The service manager's notification socket: sd_notify(3) and sd_pid_notify_with_fds(3), without libsystemd.
#pragma once

#include <string_view>

namespace audit {

inline constexpr int kMostNotifiedDescriptors = 8;

// Sends `text` (lines of NAME=VALUE) and copies of descriptors to the AF_UNIX datagram socket at `path`; a first '@'
// stands for the abstract namespace. 0, or an errno: EINVAL for a path or a count that cannot be.
int Notify(std::string_view path, std::string_view text, const int* descriptors, int count) noexcept;

}  // namespace audit
