#include "value_texts.h"

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

}  // namespace audit
