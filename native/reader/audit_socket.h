// The AF_NETLINK socket on which the kernel delivers records. One thread receives; any may ask to register.
#pragma once

#include <linux/netlink.h>
#include <sys/socket.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "../ring/layout.h"
#include "source.h"

namespace audit {

struct AuditSocketOptions {
  // Receive buffer in bytes, forced past net.core.rmem_max where CAP_NET_ADMIN allows; 0 keeps the system's default.
  uint32_t receive_bytes = 0;
  // Join the multicast group AUDIT_NLGRP_READLOG (needs CAP_AUDIT_READ) instead of registering as the daemon.
  bool observe = false;
};

// What failed, in the words of the man page of the call, and why.
struct Failure {
  const char* syscall = nullptr;
  int error = 0;
};

class AuditSocket final : public Source {
 public:
  // Opens, sets up and binds. Null with `failure` filled in; EPROTONOSUPPORT: a kernel without audit.
  static std::unique_ptr<AuditSocket> Open(const AuditSocketOptions& options, Counters* counters,
                                           Failure* failure) noexcept;
  // The same over a datagram socket that is open already, which then belongs to the result: how tests play the
  // kernel, or somebody who is not the kernel.
  static std::unique_ptr<AuditSocket> Adopt(int fd, bool checks_sender, Counters* counters) noexcept;

  ~AuditSocket() override;

  // Sends AUDIT_SET for this process as the audit daemon. Any thread, once. The answer comes through Receive(), among
  // records that must not be lost; until then registration() is kPending. Returns 0 or what sendto(2) said.
  int RequestRegistration() noexcept;
  static constexpr int kPending = -1;
  // 0, or why the kernel refused: EPERM, EEXIST, ... Any thread.
  int registration() const noexcept { return registration_.load(); }

  Batch Receive(Message* out) noexcept override;
  int poll_fd() const noexcept override { return fd_; }
  void Finish() noexcept override;
  bool carries_daemon_records() const noexcept override { return false; }

  // The kernel's own measure, which counts its bookkeeping too (socket(7): twice what was asked for).
  int receive_bytes() const noexcept { return receive_bytes_; }
  // False when the size that was asked for could not be had.
  bool receive_bytes_granted() const noexcept { return receive_bytes_granted_; }
  uint64_t inode() const noexcept;  // names the socket in /proc/net/netlink

 private:
  explicit AuditSocket(Counters* counters) noexcept : counters_(counters) {}
  bool Prepare(const AuditSocketOptions& options, Failure* failure) noexcept;
  bool MapSlots() noexcept;
  int SendSetPid(uint32_t pid, uint32_t sequence) noexcept;
  bool Accept(int slot, Message* out) noexcept;

  Counters* counters_;
  int fd_ = -1;
  bool checks_sender_ = true;
  int receive_bytes_ = 0;
  bool receive_bytes_granted_ = true;
  std::atomic<int> registration_{kPending};

  // Receive slots: one mapping, a record each.
  char* slots_ = nullptr;
  mmsghdr headers_[kMaxBatch] = {};
  iovec vectors_[kMaxBatch] = {};
  sockaddr_nl senders_[kMaxBatch] = {};
};

}  // namespace audit
