// Stream sockets of the dispatcher: written to without waiting, and asked how much of it was read. Builds without Node.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace audit {

// Sends what the socket takes now. Bytes taken, 0 when it takes none now, or -errno: -EPIPE and -ECONNRESET when the
// reader has gone.
ssize_t SendNow(int fd, const iovec* parts, size_t count) noexcept;

// At most this many sent bytes have not been read yet; 0: all were. Counts the kernel's own use of memory with them,
// so it is never too low. -errno on failure.
int64_t UnreadBytes(int fd) noexcept;

enum class PeerState { kReading, kHalfClosed, kGone };
PeerState StateOfPeer(int fd) noexcept;

// A connected pair: [0] does not wait, [1] does. Both are closed on exec. False with errno set.
bool MakeSocketPair(int fds[2]) noexcept;

// A socket bound to `path` with these permissions, not listening yet: who may connect is settled before anybody can.
// -errno on failure.
int BindUnixSocket(const char* path, mode_t mode) noexcept;

struct Peer {
  int fd = -1;  // -errno: nobody waits, or the failure
  int32_t pid = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
};
Peer AcceptPeer(int listening_fd) noexcept;

}  // namespace audit
