#include "descriptor_store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace audit {

DescriptorStore::~DescriptorStore() {
  for (int i = 0; i < count_; i++) close(held_[i].descriptor);
}

bool DescriptorStore::Keep(int descriptor, std::string_view name) noexcept {
  struct stat facts;
  const int access = fcntl(descriptor, F_GETFL) & O_ACCMODE;  // the two ends of a pipe are one file
  const bool is_known = fstat(descriptor, &facts) == 0;
  for (int i = 0; is_known && i < count_; i++) {
    if (held_[i].name == name && held_[i].device == facts.st_dev && held_[i].inode == facts.st_ino &&
        (fcntl(held_[i].descriptor, F_GETFL) & O_ACCMODE) == access) {
      close(descriptor);
      return true;
    }
  }
  if (!is_known || count_ == kMost || name.size() > kMostName) {
    close(descriptor);
    return false;
  }
  Held& held = held_[count_++];
  held = {descriptor, facts.st_dev, facts.st_ino, {}};
  memcpy(held.name, name.data(), name.size());
  return true;
}

void DescriptorStore::Remove(std::string_view name) noexcept {
  int kept = 0;
  for (int i = 0; i < count_; i++) {
    if (held_[i].name == name) {
      close(held_[i].descriptor);
    } else {
      held_[kept++] = held_[i];
    }
  }
  count_ = kept;
}

}  // namespace audit
