#include "append.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace audit {

Appended Append(int descriptor, const char* bytes, size_t count) noexcept {
  Appended appended;
  ssize_t written;
  do {
    written = write(descriptor, bytes, count);
  } while (written < 0 && errno == EINTR);
  if (written < 0) {
    appended.error = errno;
  } else {
    appended.bytes = static_cast<size_t>(written);
  }
  struct stat facts;
  if (fstat(descriptor, &facts) == 0) appended.links = static_cast<int64_t>(facts.st_nlink);
  return appended;
}

}  // namespace audit
