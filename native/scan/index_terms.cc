#include "index_terms.h"

namespace audit {

namespace {

bool EndsWith(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

int Digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

bool IndexTerms::FieldOf(std::string_view before, IndexField* field, bool* is_address) noexcept {
  *is_address = false;
  if (before.empty()) return false;
  switch (before.back()) {
    case 'd':
      *field = EndsWith(before, "uid")   ? IndexField::kUser
               : EndsWith(before, "pid") ? IndexField::kProcess
                                         : IndexField::kFile;
      return *field != IndexField::kFile || EndsWith(before, "cwd");
    case 'e':
      *field = EndsWith(before, "exe") ? IndexField::kExecutable : IndexField::kFile;
      return *field == IndexField::kExecutable || EndsWith(before, " name");
    case 'y':
      *field = IndexField::kKey;
      return EndsWith(before, "key");
    case 'l':
      *field = IndexField::kSyscall;
      return EndsWith(before, "syscall");
    case 'p':
      *field = IndexField::kSyscall;
      return EndsWith(before, "uring_op");
    case 'h':
      *field = IndexField::kFile;
      return EndsWith(before, " path");
    case 'k':
      *field = IndexField::kFile;
      return EndsWith(before, "new-disk");
    case 'r':
      *field = IndexField::kFile;
      *is_address = true;
      return EndsWith(before, "saddr");
    default:
      return false;
  }
}

std::string_view IndexTerms::Number(std::string_view value) {
  size_t at = 0;
  const bool is_negative = !value.empty() && value[0] == '-';
  if (is_negative || (!value.empty() && value[0] == '+')) at = 1;
  uint64_t number = 0;
  for (; at < value.size() && value[at] >= '0' && value[at] <= '9'; at++) {
    number = number * 10 + static_cast<uint64_t>(value[at] - '0');
  }
  number_ = std::to_string(static_cast<uint32_t>(is_negative ? ~number + 1 : number));
  return number_;
}

bool IndexTerms::Decode(std::string_view value) {
  decoded_.clear();
  for (size_t at = 0; at < value.size(); at += 2) {
    const int high = Digit(value[at]);
    if (high < 0) break;
    const bool is_last = at + 1 == value.size();
    const int low = is_last ? 0 : Digit(value[at + 1]);
    if (low < 0) break;
    decoded_ += static_cast<char>(high * 16 + low);
  }
  return !decoded_.empty();
}

}  // namespace audit
