// Names from the system (nsswitch.conf): getpwuid_r(3), getgrgid_r(3), if_indextoname(3), getprotobynumber_r(3).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../format/name_cache.h"

namespace audit {

// May wait for a name service (LDAP): on the reader thread this happens once per unknown number, then the cache
// answers; meanwhile records wait in the socket's buffer.
extern const NameResolver kSystemAccounts;

// The number of an account, or -1 when there is none of this name.
int64_t UserNumber(const char* name) noexcept;

// The number of a group, or -1 when there is none of this name.
int64_t GroupNumber(const char* name) noexcept;

}  // namespace audit
