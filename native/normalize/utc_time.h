// Times for programs.
#pragma once

#include <string>

#include "../scan/record.h"

namespace audit {

// RFC 3339, "2023-11-14T22:13:20.123Z"; empty for a time beyond the year 9999, which it has no form for.
std::string UtcTime(const Stamp& stamp);

}  // namespace audit
