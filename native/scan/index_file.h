// The bytes of an index. In this machine's byte order: an index is made and used on the machine that has the log.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "index.h"
#include "record.h"

namespace audit {

// Of the log, as it was when it was read.
struct IndexedLog {
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t changed_seconds = 0;  // st_mtim
  int64_t changed_nanoseconds = 0;
};

struct IndexChunk {
  static constexpr uint32_t kDependent =
      1;  // by itself it would not give the order that it has behind what precedes it
  static constexpr uint32_t kBadStamps = 2;  // has lines that are told about: always read

  uint64_t offset = 0;
  uint64_t size = 0;
  LineCounts counts;
  Stamp smallest;
  Stamp largest;
  int64_t latest_event = 0;  // seconds; of `largest` an EOE may be the only record
  uint32_t checksum = 0;     // CRC-32 of its bytes
  uint32_t flags = 0;
  uint32_t first_piece = 0;  // terms are kept with pieces, of which a chunk has one or several
  uint32_t reserved = 0;
};

struct IndexContent {
  IndexedLog log;
  uint32_t complete_timeout = 0;  // seconds: an end-of-event timeout below this gives other events
  std::vector<IndexChunk> chunks;
  uint32_t pieces = 0;
  std::string lost_fields;  // of which there were too many terms
  std::string terms;        // field, text, and the pieces it is in: see AppendTerm()
};

// Terms come in order of field and text.
void AppendTerm(std::string_view field_and_text, std::string_view pieces, std::string* terms);
// A piece's number behind the one before, in `pieces`.
void AppendPiece(uint32_t distance, std::string* pieces);
// False: the bytes are damaged.
bool EachTerm(std::string_view terms,
              const std::function<void(std::string_view field_and_text, std::string_view pieces)>& take);
bool EachPiece(std::string_view pieces, const std::function<void(uint32_t piece)>& take);

// Where the index of a log is. Empty: the log cannot be looked at.
std::string IndexPath(const std::string& log, uint64_t inode);
// Ends the name of an index that is being written.
inline constexpr std::string_view kUnfinishedIndex = ".new";
// The part of a file name that every index of a set has.
std::string IndexPrefix(const std::string& log);

// Who may read an index: whoever may read the log.
struct IndexAccess {
  uint32_t mode = 0600;
  uint32_t owner = 0;
  uint32_t group = 0;
};

bool WriteIndex(const IndexContent& content, const std::string& path, const IndexAccess& access, uint64_t* bytes);
enum class IndexRead : uint8_t { kGood, kAbsent, kDamaged };
IndexRead ReadIndex(const std::string& path, IndexContent* content);

}  // namespace audit
