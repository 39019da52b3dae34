// The numbers of accounts, by name. Handed in: the account database can be a directory server far away.
#pragma once

#include <cstdint>
#include <string_view>

namespace audit {

class UserNumbers {
 public:
  virtual ~UserNumbers() = default;
  // False: the system knows no such account.
  virtual bool NumberOf(std::string_view name, uint32_t* uid) noexcept = 0;
};

}  // namespace audit
