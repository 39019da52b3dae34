#include "audit_socket.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>

#include "../format/format.h"

namespace audit {

namespace {

// A little more than the longest record, so that one byte too many is seen as such and cut by the formatter, which
// then says so in the record's flags.
constexpr size_t kSlotBytes = 9216;
static_assert(kSlotBytes > NLMSG_HDRLEN + kMaxPayload);

constexpr uint32_t kRegisterSequence = 1;
constexpr uint32_t kUnregisterSequence = 2;

}  // namespace

std::unique_ptr<AuditSocket> AuditSocket::Open(const AuditSocketOptions& options, Counters* counters,
                                               Failure* failure) noexcept {
  std::unique_ptr<AuditSocket> socket(new (std::nothrow) AuditSocket(counters));
  if (!socket) {
    *failure = {"malloc", ENOMEM};
    return nullptr;
  }
  if (!socket->Prepare(options, failure)) return nullptr;
  return socket;
}

bool AuditSocket::Prepare(const AuditSocketOptions& options, Failure* failure) noexcept {
  fd_ = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
  if (fd_ < 0) {
    *failure = {"socket", errno};
    return false;
  }
  const int on = 1;
  // Without it an overrun shows as ENOBUFS on a later call and closes nothing we could use; the drops are counted in
  // /proc/net/netlink either way.
  if (setsockopt(fd_, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on) != 0) {
    *failure = {"setsockopt", errno};
    return false;
  }
  if (options.receive_bytes > 0) {
    const int bytes = static_cast<int>(options.receive_bytes);
    if (setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);  // never fails: it clips at net.core.rmem_max
    }
    socklen_t size = sizeof receive_bytes_;
    if (getsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes_, &size) != 0) receive_bytes_ = 0;
    receive_bytes_granted_ = receive_bytes_ / 2 >= bytes;
  }
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  if (options.observe) address.nl_groups = 1u << (AUDIT_NLGRP_READLOG - 1);
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    *failure = {"bind", errno};
    return false;
  }
  if (!options.observe) {
    // Connected to the kernel's port, the kernel refuses for us whatever others send to this socket: ECONNREFUSED for
    // them (netlink_getsockbyportid), and no sender's address to copy and check for each record. Multicast is not
    // subject to that.
    address.nl_groups = 0;
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      *failure = {"connect", errno};
      return false;
    }
  }
  checks_sender_ = options.observe;
  if (!MapSlots()) {
    *failure = {"mmap", errno};
    return false;
  }
  return true;
}

bool AuditSocket::MapSlots() noexcept {
  void* slots = mmap(nullptr, kMaxBatch * kSlotBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (slots == MAP_FAILED) return false;
  slots_ = static_cast<char*>(slots);
  for (int i = 0; i < kMaxBatch; i++) {
    vectors_[i] = {slots_ + i * kSlotBytes, kSlotBytes};
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    if (checks_sender_) headers_[i].msg_hdr.msg_name = &senders_[i];
  }
  return true;
}

std::unique_ptr<AuditSocket> AuditSocket::Adopt(int fd, bool checks_sender, Counters* counters) noexcept {
  std::unique_ptr<AuditSocket> socket(new (std::nothrow) AuditSocket(counters));
  if (!socket) return nullptr;
  socket->fd_ = fd;
  socket->checks_sender_ = checks_sender;
  return socket->MapSlots() ? std::move(socket) : nullptr;
}

AuditSocket::~AuditSocket() {
  if (fd_ >= 0) close(fd_);
  if (slots_ != nullptr) munmap(slots_, kMaxBatch * kSlotBytes);
}

uint64_t AuditSocket::inode() const noexcept {
  struct stat info;
  return fstat(fd_, &info) == 0 ? info.st_ino : 0;
}

int AuditSocket::SendSetPid(uint32_t pid, uint32_t sequence) noexcept {
  struct {
    nlmsghdr header;
    audit_status status;
  } request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = AUDIT_SET;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request.header.nlmsg_seq = sequence;
  request.status.mask = AUDIT_STATUS_PID;
  request.status.pid = pid;
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = sendto(fd_, &request, sizeof request, 0, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

int AuditSocket::RequestRegistration() noexcept {
  return SendSetPid(static_cast<uint32_t>(getpid()), kRegisterSequence);
}

void AuditSocket::Finish() noexcept {
  if (registration() != 0) return;
  // From the acknowledgement on nothing new is sent here. What was sent before it lies in the socket, ahead of it.
  SendSetPid(0, kUnregisterSequence);
}

Source::Batch AuditSocket::Receive(Message* out) noexcept {
  if (checks_sender_) {
    for (int i = 0; i < kMaxBatch; i++) headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_nl);
  }
  const int received = recvmmsg(fd_, headers_, kMaxBatch, MSG_DONTWAIT, nullptr);
  if (received < 0) {
    if (errno == EINTR) return {0, State::kMore};
    if (errno != EAGAIN) {
      counters_->receive_errors.fetch_add(1, std::memory_order_relaxed);
      counters_->last_errno.store(static_cast<uint64_t>(errno), std::memory_order_relaxed);
    }
    return {0, State::kDry};
  }
  counters_->batches.fetch_add(1, std::memory_order_relaxed);
  int kept = 0;
  for (int i = 0; i < received; i++) {
    if (Accept(i, &out[kept])) kept++;
  }
  return {kept, received == kMaxBatch ? State::kMore : State::kDry};
}

// True when the slot holds a message for the reader, which `out` then describes.
bool AuditSocket::Accept(int slot, Message* out) noexcept {
  const msghdr& from = headers_[slot].msg_hdr;
  const size_t size = headers_[slot].msg_len;
  // Only the kernel has port 0. Anybody may send to a netlink port; what others send is not a record.
  if (checks_sender_ && (from.msg_namelen != sizeof(sockaddr_nl) || senders_[slot].nl_pid != 0)) {
    counters_->spoofed.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  if (size < NLMSG_HDRLEN) {
    counters_->unreadable.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  nlmsghdr header;
  memcpy(&header, vectors_[slot].iov_base, sizeof header);
  const char* payload = static_cast<const char*>(vectors_[slot].iov_base) + NLMSG_HDRLEN;
  if (header.nlmsg_type == NLMSG_ERROR) {
    nlmsgerr answer;
    if (size >= NLMSG_HDRLEN + sizeof answer.error && header.nlmsg_seq == kRegisterSequence) {
      memcpy(&answer.error, payload, sizeof answer.error);
      registration_.store(-answer.error);
    }
    return false;
  }
  const bool was_cut = (from.msg_flags & MSG_TRUNC) != 0;
  // The kernel sets nlmsg_len of a record to the payload alone (audit_log_end), against netlink(7), and of a reply to
  // the whole. Whatever it says, the datagram's own size is what arrived.
  const bool was_malformed = !was_cut && header.nlmsg_len != size && header.nlmsg_len != size - NLMSG_HDRLEN;
  *out = {payload, static_cast<uint32_t>(size - NLMSG_HDRLEN), header.nlmsg_type, was_malformed, was_cut};
  return true;
}

}  // namespace audit
