#include "block.h"

namespace audit {

BlockPool::~BlockPool() {
  for (Block* const block : free_) delete block;
}

BlockRef BlockPool::Take(size_t capacity) {
  Block* block = nullptr;
  if (capacity <= kUsualBytes) {
    capacity = kUsualBytes;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!free_.empty()) {
      block = free_.back();
      free_.pop_back();
    }
  }
  if (block == nullptr) {
    block = new Block;
    block->bytes.reset(new char[capacity]);
    block->capacity = capacity;
  }
  block->pool_ = shared_from_this();
  return BlockRef(block);
}

void BlockPool::Return(Block* block) noexcept {
  block->size = 0;
  block->records.clear();
  block->no_field.clear();
  block->is_candidate.clear();
  if (block->capacity == kUsualBytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (free_.size() < kMostFree) {
      free_.push_back(block);
      return;
    }
  }
  delete block;
}

}  // namespace audit
