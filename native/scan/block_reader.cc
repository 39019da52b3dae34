#include "block_reader.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include <algorithm>

namespace audit {

namespace {

const char* LastNewline(const char* bytes, size_t size) noexcept {
  return static_cast<const char*>(memrchr(bytes, '\n', size));
}

}  // namespace

BlockReader::BlockReader(std::vector<LogInput> inputs, ReadRules rules, int cancel, int stop)
    : inputs_(std::move(inputs)), rules_(rules), cancel_(cancel), stop_(stop) {}

BlockReader::~BlockReader() = default;

bool BlockReader::OpenNext() {
  const LogInput& input = inputs_[next_input_];
  file_ = static_cast<uint32_t>(next_input_++);
  source_ = LogSource::Open(input);
  if (source_ == nullptr) {
    failure_ = {input.path, file_, errno, true};
    return false;
  }
  counted_ = source_->RawBytes();
  raw_size_ += source_->RawSize() > counted_ ? source_->RawSize() - counted_ : 0;
  if (rules_.follow && next_input_ == inputs_.size() && source_->IsRegular()) {
    follower_ = std::make_unique<LogFollower>(input.path);
  }
  return true;
}

void BlockReader::CloseSource() {
  if (source_->Found() != LogSource::Damage::kNone) damages_.push_back({file_, source_->Found()});
  source_.reset();
}

BlockReader::Fill BlockReader::FillBlock(Block* block) {
  if (source_->Descriptor() >= 0 && !source_->IsRegular() && !source_->HasBuffered()) {
    struct pollfd ready = {source_->Descriptor(), POLLIN, 0};
    if (poll(&ready, 1, 0) == 0) return Fill::kNothingNow;
  }
  const ssize_t count = source_->Read(block->bytes.get() + block->size, block->capacity - block->size);
  if (count < 0) {
    if (errno == EAGAIN) return Fill::kNothingNow;
    failure_ = {inputs_[file_].path, file_, errno, false};
    return Fill::kFailed;
  }
  raw_bytes_ += source_->RawBytes() - counted_;
  counted_ = source_->RawBytes();
  if (count > 0) {
    block->size += static_cast<size_t>(count);
    return Fill::kBytes;
  }
  if (follower_ == nullptr) return Fill::kEndOfFile;
  switch (follower_->Look(*source_)) {
    case LogFollower::State::kSame:
      return Fill::kNothingNow;
    case LogFollower::State::kCut:
      source_->Seek(0);
      counted_ = 0;
      return Fill::kEndOfFile;
    case LogFollower::State::kRotated:
      break;
  }
  std::unique_ptr<LogSource> successor = follower_->OpenSuccessor(*source_);
  if (successor == nullptr) return Fill::kNothingNow;
  // Who writes it may have done so between the last read and the rotation.
  const ssize_t rest = source_->Read(block->bytes.get() + block->size, block->capacity - block->size);
  if (rest > 0) {
    raw_bytes_ += static_cast<uint64_t>(rest);
    counted_ += static_cast<uint64_t>(rest);
    block->size += static_cast<size_t>(rest);
    return Fill::kBytes;
  }
  CloseSource();
  source_ = std::move(successor);
  counted_ = 0;
  return Fill::kEndOfFile;
}

BlockReader::Wait BlockReader::WaitForBytes() {
  using std::chrono::milliseconds;
  const bool can_pause = rules_.pause_milliseconds > 0 && has_lines_;
  const int descriptor = follower_ != nullptr ? follower_->Descriptor() : source_->Descriptor();
  int most = follower_ != nullptr && descriptor < 0 ? LogFollower::kLookMilliseconds : -1;
  if (can_pause) {
    const auto quiet = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - last_lines_);
    const auto left = static_cast<int>(rules_.pause_milliseconds - quiet.count());
    if (left <= 0) return Wait::kPause;
    most = most < 0 ? left : std::min(most, left);
  }
  struct pollfd ready[] = {{cancel_, POLLIN, 0}, {stop_, POLLIN, 0}, {descriptor, POLLIN, 0}};
  poll(ready, 3, most);  // an interruption is a look too early
  if (ready[0].revents != 0 || ready[1].revents != 0) return Wait::kCancelled;
  if (follower_ != nullptr) follower_->Drain();
  return Wait::kReady;
}

BlockReader::Step BlockReader::Emit(BlockRef block, size_t size, bool ends_line, BlockRef* out, uint32_t* file,
                                    bool* starts_line) {
  carry_.assign(block->bytes.get() + size, block->size - size);
  block->size = size;
  *starts_line = starts_line_;
  starts_line_ = ends_line;
  *file = file_;
  *out = std::move(block);
  has_lines_ = true;
  if (rules_.pause_milliseconds > 0) last_lines_ = std::chrono::steady_clock::now();
  return Step::kBlock;
}

BlockReader::Step BlockReader::Next(BlockRef* out, uint32_t* file, bool* starts_line) {
  BlockRef block = pool_->Take(carry_.size() + 1);
  memcpy(block->bytes.get(), carry_.data(), carry_.size());
  block->size = carry_.size();
  carry_.clear();
  for (;;) {
    if (source_ == nullptr) {
      if (next_input_ == inputs_.size()) return Step::kEnd;
      if (!OpenNext()) return Step::kFailed;
    }
    const char* const bytes = block->bytes.get();
    if (block->size == block->capacity) {
      if (const char* const newline = LastNewline(bytes, block->size); newline != nullptr) {
        return Emit(std::move(block), static_cast<size_t>(newline + 1 - bytes), true, out, file, starts_line);
      }
      if (rules_.keeps_rest) {
        const size_t pieces = block->size / rules_.line_limit * rules_.line_limit;
        return Emit(std::move(block), pieces, false, out, file, starts_line);
      }
      if (block->size > rules_.line_limit) {
        drops_line_ = true;
        const size_t size = block->size;
        return Emit(std::move(block), size, true, out, file, starts_line);
      }
      const BlockRef larger = pool_->Take(std::min(2 * block->capacity, rules_.line_limit + 1));
      memcpy(larger->bytes.get(), bytes, block->size);
      larger->size = block->size;
      block = larger;
    }
    const size_t before = block->size;
    const Fill fill = FillBlock(block.get());
    if (drops_line_ && block->size > before) {
      char* const start = block->bytes.get();
      const auto* const newline = static_cast<const char*>(memchr(start, '\n', block->size));
      const size_t dropped = newline == nullptr ? block->size : static_cast<size_t>(newline + 1 - start);
      drops_line_ = newline == nullptr;
      memmove(start, start + dropped, block->size - dropped);
      block->size -= dropped;
    }
    if (fill == Fill::kBytes) continue;
    if (fill == Fill::kFailed) return Step::kFailed;
    if (fill == Fill::kEndOfFile) {
      if (follower_ == nullptr) CloseSource();
      drops_line_ = false;
      if (block->size > 0) {
        const size_t size = block->size;
        return Emit(std::move(block), size, true, out, file, starts_line);
      }
      starts_line_ = true;
      continue;
    }
    if (const char* const newline = LastNewline(block->bytes.get(), block->size); newline != nullptr) {
      const auto size = static_cast<size_t>(newline + 1 - block->bytes.get());
      return Emit(std::move(block), size, true, out, file, starts_line);
    }
    const Wait wait = WaitForBytes();
    if (wait == Wait::kReady) continue;
    carry_.assign(block->bytes.get(), block->size);
    if (wait == Wait::kCancelled) return Step::kCancelled;
    has_lines_ = false;
    return Step::kPause;
  }
}

}  // namespace audit
