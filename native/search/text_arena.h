// Memory for the decoded texts of one event: handed out in pieces, taken back all at once.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace audit {

class TextArena {
 public:
  // Valid until Clear.
  char* Take(size_t bytes) noexcept {
    if (bytes > room_) Grow(bytes);
    char* const piece = next_;
    next_ += bytes;
    room_ -= bytes;
    return piece;
  }

  std::string_view Keep(std::string_view text) noexcept {
    char* const copy = Take(text.size());
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  // Keeps the first block: nearly every event fits into it.
  void Clear() noexcept {
    if (blocks_.size() > 1) blocks_.resize(1);
    next_ = blocks_.empty() ? nullptr : blocks_[0].get();
    room_ = blocks_.empty() ? 0 : kBlock;
  }

 private:
  static constexpr size_t kBlock = 16 * 1024;

  void Grow(size_t bytes) noexcept {
    const size_t size = bytes > kBlock ? bytes : kBlock;
    blocks_.push_back(std::unique_ptr<char[]>(new char[size]));
    // A first block larger than the others would be taken for one of kBlock bytes after Clear: that only wastes.
    next_ = blocks_.back().get();
    room_ = size;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t room_ = 0;
};

}  // namespace audit
