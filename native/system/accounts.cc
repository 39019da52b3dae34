#include "accounts.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <pwd.h>
#include <string.h>

#include <string_view>

namespace audit {

namespace {

// Holds one account's strings. A group may have thousands of members, which getgrgid_r copies too.
constexpr size_t kScratchBytes = 1u << 20;
thread_local char* scratch = nullptr;

char* Scratch() noexcept {
  if (scratch == nullptr) scratch = new char[kScratchBytes];  // once a thread
  return scratch;
}

}  // namespace

const NameResolver kSystemAccounts = {
    [](uint32_t uid, char* out, size_t room) noexcept -> size_t {
      passwd entry;
      passwd* found = nullptr;
      while (getpwuid_r(uid, &entry, Scratch(), kScratchBytes, &found) == EINTR) {
      }
      return found == nullptr ? 0 : CopyName(found->pw_name, out, room);
    },
    [](uint32_t gid, char* out, size_t room) noexcept -> size_t {
      group entry;
      group* found = nullptr;
      while (getgrgid_r(gid, &entry, Scratch(), kScratchBytes, &found) == EINTR) {
      }
      return found == nullptr ? 0 : CopyName(found->gr_name, out, room);
    },
    [](uint32_t index, char* out, size_t room) noexcept -> size_t {
      char name[IF_NAMESIZE];
      return if_indextoname(index, name) == nullptr ? 0 : CopyName(name, out, room);
    },
    [](uint32_t number, char* out, size_t room) noexcept -> size_t {
      protoent entry;
      protoent* found = nullptr;
      if (number > INT_MAX) return 0;
      while (getprotobynumber_r(static_cast<int>(number), &entry, Scratch(), kScratchBytes, &found) == EINTR) {
      }
      return found == nullptr ? 0 : CopyName(found->p_name, out, room);
    },
};

int64_t UserNumber(const char* name) noexcept {
  passwd entry;
  passwd* found = nullptr;
  while (getpwnam_r(name, &entry, Scratch(), kScratchBytes, &found) == EINTR) {
  }
  return found == nullptr ? -1 : static_cast<int64_t>(entry.pw_uid);
}

int64_t GroupNumber(const char* name) noexcept {
  group entry;
  group* found = nullptr;
  while (getgrnam_r(name, &entry, Scratch(), kScratchBytes, &found) == EINTR) {
  }
  return found == nullptr ? -1 : static_cast<int64_t>(entry.gr_gid);
}

}  // namespace audit
