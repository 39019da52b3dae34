#include "header.h"

#include <cstring>
#include <limits>

#include "../tables/tables.h"

namespace audit {

namespace {

constexpr size_t kNodePrefix =
    5;  // "node=", unchecked: whatever starts with n and is not shorter; the name may be empty
constexpr size_t kTypePrefix = 5;      // "type=", unchecked
constexpr size_t kShortestStamp = 19;  // of the token msg=audit(…
constexpr size_t kUsualOpening = 9;    // of ( in it
constexpr uint64_t kMostSeconds = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) - UINT32_MAX;

// As C's strtoul in base 10: blanks, a sign, the longest run of digits; 0 without any. Only what does not fit into 64
// bits is an error. A negative number is its two's complement.
bool CNumber(const char* at, const char* end, uint64_t* value) noexcept {
  while (at != end && (*at == ' ' || (*at >= '\t' && *at <= '\r'))) ++at;
  bool negative = false;
  if (at != end && (*at == '-' || *at == '+')) negative = *at++ == '-';
  uint64_t number = 0;
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    const auto digit = static_cast<uint64_t>(*at - '0');
    if (number > UINT64_MAX / 10 || (number == UINT64_MAX / 10 && digit > UINT64_MAX % 10)) return false;
    number = number * 10 + digit;
  }
  *value = negative ? ~number + 1 : number;
  return true;
}

const char* Find(const char* at, const char* end, char byte) noexcept {
  for (; at != end; ++at) {
    if (*at == byte) return at;
  }
  return nullptr;
}

// SEC[.MS][:SERIAL], each a C number with anything behind it.
bool ParseStamp(const char* at, const char* end, Stamp* stamp) noexcept {
  uint64_t seconds, milliseconds = 0, serial = 0;
  if (!CNumber(at, end, &seconds)) return false;
  const bool negative = static_cast<int64_t>(seconds) < 0;
  if (!negative && seconds > kMostSeconds) return false;
  if (negative && (at == end || std::memchr(at, '-', static_cast<size_t>(end - at)) == nullptr)) return false;
  if (const char* const dot = Find(at, end, '.'); dot != nullptr) {
    if (!CNumber(dot + 1, end, &milliseconds) || milliseconds > 999) return false;
    at = dot + 1;
  }
  if (const char* const colon = Find(at, end, ':'); colon != nullptr && !CNumber(colon + 1, end, &serial)) return false;
  stamp->seconds = static_cast<int64_t>(seconds);
  stamp->milliseconds = static_cast<uint16_t>(milliseconds);
  stamp->serial = static_cast<uint32_t>(serial);
  return true;
}

// The usual SEC.MMM:SERIAL) in one pass. False says nothing but that ParseStamp() has to look at it.
bool ParseUsualStamp(const char* at, const char* end, Stamp* stamp, const char** close) noexcept {
  const auto digits = [&](size_t most, uint64_t* number) {
    const char* const start = at;
    uint64_t value = 0;
    for (; at != end && static_cast<uint8_t>(*at - '0') <= 9; ++at)
      value = value * 10 + static_cast<uint64_t>(*at - '0');
    *number = value;
    return at != start && static_cast<size_t>(at - start) <= most;
  };
  uint64_t seconds, milliseconds, serial;
  if (!digits(18, &seconds) || at == end || *at != '.') return false;
  ++at;
  if (!digits(3, &milliseconds) || at == end || *at != ':') return false;
  ++at;
  if (!digits(18, &serial) || at == end || *at != ')') return false;
  stamp->seconds = static_cast<int64_t>(seconds);
  stamp->milliseconds = static_cast<uint16_t>(milliseconds);
  stamp->serial = static_cast<uint32_t>(serial);
  *close = at;
  return true;
}

// The token at or behind `*at`; empty at the end. Leaves `*at` behind it.
std::string_view Token(const char** at, const char* end) noexcept {
  const char* start = *at;
  while (start != end && *start == ' ') ++start;
  const auto* stop = static_cast<const char*>(std::memchr(start, ' ', static_cast<size_t>(end - start)));
  if (start == end || stop == nullptr) stop = end;
  *at = stop;
  return {start, static_cast<size_t>(stop - start)};
}

// A value as the library cleans it: one trailing : , ' ) each, in that order.
std::string_view CleanValue(std::string_view value) noexcept {
  for (const char junk : {':', ',', '\''}) {
    if (!value.empty() && value.back() == junk) value.remove_suffix(1);
  }
  if (!value.empty() && value.back() == ')' && value != "(none)" && value != "(null)") value.remove_suffix(1);
  return value;
}

// The name and value of a word that the library takes for a field.
bool AsField(std::string_view word, std::string_view* name, std::string_view* value) noexcept {
  if (word.substr(0, 5) == "msg=a") return false;
  if (word.substr(0, 5) == "msg='") word.remove_prefix(5);
  const size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals + 1 == word.size()) return false;
  *name = word.substr(0, equals);
  if (!name->empty() && name->front() == '(') name->remove_prefix(1);
  *value = CleanValue(word.substr(equals + 1));
  return true;
}

// The library's type: that of the first field, or of the second behind `node`. False: the text has no field.
bool TakeTypeField(std::string_view text, Record* record) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  record->type = 0;
  record->type_name = {};
  bool seen_node = false;
  for (std::string_view word = Token(&at, end); !word.empty(); word = Token(&at, end)) {
    std::string_view name, value;
    if (!AsField(word, &name, &value)) continue;
    if (!seen_node && name == "node") {
      seen_node = true;
      continue;
    }
    if (name == "type") {
      record->type_name = value;
      record->type = RecordTypeNumber(value);
    }
    return true;
  }
  return seen_node;
}

// The head as every daemon writes it, `type=NAME msg=audit(SEC.MMM:SERIAL): `, in one pass: a log is read at the speed
// of this. False says nothing but that the general way has to be gone.
bool ParseUsualTokens(const char* const start, const char* const end, Record* record, std::string_view* type_token,
                      const char** token_end) noexcept {
  constexpr std::string_view kOpening = "msg=audit(";
  constexpr ptrdiff_t kMostName = 32;
  if (end - start < kMostName || std::memcmp(start, "type=", kTypePrefix) != 0) return false;
  const char* at = start + kTypePrefix;
  while (at != start + kMostName && *at != ' ') ++at;
  if (static_cast<size_t>(end - at) <= kOpening.size() || *at != ' ') return false;
  *type_token = {start, static_cast<size_t>(at - start)};
  ++at;
  if (std::memcmp(at, kOpening.data(), kOpening.size()) != 0) return false;
  const char* close;
  if (!ParseUsualStamp(at + kOpening.size(), end, &record->stamp, &close)) return false;
  if (end - close < 3 || close[1] != ':' || close[2] != ' ') return false;
  *token_end = close + 2;
  return static_cast<size_t>(*token_end - at) >= kShortestStamp;
}

// The third token and what it says. Shared by both rules.
HeaderFault ParseTokens(std::string_view text, Record* record, std::string_view* type_token,
                        std::string_view* stamp_text) noexcept {
  const size_t window = !text.empty() && text.front() == 'n' ? kNodeHeaderWindow : kHeaderWindow;
  const char* at = text.data();
  const char* const end = at + (text.size() < window ? text.size() : window);
  const char* usual_end;
  if (ParseUsualTokens(at, end, record, type_token, &usual_end)) {
    record->has_node = false;
    record->node = {};
    record->body = static_cast<uint32_t>(usual_end + 1 - text.data());
    return HeaderFault::kNone;
  }
  std::string_view token = Token(&at, end);
  record->has_node = token.size() >= kNodePrefix && token.front() == 'n';
  record->node = {};
  if (record->has_node) {
    record->node = token.substr(kNodePrefix);
    token = Token(&at, end);
  }
  *type_token = token;
  token = Token(&at, end);
  if (token.size() < kShortestStamp) return HeaderFault::kNoHead;
  const char* const token_end = token.data() + token.size();
  const char* open = token.data() + kUsualOpening;
  if (*open != '(') open = Find(token.data(), token_end, '(');
  if (open == nullptr) return HeaderFault::kNoHead;
  const char* close;
  if (!ParseUsualStamp(open + 1, token_end, &record->stamp, &close)) {
    close = Find(open + 1, token_end, ')');
    if (close == nullptr) close = token_end;
    *stamp_text = {open + 1, static_cast<size_t>(close - open - 1)};
    if (!ParseStamp(open + 1, close, &record->stamp)) return HeaderFault::kBadStamp;
  }
  const auto behind = static_cast<size_t>(token_end - text.data());
  record->body = static_cast<uint32_t>(behind < text.size() && text[behind] == ' ' ? behind + 1 : behind);
  return HeaderFault::kNone;
}

}  // namespace

HeaderFault ParseSplitHeader(std::string_view line, size_t separator, HeaderRules rules, Record* record) noexcept {
  record->has_interpretation = separator != std::string_view::npos;
  record->text = line.substr(0, separator);
  record->interpretation = record->has_interpretation ? line.substr(separator + 1) : std::string_view();
  std::string_view type_token, stamp_text;
  // The reference looks for the head before it looks for 0x1D.
  const HeaderFault fault = ParseTokens(line, record, &type_token, &stamp_text);
  if (fault != HeaderFault::kNone) return fault;
  if (record->body > record->text.size()) record->body = static_cast<uint32_t>(record->text.size());
  const bool usual = type_token.size() > kTypePrefix && std::memcmp(type_token.data(), "type=", kTypePrefix) == 0;
  if (rules == HeaderRules::kTool) {
    record->type_name = type_token.size() > kTypePrefix ? type_token.substr(kTypePrefix) : std::string_view();
    record->type = RecordTypeNumber(record->type_name);
    return HeaderFault::kNone;
  }
  const std::string_view value = usual ? type_token.substr(kTypePrefix) : std::string_view();
  const bool node_is_field =
      !record->has_node || (record->text.substr(0, kNodePrefix) == "node=" && record->text.front() == 'n');
  if (usual && node_is_field && CleanValue(value).size() == value.size() && value.find('=') == std::string_view::npos) {
    record->type_name = value;
    record->type = RecordTypeNumber(value);
    return HeaderFault::kNone;
  }
  return TakeTypeField(record->text, record) ? HeaderFault::kNone : HeaderFault::kNoField;
}

HeaderFault ParseHeader(std::string_view line, HeaderRules rules, Record* record) noexcept {
  const size_t nul = line.find('\0');
  record->ends_at_nul = nul != std::string_view::npos;
  line = line.substr(0, nul);
  return ParseSplitHeader(line, line.find('\x1d'), rules, record);
}

std::string_view StampText(std::string_view line) noexcept {
  line = line.substr(0, line.find('\0'));
  Record record;
  std::string_view type_token, stamp_text;
  ParseTokens(line, &record, &type_token, &stamp_text);
  return stamp_text;
}

}  // namespace audit
