#include "line_parser.h"

#include <cstring>

#include "needle.h"

namespace audit {

namespace {

// Where lines with a needle are, found once for the whole block: most blocks have none.
class Needles {
 public:
  Needles(std::string_view text, const std::vector<std::string>& needles) : end_(text.data() + text.size()) {
    for (const std::string& needle : needles) next_.push_back({needle, FindNeedle(text, needle)});
  }

  // Lines are asked for in order.
  bool IsIn(const char* line, const char* line_end) noexcept {
    for (Next& next : next_) {
      while (next.at != nullptr && next.at < line) {
        next.at = FindNeedle({line, static_cast<size_t>(end_ - line)}, next.needle);
      }
      if (next.at != nullptr && next.at + next.needle.size() <= line_end) return true;
    }
    return false;
  }

 private:
  struct Next {
    std::string_view needle;
    const char* at;
  };
  const char* const end_;
  std::vector<Next> next_;
};

const char* FindByte(const char* at, const char* end, char byte) noexcept {
  return static_cast<const char*>(std::memchr(at, byte, static_cast<size_t>(end - at)));
}

}  // namespace

void ParseLines(Block* block, uint32_t file, bool starts_line, const LineRules& rules, ParsedLines* parsed) {
  const char* at = block->bytes.get();
  const char* const end = at + block->size;
  const bool is_tool = rules.header == HeaderRules::kTool;
  const size_t limit = is_tool ? kToolLine : kLibraryLine;
  const bool has_nul = FindByte(at, end, '\0') != nullptr;
  const bool marks = !rules.needles.empty();
  Needles needles({at, block->size}, rules.needles);
  LineCounts& counts = parsed->counts;
  uint64_t number = starts_line ? 0 : UINT64_MAX;  // counted up with each line's start; a line's rest is none
  Record record;
  const auto take = [&](const char* from, const char* to, bool is_rest) {
    if (has_nul) {
      const char* const nul = FindByte(from, to, '\0');
      record.ends_at_nul = nul != nullptr;
      if (nul != nullptr) to = nul;
    }
    if (from == to) return;
    const std::string_view line(from, static_cast<size_t>(to - from));
    const char* const separator = FindByte(from, to, '\x1d');
    const size_t split = separator == nullptr ? std::string_view::npos : static_cast<size_t>(separator - from);
    const HeaderFault fault = ParseSplitHeader(line, split, rules.header, &record);
    if (fault == HeaderFault::kNoHead || fault == HeaderFault::kBadStamp) {
      if (!is_rest) ++counts.malformed;
      if (fault == HeaderFault::kBadStamp) parsed->bad_stamps.push_back({line, number});
      return;
    }
    ++counts.records;
    if (counts.first.seconds == 0) counts.first = record.stamp;
    if (record.stamp.seconds < rules.start || record.stamp.seconds > rules.end) {
      ++counts.out_of_range;
      if (counts.first_out_of_range.seconds == 0) counts.first_out_of_range = record.stamp;
      return;
    }
    if (fault == HeaderFault::kNoField) block->no_field.resize(block->records.size() + 1, 0);
    if (!block->no_field.empty()) {
      block->no_field.resize(block->records.size() + 1, 0);
      block->no_field.back() = fault == HeaderFault::kNoField ? 1 : 0;
    }
    record.file = file;
    record.line = number;
    block->records.push_back(record);
    if (marks) block->is_candidate.push_back(needles.IsIn(from, to) ? 1 : 0);
  };
  bool is_rest = !starts_line;
  while (at != end) {
    const char* newline = FindByte(at, end, '\n');
    const char* const line_end = newline == nullptr ? end : newline;
    const char* const next = newline == nullptr ? end : newline + 1;
    ++number;
    if (!is_rest) ++counts.lines;
    // fgets() counts the newline.
    if (static_cast<size_t>((is_tool ? next : line_end) - at) <= limit) {
      take(at, line_end, is_rest);
    } else if (is_tool) {
      if (!is_rest) ++counts.cut;
      for (; at < line_end; at += limit) {
        take(at, static_cast<size_t>(line_end - at) < limit ? line_end : at + limit, is_rest);
        is_rest = true;
      }
    } else {
      if (!is_rest) ++counts.cut;
      take(at, at + limit, is_rest);
    }
    is_rest = false;
    at = next;
  }
}

}  // namespace audit
