// Cuts the inputs of a scan, one after the other, into blocks of whole lines. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "block.h"
#include "log_follower.h"
#include "log_set.h"
#include "log_source.h"

namespace audit {

struct ReadRules {
  size_t line_limit = 0;       // the longest piece of a line that is looked at
  bool keeps_rest = false;     // what is behind the limit is lines of their own; false: it is dropped
  bool follow = false;         // the last input is a file that grows and rotates
  int pause_milliseconds = 0;  // a descriptor or a followed file without new bytes for so long is a pause; 0: never
};

class BlockReader {
 public:
  enum class Step : uint8_t {
    kBlock,
    kPause,  // nothing came for a while, and something had come since the last pause
    kEnd,
    kCancelled,
    kFailed,  // Failure() says how
  };

  struct Failed {
    std::string path;
    uint32_t file = 0;
    int error = 0;
    bool on_open = false;
  };
  struct Damaged {
    uint32_t file;
    LogSource::Damage damage;
  };

  // `cancel` and `stop` become readable when reading has to end; -1: never.
  BlockReader(std::vector<LogInput> inputs, ReadRules rules, int cancel, int stop);
  ~BlockReader();

  // A block has at least one byte and ends with a line's end, unless that line is longer than the limit. Waits for
  // descriptors and, following, for the file; never longer than for one block's worth, so that live lines come at once.
  Step Next(BlockRef* block, uint32_t* file, bool* starts_line);

  const Failed& Failure() const noexcept { return failure_; }
  const std::vector<Damaged>& Damages() const noexcept { return damages_; }
  uint64_t RawBytes() const noexcept { return raw_bytes_; }
  // Of the files that are known by now.
  uint64_t RawSize() const noexcept { return raw_size_; }

 private:
  enum class Wait : uint8_t { kReady, kPause, kCancelled };

  bool OpenNext();
  void CloseSource();
  // More bytes behind what is in the block.
  enum class Fill : uint8_t { kBytes, kNothingNow, kEndOfFile, kFailed };
  Fill FillBlock(Block* block);
  Wait WaitForBytes();
  Step Emit(BlockRef block, size_t size, bool ends_line, BlockRef* out, uint32_t* file, bool* starts_line);

  std::vector<LogInput> inputs_;
  const ReadRules rules_;
  const int cancel_;
  const int stop_;
  const std::shared_ptr<BlockPool> pool_ = BlockPool::New();
  size_t next_input_ = 0;
  uint32_t file_ = 0;
  std::unique_ptr<LogSource> source_;
  std::unique_ptr<LogFollower> follower_;
  std::string carry_;        // an unfinished line
  bool starts_line_ = true;  // the next byte handed out is the first of a line
  bool drops_line_ = false;  // up to the next newline
  bool has_lines_ = false;   // since the last pause
  std::chrono::steady_clock::time_point last_lines_;
  uint64_t raw_bytes_ = 0;
  uint64_t raw_size_ = 0;
  uint64_t counted_ = 0;  // of the open source, in raw_bytes_
  Failed failure_;
  std::vector<Damaged> damages_;
};

}  // namespace audit
