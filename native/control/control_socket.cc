#include "control_socket.h"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace audit {

namespace {

// Largest message either side sends: MAX_AUDIT_MESSAGE_LENGTH of libaudit.h.
constexpr size_t kMessageBytes = 8970;
// More than that, so that an oversized datagram is seen as truncated and not taken for a whole one.
constexpr size_t kReceiveBytes = kMessageBytes + 4096;
constexpr int kReadAttempts = 3;
constexpr int kResendPauseMs = 10;

int64_t MonotonicMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

// True when `descriptor` has something to read before the deadline. EINTR shortens nothing and costs nothing.
int WaitReadable(int descriptor, int64_t deadline_ms) {
  for (;;) {
    int64_t left = deadline_ms - MonotonicMs();
    if (left <= 0) return EAGAIN;
    pollfd waiting = {descriptor, POLLIN, 0};
    int ready = poll(&waiting, 1, left > INT_MAX ? INT_MAX : static_cast<int>(left));
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return errno;
  }
}

std::vector<uint8_t> Frame(uint16_t type, uint32_t sequence, const uint8_t* payload, size_t length) {
  // nlmsg_len counts the padding too, as the reference sends it; a rule's own buflen keeps the zeros from being read.
  std::vector<uint8_t> message(NLMSG_ALIGN(NLMSG_HDRLEN + length), 0);
  nlmsghdr header = {};
  header.nlmsg_len = static_cast<uint32_t>(message.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  header.nlmsg_seq = sequence;
  std::memcpy(message.data(), &header, sizeof(header));
  if (length > 0) std::memcpy(message.data() + NLMSG_HDRLEN, payload, length);
  return message;
}

Answer Failed(int error, const char* syscall) {
  Answer answer;
  answer.error = error;
  answer.syscall = syscall;
  return answer;
}

}  // namespace

int ControlSocket::OpenDescriptor() {
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
  return descriptor < 0 ? -errno : descriptor;
}

ControlSocket::~ControlSocket() { Close(); }

void ControlSocket::Close() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
}

Answer ControlSocket::Request(uint16_t type, const uint8_t* payload, size_t length, Expect expect, int timeout_ms) {
  if (descriptor_ < 0) return Failed(EBADF, "sendto");
  if (NLMSG_ALIGN(NLMSG_HDRLEN + length) > kMessageBytes) return Failed(EINVAL, "sendto");
  const int64_t deadline_ms = MonotonicMs() + timeout_ms;
  Answer answer;
  for (int attempt = 0; attempt < kReadAttempts; attempt++) {
    answer = RequestOnce(type, payload, length, expect, deadline_ms);
    bool overrun = answer.error == ENOBUFS && answer.syscall != nullptr;
    if (!overrun || expect == Expect::kAck) break;
  }
  return answer;
}

Answer ControlSocket::RequestOnce(uint16_t type, const uint8_t* payload, size_t length, Expect expect,
                                  int64_t deadline_ms) {
  sequence_ = sequence_ >= INT_MAX ? 1 : sequence_ + 1;  // 0 marks what the kernel sends unasked
  const uint32_t sequence = sequence_;
  if (int error = Send(Frame(type, sequence, payload, length), deadline_ms)) return Failed(error, "sendto");

  Answer answer;
  std::vector<uint8_t> buffer(kReceiveBytes);
  for (;;) {
    if (int error = WaitReadable(descriptor_, deadline_ms)) return Failed(error, "poll");
    sockaddr_nl peer = {};
    iovec place = {buffer.data(), buffer.size()};
    msghdr message = {};
    message.msg_name = &peer;
    message.msg_namelen = sizeof(peer);
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    ssize_t received = recvmsg(descriptor_, &message, MSG_DONTWAIT);
    if (received < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return Failed(errno, "recvmsg");
    }
    if (message.msg_namelen != sizeof(peer) || peer.nl_family != AF_NETLINK || peer.nl_pid != peer_port_) {
      stray_.refused++;
      continue;
    }
    nlmsghdr header;
    if (static_cast<size_t>(received) < sizeof(header) || (message.msg_flags & MSG_TRUNC) != 0) {
      stray_.damaged++;
      continue;
    }
    std::memcpy(&header, buffer.data(), sizeof(header));
    if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > static_cast<size_t>(received)) {
      stray_.damaged++;
      continue;
    }
    if (header.nlmsg_seq != sequence) {
      stray_.skipped++;
      continue;
    }
    const uint8_t* body = buffer.data() + NLMSG_HDRLEN;
    const size_t body_length = header.nlmsg_len - NLMSG_HDRLEN;
    if (header.nlmsg_type == NLMSG_ERROR) {
      int32_t word;
      if (body_length < sizeof(word)) {
        stray_.damaged++;
        continue;
      }
      std::memcpy(&word, body, sizeof(word));
      if (word < 0) {
        answer.error = word == INT32_MIN ? EPROTO : -word;
        return answer;
      }
      answer.acknowledged = word;
      if (expect == Expect::kAck) return answer;
      continue;  // the kernel acknowledges first and sends the reply from a thread of its own
    }
    if (header.nlmsg_type == NLMSG_DONE && expect == Expect::kDump) return answer;
    if (header.nlmsg_type != type) {
      stray_.skipped++;
      continue;
    }
    answer.replies.emplace_back(body, body + body_length);
    if (expect == Expect::kSingle) return answer;
  }
}

int ControlSocket::Send(const std::vector<uint8_t>& message, int64_t deadline_ms) {
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  kernel.nl_pid = peer_port_;
  for (;;) {
    ssize_t sent = sendto(descriptor_, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&kernel),
                          sizeof(kernel));
    if (sent == static_cast<ssize_t>(message.size())) return 0;
    if (sent >= 0) return EMSGSIZE;
    if (errno == EINTR) continue;
    // No memory or no room at this instant; the request has not reached the kernel, so it is safe to repeat.
    if (errno != EAGAIN && errno != ENOBUFS) return errno;
    if (MonotonicMs() + kResendPauseMs >= deadline_ms) return errno;
    poll(nullptr, 0, kResendPauseMs);
  }
}

}  // namespace audit
