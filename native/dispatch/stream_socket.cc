#include "stream_socket.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace audit {

ssize_t SendNow(int fd, const iovec* parts, size_t count) noexcept {
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = count;
  ssize_t sent;
  do {
    sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return sent;
  // ENOBUFS, ENOMEM: the kernel's memory, not the reader. It passes.
  return errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM ? 0 : -errno;
}

int64_t UnreadBytes(int fd) noexcept {
  int bytes = 0;
  return ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : -errno;
}

PeerState StateOfPeer(int fd) noexcept {
  pollfd peer = {fd, POLLRDHUP, 0};
  if (poll(&peer, 1, 0) < 0) return PeerState::kReading;
  if ((peer.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return PeerState::kGone;
  return (peer.revents & POLLRDHUP) != 0 ? PeerState::kHalfClosed : PeerState::kReading;
}

bool MakeSocketPair(int fds[2]) noexcept {
  // Each end has a file status of its own: only ours does not wait, as MSG_DONTWAIT says at each call.
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0;
}

int BindUnixSocket(const char* path, mode_t mode) noexcept {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const size_t length = strlen(path);
  if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path, length + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  // A socket's inode gets the mode of its descriptor, less the umask, which only takes away.
  if (fchmod(fd, mode) != 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

Peer AcceptPeer(int listening_fd) noexcept {
  Peer peer;
  do {
    peer.fd = accept4(listening_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (peer.fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (peer.fd < 0) {
    peer.fd = -errno;
    return peer;
  }
  ucred credentials = {};
  socklen_t size = sizeof credentials;
  if (getsockopt(peer.fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    peer.pid = credentials.pid;
    peer.uid = credentials.uid;
    peer.gid = credentials.gid;
  }
  return peer;
}

}  // namespace audit
