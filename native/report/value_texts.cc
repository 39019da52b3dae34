#include "value_texts.h"

#include <cstdio>
#include <ctime>

#include "../format/number.h"
#include "../interpret/record_fields.h"
#include "../scan/header.h"

namespace audit {

std::string_view ValueTexts::User(int32_t id) {
  user_ = std::to_string(id);
  if (!interpreted_) return user_;
  if (id == kUnsetUser) return "unset";
  const std::string_view name = names_.User(static_cast<uint32_t>(id));
  if (!name.empty()) return name;
  user_ = "unknown(" + user_ + ")";
  return user_;
}

std::string_view ValueTexts::User(std::string_view text) {
  const bool is_number = !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
  if (!interpreted_ || !is_number) return text;
  return User(static_cast<int32_t>(ParseNumber(text, 10).value));
}

std::string_view ValueTexts::Syscall(const EventFields& fields) {
  if (interpreted_) {
    const Machine* const machine =
        fields.has_syscall && fields.arch.has_value() ? KnownMachine(*fields.arch, KnownMachines::kReference) : nullptr;
    if (machine == nullptr) return "?";
    const std::string_view name = SyscallName(*machine, fields.syscall);
    if (!name.empty()) return name;
  }
  syscall_ = std::to_string(fields.syscall);
  return syscall_;
}

std::string_view ValueTexts::TypeName(int32_t type) {
  const std::string_view name = RecordTypeName(type);
  return name.empty() ? "(null)" : name;
}

std::string_view ValueTexts::Type(int32_t type) {
  if (interpreted_) return TypeName(type);
  type_ = std::to_string(type);
  return type_;
}

void ValueTexts::AppendIsoTime(const Stamp& stamp, std::string* out) {
  const time_t time = stamp.seconds;
  tm utc;
  char text[64];
  if (gmtime_r(&time, &utc) == nullptr) {
    // A year that does not fit an int.
    *out += "+infinity";
    return;
  }
  out->append(text, strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc));
  out->append(text, static_cast<size_t>(snprintf(text, sizeof text, ".%03uZ", stamp.milliseconds % 1000u)));
}

namespace {

// Bytes of the UTF-8 sequence that begins at `at`; 0 where none does (RFC 3629: no surrogates, nothing overlong).
size_t Utf8Length(std::string_view text, size_t at) {
  const auto byte = [&](size_t index) { return static_cast<unsigned char>(text[at + index]); };
  const size_t left = text.size() - at;
  const auto continues = [&](size_t count) {
    if (left < count) return false;
    for (size_t index = 2; index < count; index++) {
      if ((byte(index) & 0xC0) != 0x80) return false;
    }
    return true;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || left < 2) return 0;
  const unsigned second = byte(1);
  if (first < 0xE0) return (second & 0xC0) == 0x80 ? 2 : 0;
  if (first < 0xF0) {
    const unsigned least = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned most = first == 0xED ? 0x9F : 0xBF;
    return second >= least && second <= most && continues(3) ? 3 : 0;
  }
  const unsigned least = first == 0xF0 ? 0x90 : 0x80;
  const unsigned most = first == 0xF4 ? 0x8F : 0xBF;
  return second >= least && second <= most && continues(4) ? 4 : 0;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  for (size_t at = 0; at < text.size();) {
    const size_t length = Utf8Length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0) {
      *out += "\\ufffd";
      at++;
      continue;
    }
    if (byte < 0x20 || byte == 0x7F) {
      char escape[8];
      out->append(escape, static_cast<size_t>(snprintf(escape, sizeof escape, "\\u%04x", byte)));
    } else {
      if (byte == '"' || byte == '\\') *out += '\\';
      out->append(text, at, length);
    }
    at += length;
  }
  *out += '"';
}

}  // namespace audit
