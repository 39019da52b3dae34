#include "syscall_class.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>

namespace audit {

namespace {

struct ClassOfName {
  std::string_view name;
  SyscallClass syscall_class;
};
constexpr ClassOfName kClasses[] = {
#include "tables/syscall_classes.inc"
};

constexpr size_t kLongestName = 24;  // of those in the table

}  // namespace

SyscallClass ClassOfSyscall(std::string_view name) noexcept {
  if (name.size() > kLongestName) return SyscallClass::kNone;
  char lower[kLongestName];
  for (size_t i = 0; i < name.size(); i++) {
    lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  const std::string_view wanted(lower, name.size());
  const auto row = std::lower_bound(std::begin(kClasses), std::end(kClasses), wanted,
                                    [](const ClassOfName& known, std::string_view text) { return known.name < text; });
  return row != std::end(kClasses) && row->name == wanted ? row->syscall_class : SyscallClass::kNone;
}

}  // namespace audit
