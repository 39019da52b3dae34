// The interpreted part of a line: names for numbers, as the daemon that wrote the log knew them.
#pragma once

#include <string_view>
#include <vector>

#include "record_fields.h"

namespace audit {

class EnrichmentList {
 public:
  // Replaces the list by that of `text`, which must outlive it.
  void Parse(std::string_view text);
  void Clear() noexcept;
  bool empty() const noexcept { return entries_.empty(); }
  // Null: no entry for a field of this name. Names are compared as if the list's were in lower case.
  const std::string_view* Find(std::string_view field_name) const noexcept;

 private:
  static uint32_t Bit(std::string_view name) noexcept;

  void Index();

  std::vector<RecordField> entries_;
  std::vector<uint32_t> index_;  // of long lists, by hash: entry + 1; 0 is free
  uint32_t bits_ = 0;            // one for some first letters and lengths: most fields are in no list
};

}  // namespace audit
