#include "audit_socket.h"

#include <errno.h>
#include <linux/audit.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <new>

#include "../format/format.h"

namespace audit {

namespace {

static_assert(kSlotBytes > NLMSG_HDRLEN + kMaxPayload);
static_assert(kSlots == kMaxBatch && sizeof(mmsghdr) * kSlots == kSlotHeadersBytes);

// How long a copy that the kernel sends late is recognized. It tries again at once, or not at all.
constexpr uint64_t kLateNanoseconds = 10'000'000'000;
constexpr uint64_t kOpen = UINT64_MAX;

// The key of a record that was taken from the window, and may yet come by the socket.
uint64_t LateOf(uint64_t key) noexcept {
  const uint64_t late = key ^ 0xa5a5a5a5a5a5a5a5;
  return late > 1 ? late : late + 2;
}

uint64_t MonotonicNanoseconds() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

uint32_t OwnPort(int fd) noexcept {
  sockaddr_nl address = {};
  socklen_t size = sizeof address;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? address.nl_pid : 0;
}

}  // namespace

std::unique_ptr<AuditSocket> AuditSocket::Open(const AuditSocketOptions& options, Ring* ring,
                                               Failure* failure) noexcept {
  std::unique_ptr<AuditSocket> socket(new (std::nothrow) AuditSocket(ring));
  if (!socket) {
    *failure = {"malloc", ENOMEM};
    return nullptr;
  }
  if (!socket->Prepare(options, failure)) return nullptr;
  return socket;
}

bool AuditSocket::Prepare(const AuditSocketOptions& options, Failure* failure) noexcept {
  // Answers to requests of a dead process may lie in the slots: its numbers are others.
  register_sequence_ = static_cast<uint32_t>(MonotonicNanoseconds() / 1000000) << 8 | 1;
  checks_sender_ = options.observe;
  if (!MapSlots()) {
    *failure = {"mmap", errno};
    return false;
  }
  const int fd = options.registered >= 0 ? options.registered : OpenBound(options, options.observe, failure);
  if (fd < 0) return false;
  fd_ = fd;
  if (options.registered >= 0) registration_.store(0);
  socklen_t size = sizeof receive_bytes_;
  if (getsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes_, &size) != 0) receive_bytes_ = 0;
  receive_bytes_granted_ = receive_bytes_ / 2 >= static_cast<int>(options.receive_bytes);
  if (options.held_count > 0 || options.window >= 0) BeginTakeOver(options);
  return true;
}

// A socket with a port of its own, or one that only hears the multicast group. -1 with `failure` filled in.
int AuditSocket::OpenBound(const AuditSocketOptions& options, bool multicast, Failure* failure) noexcept {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
  if (fd < 0) {
    *failure = {"socket", errno};
    return -1;
  }
  const int on = 1;
  // Without it an overrun shows as ENOBUFS on a later call and closes nothing we could use; the drops are counted in
  // /proc/net/netlink either way.
  if (setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on) != 0) {
    *failure = {"setsockopt", errno};
    close(fd);
    return -1;
  }
  if (options.receive_bytes > 0) {
    const int bytes = static_cast<int>(options.receive_bytes);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);  // never fails: it clips at net.core.rmem_max
    }
  }
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  if (multicast) address.nl_groups = 1u << (AUDIT_NLGRP_READLOG - 1);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    *failure = {"bind", errno};
    close(fd);
    return -1;
  }
  // Connected to the kernel's port, the kernel refuses for us whatever others send to this socket: ECONNREFUSED for
  // them (netlink_getsockbyportid), and no sender's address to copy and check for each record. Multicast is not
  // subject to that, and still only the kernel's.
  address.nl_groups = 0;
  if (!options.observe && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    *failure = {"connect", errno};
    close(fd);
    return -1;
  }
  return fd;
}

void AuditSocket::BeginTakeOver(const AuditSocketOptions& options) noexcept {
  held_count_ = options.held_count < AuditSocketOptions::kMostHeld ? options.held_count : AuditSocketOptions::kMostHeld;
  for (int i = 0; i < held_count_; i++) held_[i] = options.held[i];
  settled_.store(false);
  Header& header = ring_->header();
  window_fd_ = options.window;
  if (!ring_->has_staging()) return;  // without keys nobody could tell what came twice
  seen_.reset(new (std::nothrow) SeenKeys(reinterpret_cast<uint64_t*>(ring_->memory() + kKeysOffset), &header));
  if (!seen_) return;
  if (window_fd_ >= 0 && header.is_window_open.load() != 0) {
    late_until_ = kOpen;  // as it was left
    return;
  }
  // Its keys are gone with another ring.
  if (window_fd_ >= 0) close(window_fd_);
  // The late copies that the dead process still looked for may come yet.
  if (seen_->count() > SeenKeys::kMost / 2) ring_->DropKeys();
  if (seen_->count() == 0 && getrandom(header.key_seed, sizeof header.key_seed, 0) != sizeof header.key_seed) {
    header.key_seed[0] = OwnPort(fd_);  // never happens once the system is up
  }
  Failure ignored;
  window_fd_ = OpenBound(options, true, &ignored);
  // Without CAP_AUDIT_READ there is no window: what the kernel sends in that instant shows as missing serials.
  if (window_fd_ < 0) return;
  window_is_new_ = true;
  header.is_window_open.store(1);
  late_until_ = kOpen;
}

bool AuditSocket::MapSlots() noexcept {
  if (ring_->has_staging()) {
    headers_ = reinterpret_cast<mmsghdr*>(ring_->slot_headers());
    slots_ = ring_->slots();
    source_ = ring_->header().staged_source.load() == kFromWindow ? kFromWindow : kFromSocket;
    while (filled_ < kMaxBatch && headers_[filled_].msg_len > 0) {
      if (headers_[filled_].msg_len > kSlotBytes) headers_[filled_].msg_len = kSlotBytes;  // damaged memory
      filled_++;
    }
    staged_found_ = FindStaged();
  } else {
    void* slots = mmap(nullptr, kMaxBatch * kSlotBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED) return false;
    slots_ = own_slots_ = static_cast<char*>(slots);
    headers_ = own_headers_;
  }
  for (int i = 0; i < kMaxBatch; i++) {
    vectors_[i] = {slots_ + static_cast<size_t>(i) * kSlotBytes, kSlotBytes};
    msghdr& header = headers_[i].msg_hdr;  // the addresses in it were another process's
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_name = checks_sender_ ? &senders_[i] : nullptr;
    header.msg_namelen = 0;
    header.msg_control = nullptr;
    header.msg_controllen = 0;
  }
  return true;
}

int AuditSocket::FindStaged() noexcept {
  const int first = ring_->FirstUnstaged();
  if (first >= filled_) return 0;
  replay_from_ = first;
  return filled_ - first;
}

void AuditSocket::Resume() noexcept {
  if (ring_->has_staging()) FindStaged();
}

std::unique_ptr<AuditSocket> AuditSocket::Adopt(int fd, bool checks_sender, Ring* ring) noexcept {
  std::unique_ptr<AuditSocket> socket(new (std::nothrow) AuditSocket(ring));
  if (!socket) return nullptr;
  socket->fd_ = fd;
  socket->checks_sender_ = checks_sender;
  return socket->MapSlots() ? std::move(socket) : nullptr;
}

std::unique_ptr<AuditSocket> AuditSocket::AdoptTakeOver(int fd, int held, int window, Ring* ring) noexcept {
  std::unique_ptr<AuditSocket> socket = Adopt(fd, false, ring);
  if (!socket) return nullptr;
  ring->header().is_window_open.store(1);  // the test has opened it
  AuditSocketOptions options;
  options.held[0] = held;
  options.held_count = 1;
  options.window = window;
  socket->BeginTakeOver(options);
  socket->left_.store(true);
  socket->registration_.store(0);
  return socket;
}

AuditSocket::~AuditSocket() {
  if (fd_ >= 0) close(fd_);
  if (window_fd_ >= 0) close(window_fd_);
  for (int i = 0; i < held_count_; i++) close(held_[i]);
  if (own_slots_ != nullptr) munmap(own_slots_, kMaxBatch * kSlotBytes);
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
  // The kernel gets ECONNREFUSED from a socket that is connected to another port, and takes that for a dead daemon;
  // what lies in it stays readable. The port is our own: nobody else can then send to it in the kernel's place.
  sockaddr_nl elsewhere = {};
  elsewhere.nl_family = AF_NETLINK;
  elsewhere.nl_pid = OwnPort(fd_);
  // One that cannot be connected answers as before, and the kernel's refusal to register says so.
  for (int i = 0; i < held_count_; i++) {
    (void)connect(held_[i], reinterpret_cast<sockaddr*>(&elsewhere), sizeof elsewhere);
  }
  left_.store(true);
  return SendSetPid(static_cast<uint32_t>(getpid()), register_sequence_);
}

void AuditSocket::Finish() noexcept {
  if (registration() != 0) return;
  // From the acknowledgement on nothing new is sent here. What was sent before it lies in the socket, ahead of it.
  SendSetPid(0, register_sequence_ + 1);
}

bool AuditSocket::is_readable() const noexcept {
  pollfd ready = {fd_, POLLIN, 0};
  return poll(&ready, 1, 0) > 0;
}

int AuditSocket::Polled(pollfd* out) const noexcept {
  int count = 0;
  out[count++] = {fd_, POLLIN, 0};
  for (int i = 0; i < held_count_; i++) out[count++] = {held_[i], POLLIN, 0};
  return count;
}

Source::Batch AuditSocket::Receive(Message* out) noexcept {
  if (replay_from_ >= 0) return Replay(out);
  State state = State::kDry;
  while (held_count_ > 0) {
    const int fd = held_[held_count_ - 1];
    const bool gets_nothing_new = left_.load();
    const int kept = ReceiveFrom(fd, kFromSocket, out, &state);
    if (filled_ > 0) return {kept, State::kMore};
    if (!gets_nothing_new) break;
    close(fd);
    held_count_--;
  }
  if (!settled_.load() && held_count_ == 0 && delivers_) {
    const int kept = window_fd_ < 0 ? 0 : ReceiveFrom(window_fd_, kFromWindow, out, &state);
    if (window_fd_ >= 0 && filled_ > 0) return {kept, State::kMore};
    EndTakeOver();
  }
  const int kept = ReceiveFrom(fd_, kFromSocket, out, &state);
  return {kept, state};
}

// What a dead process had received and not made records of.
Source::Batch AuditSocket::Replay(Message* out) noexcept {
  const int first = replay_from_;
  replay_from_ = -1;
  return {Collect(first, filled_, out), State::kMore};
}

// Everything that was sent before our own socket was served has been seen by the window.
void AuditSocket::EndTakeOver() noexcept {
  if (window_fd_ >= 0) close(window_fd_);
  window_fd_ = -1;
  if (seen_) {
    ring_->header().is_window_open.store(0);
    late_until_ = MonotonicNanoseconds() + kLateNanoseconds;
  }
  settled_.store(true);
}

// Fills the slots from one descriptor. filled_ is 0 when it was dry.
int AuditSocket::ReceiveFrom(int fd, uint32_t source, Message* out, State* state) noexcept {
  if (checks_sender_) {
    for (int i = 0; i < kMaxBatch; i++) headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_nl);
  }
  if (filled_ > 0 && ring_->has_staging()) {
    // First the slots, then how far they were done with: never does a done slot look like a waiting one. The kernel
    // sets each length once its message is whole, also when this process is to be killed meanwhile.
    for (int i = 0; i < filled_; i++) headers_[i].msg_len = 0;
    ring_->ClearStaged();
  }
  filled_ = 0;
  if (source != source_ && ring_->has_staging()) ring_->header().staged_source.store(source);
  source_ = source;
  const int received = recvmmsg(fd, headers_, kMaxBatch, MSG_DONTWAIT, nullptr);
  *state = received == kMaxBatch ? State::kMore : State::kDry;
  if (received < 0) {
    if (errno == EINTR) *state = State::kMore;
    if (errno != EAGAIN && errno != EINTR) {
      counters_->receive_errors.fetch_add(1, std::memory_order_relaxed);
      counters_->last_errno.store(static_cast<uint64_t>(errno), std::memory_order_relaxed);
    }
    return 0;
  }
  counters_->batches.fetch_add(1, std::memory_order_relaxed);
  filled_ = received;
  if (late_until_ != 0 && late_until_ != kOpen && MonotonicNanoseconds() > late_until_) {
    late_until_ = 0;
    ring_->DropKeys();
  }
  return Collect(0, received, out);
}

int AuditSocket::Collect(int first, int count, Message* out) noexcept {
  int kept = 0;
  for (int i = first; i < count; i++) {
    if (Accept(i, &out[kept])) kept++;
  }
  return kept;
}

bool AuditSocket::Admit(const Message& message) noexcept {
  if (late_until_ == 0) return true;
  const uint64_t key = seen_->KeyOf(message.type, std::string_view(message.payload, message.length));
  // Out of the slot first: should this process die between the two, the key stays, and hurts nobody.
  const uint64_t twin = source_ == kFromWindow ? key : LateOf(key);
  if (seen_->Has(twin)) {
    ring_->Unstage(message.slot);
    seen_->Take(twin);
    return false;
  }
  if (source_ == kFromWindow) {
    seen_->Add(LateOf(key));
  } else if (late_until_ == kOpen) {
    seen_->Add(key);
  }
  return true;
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
    if (size >= NLMSG_HDRLEN + sizeof answer.error && header.nlmsg_seq == register_sequence_) {
      memcpy(&answer.error, payload, sizeof answer.error);
      registration_.store(-answer.error);
    }
    return false;
  }
  const bool was_cut = (from.msg_flags & MSG_TRUNC) != 0;
  // The kernel sets nlmsg_len of a record to the payload alone (audit_log_end), against netlink(7), and of a reply to
  // the whole. Whatever it says, the datagram's own size is what arrived.
  const bool was_malformed = !was_cut && header.nlmsg_len != size && header.nlmsg_len != size - NLMSG_HDRLEN;
  *out = {payload,           static_cast<uint32_t>(size - NLMSG_HDRLEN),
          header.nlmsg_type, was_malformed,
          was_cut,           ring_->has_staging() ? slot : -1};
  if (source_ == kFromSocket && held_count_ == 0 && registration() == 0) delivers_ = true;
  return true;
}

}  // namespace audit
