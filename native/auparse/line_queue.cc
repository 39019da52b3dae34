#include "line_queue.h"

#include <cstring>

namespace audit {

namespace {

// What a portion of records comes to, and some more. A burst's memory beyond that is given back.
constexpr size_t kMostKept = 8 << 20;

// Lines are long, so that looking for the next end is faster than looking at each byte.
size_t CountLines(std::string_view text) noexcept {
  size_t lines = 0;
  for (size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos; at++) lines++;
  return lines;
}

}  // namespace

LineQueue::Taken LineQueue::Take(char* out, size_t room) {
  std::string_view left = std::string_view(text_).substr(taken_);
  if (left.size() > room) left = left.substr(0, left.substr(0, room).rfind('\n') + 1);  // npos + 1 is 0
  if (left.empty()) return {0, 0};
  memcpy(out, left.data(), left.size());
  const Taken taken = {CountLines(left), left.size()};
  Drop(left.size());
  return taken;
}

std::string_view LineQueue::First() const noexcept {
  const std::string_view left = std::string_view(text_).substr(taken_);
  return left.substr(0, left.find('\n') + 1);
}

void LineQueue::DropFirst() { Drop(First().size()); }

void LineQueue::Drop(size_t bytes) {
  taken_ += bytes;
  if (taken_ < text_.size()) return;
  taken_ = 0;
  text_.clear();
  if (text_.capacity() > kMostKept) text_.shrink_to_fit();
}

}  // namespace audit
