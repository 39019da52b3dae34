// The terms of a record that an index keeps.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "index.h"

namespace audit {

// A file name relative to the working directory: together they may hold what neither holds. A search for files reads
// every chunk with this term.
inline constexpr std::string_view kRelativeFile = "\x01relative";

// Calls `take` with each term; the text is gone afterwards. Reads names as loosely as a search that looks for `pid=`
// anywhere does: too many terms cost time, one too few an event.
class IndexTerms {
 public:
  template <typename Take>
  void Each(std::string_view text, Take take);

 private:
  static bool FieldOf(std::string_view before, IndexField* field, bool* is_address) noexcept;
  std::string_view Number(std::string_view value);
  // What a value may be read as: its hexadecimal digits up to the first other byte, two a byte, and a last one alone as
  // the upper half of one. False: there are none.
  bool Decode(std::string_view value);

  std::string number_;
  std::string decoded_;
};

template <typename Take>
void IndexTerms::Each(std::string_view text, Take take) {
  for (size_t equals = text.find('='); equals != std::string_view::npos; equals = text.find('=', equals + 1)) {
    IndexField field;
    bool is_address;
    if (!FieldOf(text.substr(0, equals), &field, &is_address)) continue;
    std::string_view value = text.substr(equals + 1);
    if (field == IndexField::kUser || field == IndexField::kProcess || field == IndexField::kSyscall) {
      take(field, Number(value));
      continue;
    }
    const bool is_quoted = !value.empty() && value.front() == '"';
    if (is_quoted) value.remove_prefix(1);
    value = value.substr(0, value.find(is_quoted ? '"' : ' '));
    if (is_address) {
      // AF_UNIX in either byte order, then the path.
      if (!Decode(value) || decoded_.size() < 3 || (decoded_[0] | decoded_[1]) != 1) continue;
      const std::string_view path = std::string_view(decoded_).substr(decoded_[2] == '\0' ? 3 : 2);
      take(field, path.substr(0, path.find('\0')));
      continue;
    }
    take(field, value);
    const bool is_decoded = !is_quoted && Decode(value);
    if (is_decoded) take(field, std::string_view(decoded_));
    if (field == IndexField::kFile) {
      const std::string_view name = is_decoded ? std::string_view(decoded_) : value;
      if (name.substr(0, 2) == ".." || name.substr(0, 2) == "./") take(field, kRelativeFile);
    }
  }
}

}  // namespace audit
