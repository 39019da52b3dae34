// Where records come from: the kernel's socket, or a recorded log. The reader treats both alike.
#pragma once

#include <cstdint>

namespace audit {

// One record as its source delivered it. The payload stays valid until the source's next Receive().
struct Message {
  const char* payload;
  uint32_t length;
  uint16_t type;
  bool was_malformed;  // kept all the same: its header contradicted its size
  bool was_cut;        // longer than the receive slot: the rest is gone
};

inline constexpr int kMaxBatch = 64;

class Source {
 public:
  virtual ~Source() = default;

  enum class State { kMore, kDry, kEnded };
  struct Batch {
    int count = 0;              // messages in `out`
    State state = State::kDry;  // kMore: call again at once; kDry: poll first; kEnded: nothing will come any more
  };
  // Takes what is there, at most kMaxBatch messages, and never blocks.
  virtual Batch Receive(Message* out) noexcept = 0;

  // Readable when Receive() has something to give.
  virtual int poll_fd() const noexcept = 0;

  // No further records are wanted: the source stops asking for them. What is already on its way still comes, until
  // Receive() says kEnded or, after Finish(), kDry.
  virtual void Finish() noexcept = 0;

  // Records of types that only an audit daemon writes (DAEMON_START ...) are genuine here. Never so for the kernel's
  // socket, where they would be forged.
  virtual bool carries_daemon_records() const noexcept = 0;
};

}  // namespace audit
