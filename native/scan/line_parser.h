// A block's lines to records. Any thread, one block at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "block.h"
#include "header.h"

namespace audit {

// The reference's programs read a line in pieces of so many bytes, its newline included, each a line of its own.
inline constexpr size_t kToolLine = 8969;
// Of the library's lines no more is kept; the reference has no limit. The kernel's longest record has 8970 bytes.
inline constexpr size_t kLibraryLine = size_t{1} << 20;

struct LineRules {
  HeaderRules header = HeaderRules::kTool;
  // Records outside are dropped before they are grouped, in seconds, both included.
  int64_t start = INT64_MIN;
  int64_t end = INT64_MAX;
  // Not empty: records are marked whose line holds one of these.
  std::vector<std::string> needles;
};

// A line whose time stamp has numbers out of range.
struct BadStamp {
  std::string_view line;
  uint64_t number;  // in the block, from 1
};

struct LineCounts {
  uint64_t lines = 0;         // newlines, and a last line without one
  uint64_t records = 0;       // with a good head
  uint64_t out_of_range = 0;  // of those: before start or after end
  uint64_t malformed = 0;     // without a good head, and not empty
  uint64_t cut = 0;           // lines longer than the limit
  Stamp first;                // of the first record with a good head and seconds, in range or not
  Stamp first_out_of_range;   // of the first of those that has seconds
};

struct ParsedLines {
  LineCounts counts;
  std::vector<BadStamp> bad_stamps;  // views into the block
};

// Fills block->records, with line numbers from 1. `starts_line`: the block's first byte is the first of a line.
void ParseLines(Block* block, uint32_t file, bool starts_line, const LineRules& rules, ParsedLines* parsed);

}  // namespace audit
