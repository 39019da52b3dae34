// Memory that lines were read into, with the records found there. Counted references: a block lives as long as an open
// event or a batch needs one of its lines, then goes back to the pool it came from.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "record.h"

namespace audit {

class BlockPool;

struct Block {
  std::unique_ptr<char[]> bytes;
  size_t capacity = 0;
  size_t size = 0;                    // of `bytes`, in use
  std::vector<Record> records;        // well-formed lines, in order; fixed once the block has been parsed
  std::vector<uint8_t> no_field;      // kLibrary: by record; empty: every record has a field
  std::vector<uint8_t> is_candidate;  // with needles: by record, whether one is in its line

  // What it costs while anything refers to it.
  size_t Cost() const noexcept { return capacity + records.capacity() * sizeof(Record) + sizeof(Block); }

 private:
  friend class BlockRef;
  friend class BlockPool;
  friend class Grouper;
  std::atomic<uint32_t> references_{0};
  std::shared_ptr<BlockPool> pool_;  // set while referred to
  // The grouper's own, on its thread.
  uint32_t open_runs_ = 0;
  size_t open_bytes_ = 0;
};

class BlockRef {
 public:
  BlockRef() noexcept = default;
  BlockRef(const BlockRef& other) noexcept : block_(other.block_) { Retain(); }
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(BlockRef other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~BlockRef() { Release(); }

  Block* get() const noexcept { return block_; }
  Block* operator->() const noexcept { return block_; }
  explicit operator bool() const noexcept { return block_ != nullptr; }

 private:
  friend class BlockPool;
  friend class Grouper;
  explicit BlockRef(Block* block) noexcept : block_(block) { Retain(); }
  void Retain() noexcept {
    if (block_ != nullptr) block_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  inline void Release() noexcept;

  Block* block_ = nullptr;
};

// Any thread. Keeps free blocks, as many as a burst's open events may have held: reading then does not fault memory in
// again and again, and what is held after a burst is what it needed, not that and the gaps it left in the heap.
class BlockPool : public std::enable_shared_from_this<BlockPool> {
 public:
  static constexpr size_t kUsualBytes = size_t{256} << 10;

  static std::shared_ptr<BlockPool> New() { return std::make_shared<BlockPool>(); }
  ~BlockPool();

  // An empty block of at least `capacity` bytes.
  BlockRef Take(size_t capacity = kUsualBytes);
  void Return(Block* block) noexcept;

 private:
  static constexpr size_t kMostFree = 512;

  std::mutex mutex_;
  std::vector<Block*> free_;
};

inline void BlockRef::Release() noexcept {
  if (block_ == nullptr || block_->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::shared_ptr<BlockPool> pool = std::move(block_->pool_);
  pool->Return(block_);
}

}  // namespace audit
