#include "record_fields.h"

#include <cstring>

#include "../format/number.h"
#include "../format/record_types.h"
#include "hex_text.h"

namespace audit {

namespace {

constexpr size_t kMaxPermissions = 255;  // bytes of a `seperms` value
constexpr int32_t kUserAvc = 1107;
constexpr int32_t kCwd = 1307;

bool StartsWith(std::string_view text, std::string_view start) noexcept {
  return text.size() >= start.size() && memcmp(text.data(), start.data(), start.size()) == 0;
}

// Takes off what user messages put behind a value: one each of : , ' and ), in this order.
std::string_view CleanValue(std::string_view value) noexcept {
  if (!value.empty() && value.back() == ':') value.remove_suffix(1);
  if (!value.empty() && value.back() == ',') value.remove_suffix(1);
  if (!value.empty() && value.back() == '\'') value.remove_suffix(1);
  if (!value.empty() && value.back() == ')' && value != "(none)" && value != "(null)") value.remove_suffix(1);
  return value;
}

// Such bytes may stand in quotes.
bool IsPlain(unsigned byte) noexcept { return byte > ' ' && byte <= '~' && byte != '"'; }

// The words of a text: what stands between blanks.
class Words {
 public:
  explicit Words(std::string_view text) noexcept : at_(text.data()), end_(text.data() + text.size()) {}

  // False: there is none left.
  bool Next(std::string_view* word) noexcept {
    while (at_ < end_ && *at_ == ' ') at_++;
    if (at_ == end_) return false;
    const void* blank = memchr(at_, ' ', static_cast<size_t>(end_ - at_));
    const char* const stop = blank == nullptr ? end_ : static_cast<const char*>(blank);
    *word = {at_, static_cast<size_t>(stop - at_)};
    at_ = stop;
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace

const Machine* KnownMachine(uint64_t arch, KnownMachines known) noexcept {
  const Machine* machine = MachineOfArch(static_cast<uint32_t>(arch));
  if (machine == nullptr || machine->is_in_reference || known == KnownMachines::kAll) return machine;
  return machine == NativeMachine() ? machine : nullptr;
}

void RecordFields::Split(std::string_view text) {
  fields_.clear();
  owned_.clear();
  type_ = 0;
  call_ = {};
  cwd_ = {};
  shift_ = 0;
  is_cut_ = false;
  if (const void* zero = memchr(text.data(), '\0', text.size()); zero != nullptr) {
    text = text.substr(0, static_cast<size_t>(static_cast<const char*>(zero) - text.data()));
  }
  // A decoded key needs less room than its digits, but for the quotes of the last part: `key=` pays for those.
  const size_t most_owned = text.size() + kMaxPermissions + 1;

  Words words(text);
  std::string_view word;
  while (words.Next(&word)) {
    size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      if (type_ != AUDIT_AVC && type_ != kUserAvc) continue;
      const size_t position = fields_.size() - shift_;
      if (position == 1 && !StartsWith(word, "avc")) {
        Append("seresult", word);
      } else if (position == 2 && word[0] == '{') {
        if (owned_.capacity() < most_owned) owned_.reserve(most_owned);
        const size_t start = owned_.size();
        while (words.Next(&word) && word[0] != '}') {
          if (owned_.size() > start) owned_ += ',';
          if (owned_.size() - start + word.size() > kMaxPermissions) {
            owned_.resize(start);
            is_cut_ = true;
            return;
          }
          owned_ += word;
        }
        Append("seperms", std::string_view(owned_).substr(start));
      }
      continue;
    }
    if (StartsWith(word, "msg=a")) continue;
    if (StartsWith(word, "msg='")) {
      word.remove_prefix(5);
      equals = word.find('=');
      if (equals == std::string_view::npos) continue;
    }
    std::string_view name = word.substr(0, equals);
    if (!name.empty() && name[0] == '(') name.remove_prefix(1);
    std::string_view value = word.substr(equals + 1);
    if (value.empty()) continue;
    value = CleanValue(value);
    if (name == "key" && (value.empty() || (value[0] != '"' && value[0] != '('))) {
      if (owned_.capacity() < most_owned) owned_.reserve(most_owned);
      AppendKeys(value);
    } else {
      Append(name, value);
    }
  }
}

const RecordField* RecordFields::Find(std::string_view name) const noexcept {
  for (const RecordField& field : fields_) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

void RecordFields::Append(std::string_view name, std::string_view value) {
  fields_.push_back({name, value});
  NoteFacts(name, value);
}

// A rule may have several keys: the kernel logs them as one, with byte 1 between them.
void RecordFields::AppendKeys(std::string_view hex) {
  const std::string_view digits = HexText(hex);
  const size_t count = digits.size() / 2;
  for (size_t start = 0; start < count;) {
    size_t end = start;
    bool is_plain = true;
    for (; end < count && HexByte(digits, end) > 1; end++) is_plain = is_plain && IsPlain(HexByte(digits, end));
    if (end > start) AppendKey(digits, start, end, is_plain);
    if (end < count && HexByte(digits, end) == 0) return;
    start = end + 1;
  }
}

void RecordFields::AppendKey(std::string_view digits, size_t start, size_t end, bool is_plain) {
  const size_t written = owned_.size();
  if (is_plain) owned_ += '"';
  for (size_t i = start; i < end; i++) {
    const unsigned byte = HexByte(digits, i);
    if (is_plain) {
      owned_ += static_cast<char>(byte);
    } else {
      owned_ += "0123456789ABCDEF"[byte >> 4];
      owned_ += "0123456789ABCDEF"[byte & 15];
    }
  }
  if (is_plain) owned_ += '"';
  Append("key", std::string_view(owned_).substr(written));
}

void RecordFields::NoteFacts(std::string_view name, std::string_view value) noexcept {
  if (type_ == kCwd && name == "cwd") cwd_ = value;
  switch (fields_.size() - shift_) {
    case 1:
      if (name == "node" && shift_ == 0) {
        shift_ = 1;
      } else if (name == "type") {
        type_ = RecordTypeNumber(value);
        if (type_ == AUDIT_URINGOP) {
          call_.arch = CallContext::Arch::kKnown;
          call_.machine = UringMachine();
        }
      }
      break;
    case 2:
      if (name == "uring_op") call_.syscall = static_cast<int32_t>(ParseNumber(value, 10).value);
      [[fallthrough]];
    case 11:
      if (name == "arch") {
        const Number arch = ParseNumber(value, 16);
        call_.machine = arch.overflows ? nullptr : KnownMachine(arch.value, known_);
        call_.arch = arch.overflows             ? CallContext::Arch::kInvalid
                     : call_.machine != nullptr ? CallContext::Arch::kKnown
                                                : CallContext::Arch::kUnknown;
      }
      break;
    case 3:
    case 12:
      if (name == "syscall") call_.syscall = static_cast<int32_t>(ParseNumber(value, 10).value);
      break;
    case 6:
      if (name == "a0") call_.a0 = ParseNumber(value, 16).value;
      break;
    case 7:
      if (name == "a1") call_.a1 = ParseNumber(value, 16).value;
      break;
    default:
      break;
  }
}

}  // namespace audit
