// A recorded log as a source: `auditd --replay`. Needs no privilege.
#pragma once

#include <cstdint>
#include <memory>

#include "../ring/layout.h"
#include "source.h"

namespace audit {

// Reads lines `[node=NAME ]type=TYPE msg=PAYLOAD[\x1dENRICHMENT]` and gives TYPE and PAYLOAD, so that node name and
// enrichment are made anew. A line that is none is dropped and counted as unreadable; blank lines are nothing.
class RecordedLog final : public Source {
 public:
  // Reads from `fd` (a file, pipe or terminal), which then belongs to the source. Null: out of memory.
  static std::unique_ptr<RecordedLog> Open(int fd, Counters* counters) noexcept;
  ~RecordedLog() override;

  Batch Receive(Message* out) noexcept override;
  int Polled(pollfd* out) const noexcept override {
    out[0] = {fd_, POLLIN, 0};
    return 1;
  }
  void Finish() noexcept override { finished_ = true; }
  bool carries_daemon_records() const noexcept override { return true; }

 private:
  static constexpr uint32_t kBufferBytes = 1u << 18;

  RecordedLog(int fd, Counters* counters) noexcept : fd_(fd), counters_(counters) {}
  bool Fill() noexcept;
  bool ParseLine(const char* line, uint32_t length, Message* out) noexcept;

  int fd_;
  Counters* counters_;
  bool finished_ = false;
  bool at_end_ = false;
  bool skips_line_ = false;  // inside a line longer than the buffer
  uint32_t start_ = 0;       // first byte not yet handed out
  uint32_t end_ = 0;         // end of what was read
  char buffer_[kBufferBytes];
};

}  // namespace audit
