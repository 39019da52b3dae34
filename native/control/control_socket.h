// A netlink socket to the kernel's audit subsystem for requests and their answers: status, features, rules.
// Independent of Node-API and of the reader's socket, on which the kernel delivers records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace audit {

// What completes a request, besides a refusal by the kernel, which always does.
enum class Expect {
  kAck,     // the acknowledgement alone (AUDIT_SET, AUDIT_ADD_RULE, AUDIT_USER ...)
  kSingle,  // one message of the request's own type (AUDIT_GET, AUDIT_GET_FEATURE, AUDIT_SIGNAL_INFO ...)
  kDump,    // any number of them, ended by NLMSG_DONE (AUDIT_LIST_RULES)
};

struct Answer {
  // 0, or the errno of what failed first.
  int error = 0;
  // Null when the kernel itself answered `error`; else the system call that failed: "sendto", "recvmsg", "poll".
  const char* syscall = nullptr;
  // The acknowledgement's word when positive: AUDIT_SET answers a counter reset with the counter's last value.
  int32_t acknowledged = 0;
  // Payloads without their netlink headers, in the kernel's order; empty for kAck.
  std::vector<std::vector<uint8_t>> replies;
};

// What arrived here and answered no request. Nothing is dropped uncounted.
struct Stray {
  uint64_t skipped = 0;  // from the kernel, of another request or an audit record
  uint64_t refused = 0;  // from a port other than the kernel's: forged
  uint64_t damaged = 0;  // with lengths that contradict each other
};

// One thread at a time. Every call may block up to its timeout.
class ControlSocket {
 public:
  // Takes over `descriptor`, a netlink socket. `peer_port` is the port that answers come from: 0 is the kernel.
  ControlSocket(int descriptor, uint32_t peer_port) : descriptor_(descriptor), peer_port_(peer_port) {}
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // A new, unbound NETLINK_AUDIT descriptor, or the negative errno of socket(2).
  static int OpenDescriptor();

  // Sends one request and waits for its answer. Answers are matched by sequence number.
  // A request that only reads (kSingle, kDump) is repeated when the answer was lost to a full socket buffer (ENOBUFS);
  // one that changes something is not: it took effect. EAGAIN: nothing answered within `timeout_ms`.
  Answer Request(uint16_t type, const uint8_t* payload, size_t length, Expect expect, int timeout_ms);

  void Close();
  const Stray& stray() const { return stray_; }

 private:
  Answer RequestOnce(uint16_t type, const uint8_t* payload, size_t length, Expect expect, int64_t deadline_ms);
  int Send(const std::vector<uint8_t>& message, int64_t deadline_ms);

  int descriptor_;
  uint32_t peer_port_;
  uint32_t sequence_ = 0;
  Stray stray_;
};

}  // namespace audit
