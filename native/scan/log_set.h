// Which files make up a log, and with which of them a search begins.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

// One input of a scan. Whatever it is, gzip is recognised by its first bytes.
struct LogInput {
  enum class Kind : uint8_t { kFile, kDescriptor, kBuffer };

  Kind kind = Kind::kFile;
  std::string path;        // kFile; for the others what messages call them
  int descriptor = -1;     // kDescriptor; stays open
  std::string_view bytes;  // kBuffer; kept by the caller until the scan has ended
  // Of the file when the set was listed. A rotation between then and opening gives its name to another file; it is then
  // looked for under the names it may have been moved to. 0: whatever has the name.
  dev_t device = 0;
  ino_t inode = 0;
  // Parts of a plain file, whole lines each, in order: only they are read. Null: all of it. From an index (index.h).
  struct Range {
    uint64_t offset;
    uint64_t size;
  };
  std::shared_ptr<const std::vector<Range>> ranges;

  static LogInput File(std::string path);
  static LogInput Descriptor(int descriptor, std::string name);
  static LogInput Buffer(std::string_view bytes, std::string name);
};

// The set of FILE: FILE.N, …, FILE.1, FILE, the oldest first, up to the first generation that cannot be read. A
// generation may be FILE.N.gz; FILE.N comes before it. Empty: FILE cannot be read, and errno says why.
std::vector<LogInput> FindLogSet(const std::string& file);

// Index of the input to begin with when nothing before `start` (seconds) is wanted, as the reference chooses it: the
// one before the first whose first line is later; without such a one the first.
size_t FirstWanted(const std::vector<LogInput>& set, int64_t start);

// Opens a file for reading, under the name that rotation has given it meanwhile. -1: errno says why.
int OpenLog(const LogInput& input) noexcept;

}  // namespace audit
