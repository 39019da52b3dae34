// An index of a log that is no longer written: which parts of it a search has to read. With it a search reads those
// and gives the same events in the same order as without.
//
// A log is cut into chunks where all keys (seconds, milliseconds, serial) before are smaller than all behind: no event
// is in two chunks. Terms (keys, programs, files, users, processes, system calls) are kept with the chunks they are in.
// The index is a file beside the log, found by the log's inode, so a rotation that renames the log keeps it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine.h"

namespace audit {

enum class IndexField : uint8_t {
  kKey = 'k',
  kExecutable = 'x',  // exe=
  kFile = 'f',        // name=, path=, cwd=, new-disk=, and the path of a Unix socket address
  kUser = 'u',        // every field whose name ends with uid
  kProcess = 'p',     // pid= and ppid=
  kSyscall = 's',     // syscall= and uring_op=
};

struct IndexTerm {
  IndexField field;
  // kKey, kExecutable, kFile: contained in a value, as logged or decoded from hexadecimal. The others: the number in
  // decimal, 32 bits without sign.
  std::string text;
};

// For each list in `all_of` a matching event has one of its terms in one of its records. Leave out what an event may
// meet by having no such field.
struct IndexQuery {
  std::vector<std::vector<IndexTerm>> all_of;
};

struct IndexUse {
  uint32_t used = 0;     // files of which only parts are read
  uint32_t absent = 0;   // files without an index
  uint32_t refused = 0;  // indexes that do not fit their log, or are damaged, and were deleted
  uint64_t skipped_bytes = 0;
};

// Gives the inputs of `options` their ranges, by `query` and the time range. Not for checkpoints: they note the last
// event, matching or not. Logs that are compressed, and such that follow one without an index, are read whole.
IndexUse NarrowWithIndex(const IndexQuery& query, ScanOptions* options);

struct IndexBuilt {
  bool is_built = false;
  int error = 0;  // of a system call, with its path; 0: the log is empty, compressed, or was cancelled
  std::string path;
  uint64_t bytes = 0;  // of the index
  uint32_t chunks = 0;
};

// Bytes of a log that are read for one hit, and more where records of several events lie between one another.
inline constexpr uint64_t kIndexChunkBytes = uint64_t{128} << 10;

// Reads a log twice and writes its index, under a new name first, for whoever may read the log. Do it only for logs
// that are no longer written; it may be given another name meanwhile.
IndexBuilt BuildIndex(const std::string& log, ScanControl* control, uint64_t chunk_bytes = kIndexChunkBytes);

// Whether the log has an index that fits, without reading the log.
bool HasIndex(const std::string& log);

// Deletes indexes beside `log` (the newest of a set) that belong to no file of its set, and what was begun of such.
// Their number.
uint32_t RemoveOrphanedIndexes(const std::string& log);

}  // namespace audit
