// Lines that were made and wait to be taken: memory that is used again, since taking new pages from the kernel costs
// more than making the lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace audit {

class LineQueue {
 public:
  struct Taken {
    size_t lines;
    size_t bytes;
  };

  // For whole lines to be appended to.
  std::string* text() noexcept { return &text_; }

  // Moves whole lines to `out`, as far as they fit.
  Taken Take(char* out, size_t room);
  // The first line, with its newline; empty: there is none. The view lives until the next call.
  std::string_view First() const noexcept;
  void DropFirst();

 private:
  void Drop(size_t bytes);

  std::string text_;
  size_t taken_ = 0;  // of text_
};

}  // namespace audit
