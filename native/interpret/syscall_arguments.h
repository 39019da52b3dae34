// What a system call's first four arguments mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../format/names.h"
#include "record_fields.h"

namespace audit {

// Appends the text of argument `index` (0 to 3) of the record's system call, from its value as logged, which is
// hexadecimal. Without a rule for it: the value behind 0x.
void AppendSyscallArgument(unsigned index, std::string_view value, const CallContext& call, Names& names,
                           std::string* out);

// Appends the name of an account.
void AppendUser(uint32_t uid, Names& names, std::string* out);
void AppendGroup(uint32_t gid, Names& names, std::string* out);

}  // namespace audit
