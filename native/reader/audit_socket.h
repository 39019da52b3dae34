// The AF_NETLINK socket on which the kernel delivers records. One thread receives; any may ask to register.
#pragma once

#include <linux/netlink.h>
#include <sys/socket.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "../ring/ring.h"
#include "../ring/seen_keys.h"
#include "source.h"

namespace audit {

struct AuditSocketOptions {
  // Receive buffer in bytes, forced past net.core.rmem_max where CAP_NET_ADMIN allows; 0 keeps the system's default.
  uint32_t receive_bytes = 0;
  // Join the multicast group AUDIT_NLGRP_READLOG (needs CAP_AUDIT_READ) instead of registering as the daemon.
  bool observe = false;
  // This process's own socket, registered already: it was handed through execve(2). -1: one is opened.
  int registered = -1;
  // Sockets that dead daemons were registered with, and which may hold records; at most kMostHeld. They belong to the
  // result.
  static constexpr int kMostHeld = 8;
  int held[kMostHeld] = {};
  int held_count = 0;
  // The multicast socket of a take-over that a dead daemon had begun, or -1.
  int window = -1;
};

// What failed, in the words of the man page of the call, and why.
struct Failure {
  const char* syscall = nullptr;
  int error = 0;
};

// A take-over from a dead daemon whose socket is still open somewhere, so that the kernel goes on sending to it:
//
//   1. The constructor joins the multicast group: this window sees, from now on, whatever the kernel sends to anybody.
//   2. Records of the held sockets are taken as any other, and kept in mind as keys.
//   3. RequestRegistration() makes the held sockets refuse the kernel, which leaves what they hold readable, and then
//      registers. What the kernel sends between the two reaches nobody but the window.
//   4. The first record on the new socket means that the kernel sends there now. The window is read to its end; what
//      has a key was seen, the rest becomes records. The window is closed. Should one of the latter come by the new
//      socket all the same (the kernel may try again), it is dropped, as often as it was taken.
//
// Slots, keys and cursors lie in the ring's memory, held sockets and window with whoever keeps them: a process that
// dies anywhere in this leaves all that the next one needs to go on with it.
class AuditSocket final : public Source {
 public:
  // Opens, sets up and binds. Messages that a dead process had received into the ring's slots and not made records of
  // come first. Null with `failure` filled in, and the descriptors in `options` stay the caller's; EPROTONOSUPPORT: a
  // kernel without audit.
  static std::unique_ptr<AuditSocket> Open(const AuditSocketOptions& options, Ring* ring, Failure* failure) noexcept;
  // The same over a datagram socket that is open already, which then belongs to the result: how tests play the
  // kernel, or somebody who is not the kernel.
  static std::unique_ptr<AuditSocket> Adopt(int fd, bool checks_sender, Ring* ring) noexcept;
  // As Adopt, in the midst of a take-over: tests again.
  static std::unique_ptr<AuditSocket> AdoptTakeOver(int fd, int held, int window, Ring* ring) noexcept;

  ~AuditSocket() override;

  // Sends AUDIT_SET for this process as the audit daemon. Any thread, once. The answer comes through Receive(), among
  // records that must not be lost; until then registration() is kPending. Returns 0 or what sendto(2) said.
  int RequestRegistration() noexcept;
  // Nothing is left of a take-over but late copies. Any thread.
  bool is_settled() const noexcept { return settled_.load(); }
  // Messages that were found in the slots.
  int staged_found() const noexcept { return staged_found_; }
  int fd() const noexcept { return fd_; }
  int window_fd() const noexcept { return window_fd_; }
  // The window is none that a dead daemon had begun.
  bool window_is_new() const noexcept { return window_is_new_; }
  // Something lies in the socket now. Any thread, as long as this object lives.
  bool is_readable() const noexcept;
  static constexpr int kPending = -1;
  // 0, or why the kernel refused: EPERM, EEXIST, ... Any thread.
  int registration() const noexcept { return registration_.load(); }

  Batch Receive(Message* out) noexcept override;
  bool Admit(const Message& message) noexcept override;
  void Resume() noexcept override;
  int Polled(pollfd* out) const noexcept override;
  void Finish() noexcept override;
  bool carries_daemon_records() const noexcept override { return false; }

  // The kernel's own measure, which counts its bookkeeping too (socket(7): twice what was asked for).
  int receive_bytes() const noexcept { return receive_bytes_; }
  // False when the size that was asked for could not be had.
  bool receive_bytes_granted() const noexcept { return receive_bytes_granted_; }
  uint64_t inode() const noexcept;  // names the socket in /proc/net/netlink

 private:
  explicit AuditSocket(Ring* ring) noexcept : ring_(ring), counters_(&ring->counters()) {}
  bool Prepare(const AuditSocketOptions& options, Failure* failure) noexcept;
  int OpenBound(const AuditSocketOptions& options, bool multicast, Failure* failure) noexcept;
  void BeginTakeOver(const AuditSocketOptions& options) noexcept;
  bool MapSlots() noexcept;
  int FindStaged() noexcept;
  int SendSetPid(uint32_t pid, uint32_t sequence) noexcept;
  Batch Replay(Message* out) noexcept;
  int ReceiveFrom(int fd, uint32_t source, Message* out, State* state) noexcept;
  int Collect(int first, int count, Message* out) noexcept;
  bool Accept(int slot, Message* out) noexcept;
  void EndTakeOver() noexcept;

  Ring* ring_;
  Counters* counters_;
  int fd_ = -1;
  bool checks_sender_ = true;
  int receive_bytes_ = 0;
  bool receive_bytes_granted_ = true;
  uint32_t register_sequence_ = 0;
  std::atomic<int> registration_{kPending};

  // A take-over. The reader thread's, but for the two flags.
  int held_[AuditSocketOptions::kMostHeld] = {};
  int held_count_ = 0;
  int window_fd_ = -1;
  bool window_is_new_ = false;
  bool delivers_ = false;          // a record has come by our own socket since it was registered
  uint64_t late_until_ = 0;        // monotonic nanoseconds: keys are of use until then; 0: there are none
  std::atomic<bool> left_{false};  // the held sockets get nothing new
  std::atomic<bool> settled_{true};
  std::unique_ptr<SeenKeys> seen_;

  // Receive slots: the ring's, or one mapping of our own. A record each.
  char* slots_ = nullptr;
  char* own_slots_ = nullptr;
  mmsghdr* headers_ = nullptr;
  uint32_t source_ = kFromSocket;
  int filled_ = 0;        // slots in use
  int replay_from_ = -1;  // the first of them that a dead process left to us; -1: none
  int staged_found_ = 0;
  mmsghdr own_headers_[kMaxBatch] = {};
  iovec vectors_[kMaxBatch] = {};
  sockaddr_nl senders_[kMaxBatch] = {};
};

}  // namespace audit
