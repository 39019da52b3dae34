// Numbers of accounts by name, from the system (nsswitch.conf): getpwnam_r(3).
#pragma once

#include <string>
#include <unordered_map>

#include "../normalize/user_numbers.h"

namespace audit {

// Used by one thread. Remembers a thousand names, unknown ones too, then starts anew.
class SystemUserNumbers final : public UserNumbers {
 public:
  bool NumberOf(std::string_view name, uint32_t* uid) noexcept override;

 private:
  static constexpr size_t kMostNames = 1024;
  static constexpr size_t kLongestName = 255;  // LOGIN_NAME_MAX with its NUL is 256

  std::unordered_map<std::string, int64_t> numbers_;  // -1: no such account
};

}  // namespace audit
