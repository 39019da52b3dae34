#include "user_numbers.h"

#include <pwd.h>

#include <cerrno>
#include <vector>

namespace audit {

namespace {

constexpr size_t kMostBytes = size_t{1} << 20;  // of one entry of the account database

int64_t AskSystem(const char* name) noexcept {
  std::vector<char> buffer(4096);
  passwd entry;
  passwd* found = nullptr;
  int error;
  while ((error = getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found)) == ERANGE &&
         buffer.size() < kMostBytes) {
    buffer.resize(buffer.size() * 4);
  }
  return error == 0 && found != nullptr ? static_cast<int64_t>(entry.pw_uid) : -1;
}

}  // namespace

bool SystemUserNumbers::NumberOf(std::string_view name, uint32_t* uid) noexcept {
  if (name.empty() || name.size() > kLongestName || name.find('\0') != std::string_view::npos) return false;
  std::string key(name);
  auto known = numbers_.find(key);
  if (known == numbers_.end()) {
    if (numbers_.size() >= kMostNames) numbers_.clear();
    const int64_t number = AskSystem(key.c_str());
    known = numbers_.emplace(std::move(key), number).first;
  }
  if (known->second < 0) return false;
  *uid = static_cast<uint32_t>(known->second);
  return true;
}

}  // namespace audit
