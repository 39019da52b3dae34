// Where records come from: the kernel's socket, or a recorded log. The reader treats both alike.
#pragma once

#include <poll.h>

#include <cstdint>

namespace audit {

// One record as its source delivered it. The payload stays valid until the source's next Receive().
struct Message {
  const char* payload;
  uint32_t length;
  uint16_t type;
  bool was_malformed;  // kept all the same: its header contradicted its size
  bool was_cut;        // longer than the receive slot: the rest is gone
  int slot;            // of the ring's staging, in order of arrival; -1 when it lies elsewhere
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

  // Asked for each message just before it becomes a record. False: it is one already.
  virtual bool Admit(const Message&) noexcept { return true; }

  // The reader goes on after it was left in the midst of a batch: what did not become a record comes again.
  virtual void Resume() noexcept {}

  // What is readable when Receive() has something to give, at most kMostPolled. Returns how many.
  static constexpr int kMostPolled = 12;
  virtual int Polled(pollfd* out) const noexcept = 0;

  // No further records are wanted: the source stops asking for them. What is already on its way still comes, until
  // Receive() says kEnded or, after Finish(), kDry.
  virtual void Finish() noexcept = 0;

  // Records of types that only an audit daemon writes (DAEMON_START ...) are genuine here. Never so for the kernel's
  // socket, where they would be forged.
  virtual bool carries_daemon_records() const noexcept = 0;
};

}  // namespace audit
