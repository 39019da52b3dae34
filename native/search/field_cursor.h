// Looks for fields in a record's text the way searches always did: as plain text, from where the last one ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace audit {

class FieldCursor {
 public:
  explicit FieldCursor(std::string_view text) noexcept : at_(text.data()), end_(at_ + text.size()) {}

  // What has not been passed yet.
  std::string_view Rest() const noexcept { return {at_, static_cast<size_t>(end_ - at_)}; }
  const char* Position() const noexcept { return at_; }
  void MoveTo(const char* position) noexcept { at_ = position; }

  // Moves behind the next `name`, which is "pid=" or " pid=". False, and no move, when there is none.
  bool Skip(std::string_view name) noexcept {
    const void* const found = memmem(at_, static_cast<size_t>(end_ - at_), name.data(), name.size());
    if (found == nullptr) return false;
    at_ = static_cast<const char*>(found) + name.size();
    return true;
  }

  // Takes what stands before the next `terminator` and moves onto it. False, and no move, when there is none.
  bool TakeUntil(char terminator, std::string_view* value) noexcept {
    const void* const found = memchr(at_, terminator, static_cast<size_t>(end_ - at_));
    if (found == nullptr) return false;
    *value = {at_, static_cast<size_t>(static_cast<const char*>(found) - at_)};
    at_ = static_cast<const char*>(found);
    return true;
  }

  // The same, but without a terminator the value runs to the end of the text.
  std::string_view TakeUntilOrEnd(char terminator) noexcept {
    std::string_view value;
    if (TakeUntil(terminator, &value)) return value;
    value = Rest();
    at_ = end_;
    return value;
  }

  bool At(char c) const noexcept { return at_ < end_ && *at_ == c; }
  void Advance(size_t bytes) noexcept { at_ += bytes; }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace audit
