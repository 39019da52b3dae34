// Numbers as the reports print them: users, system calls, record types, dates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "../format/names.h"
#include "../search/extract.h"

namespace audit {

inline constexpr int32_t kUnsetUser = -1;
inline constexpr int32_t kAbsentUser = -2;

// Used by one thread. A view holds until the next call of the same function.
class ValueTexts {
 public:
  // Names are this host's, never the record's own; `names` must outlive this.
  ValueTexts(Names& names, bool interpreted) : names_(names), interpreted_(interpreted) {}

  // -1, with names `unset`; -2, with names `unknown(-2)`, for one that the event does not have.
  std::string_view User(int32_t id);
  // The same of a text that may be a number.
  std::string_view User(std::string_view text);
  // The number; with names the machine's name for it, the number again where it has none, `?` without a machine.
  std::string_view Syscall(const EventFields& fields);
  // The number; with names the type's name.
  std::string_view Type(int32_t type);
  // `(null)` for a type without a name.
  static std::string_view TypeName(int32_t type);
  bool is_interpreted() const { return interpreted_; }

 private:
  Names& names_;
  const bool interpreted_;
  std::string user_;
  std::string syscall_;
  std::string type_;
};

}  // namespace audit
