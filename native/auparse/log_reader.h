// Inputs to events, a block at a time, by the library's rules. One thread at a time, whichever.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "../scan/block_reader.h"
#include "read_event.h"

namespace audit {

class LogReader {
 public:
  enum class Step : uint8_t {
    kMore,
    kEnd,
    kCancelled,
    kFailed,  // Failure() says how
  };

  // `bytes` of inputs are kept by the caller. With `follow` the last input goes on, across rotations.
  LogReader(std::vector<LogInput> inputs, uint32_t timeout_seconds, bool follow);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // Reads one block and appends the events that are complete now, maybe none. Waits for descriptors and followed files.
  Step Read(std::vector<ReadEvent>* events);
  // Any thread: a Read() that waits returns.
  void Cancel() noexcept;

  const BlockReader::Failed& Failure() const noexcept { return reader_.Failure(); }
  const std::vector<BlockReader::Damaged>& Damages() const noexcept { return reader_.Damages(); }
  ReadCounts Counts() const noexcept;

 private:
  const int cancel_;
  BlockReader reader_;
  Grouper grouper_;
  EventBatch batch_;
  ParsedLines parsed_;
  LineRules rules_;
  LineCounts lines_;
  uint32_t last_file_ = UINT32_MAX;
  uint64_t lines_before_ = 0;  // of this file, in blocks that are done
  bool is_finishing_ = false;
};

}  // namespace audit
