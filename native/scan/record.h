// What a log holds: records, and events made of them. Views point into memory that somebody else keeps: the buffer a
// line was read into, which lives as long as the event that is being looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace audit {

// The head of a line: [node=NAME ]type=TYPE msg=audit(SEC.MS:SERIAL)
struct Stamp {
  int64_t seconds = 0;
  uint32_t serial = 0;
  uint16_t milliseconds = 0;
};

struct Record {
  std::string_view text;            // up to the enrichment separator 0x1D, from the line's first byte
  std::string_view interpretation;  // what follows 0x1D
  bool has_interpretation = false;  // 0x1D was there, even when nothing follows it
  bool ends_at_nul = false;         // the line goes on behind a NUL, unread
  bool has_node = false;
  std::string_view node;
  std::string_view type_name;  // as logged, without "type="
  int32_t type = 0;            // number of type_name; -1 when it has none
  Stamp stamp;
  uint32_t body = 0;  // offset in `text` of what follows the stamp's token: normally the byte after "): "
  uint32_t file = 0;  // which of the inputs it came from
  uint64_t line = 0;  // its number there, from 1
};

// Records that share time, serial and node, in log order.
struct Event {
  Stamp stamp;
  bool has_node = false;
  std::string_view node;
  const Record* records = nullptr;
  size_t count = 0;
  uint64_t order = 0;    // how many events were handed on before it
  uint32_t reading = 0;  // which of the inputs was being read when it was handed on
};

}  // namespace audit
