// Descriptors that outlive the program that opened them. Static memory.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

#include "notice.h"

namespace audit {

class DescriptorStore {
 public:
  static constexpr int kMost = 16;

  ~DescriptorStore();

  // Takes the descriptor, which then is the store's: kept, or closed when there is one of the same name and file, or no
  // room. False for the latter.
  bool Keep(int descriptor, std::string_view name) noexcept;
  // Closes every descriptor of this name.
  void Remove(std::string_view name) noexcept;

  int count() const noexcept { return count_; }
  int descriptor(int at) const noexcept { return held_[at].descriptor; }
  const char* name(int at) const noexcept { return held_[at].name; }

 private:
  struct Held {
    int descriptor;
    dev_t device;
    ino_t inode;
    char name[kMostName + 1];
  };
  Held held_[kMost];
  int count_ = 0;
};

}  // namespace audit
