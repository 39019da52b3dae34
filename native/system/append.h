// write(2) to a log, and whether what was written is in a file that can be found.
#pragma once

#include <cstddef>
#include <cstdint>

namespace audit {

struct Appended {
  int error = 0;     // errno of write(2); 0: it wrote
  size_t bytes = 0;  // may be fewer than were given
  // Names that the file had after the write; none: somebody has removed it. Negative: fstat(2) failed.
  int64_t links = -1;
};

// One write(2), and one fstat(2) after it.
Appended Append(int descriptor, const char* bytes, size_t count) noexcept;

}  // namespace audit
