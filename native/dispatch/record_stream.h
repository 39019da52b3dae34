// Records of the ring become the bytes that a plugin reads: lines, or frames of the binary protocol. Builds without
// Node; owns nothing; never allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "../ring/layout.h"

namespace audit {

enum class StreamFormat : uint8_t {
  kString,  // one line a record
  kBinary,  // FrameHeader and payload, no newline
};

// Four words in the machine's byte order. spec: section 7.4
struct FrameHeader {
  uint32_t version;  // 0: the payload is what the kernel sent; 1: it is a whole log line
  uint32_t header_bytes;
  uint32_t type;
  uint32_t payload_bytes;
};
static_assert(sizeof(FrameHeader) == 16);

struct StreamOptions {
  StreamFormat format = StreamFormat::kString;
  // Records are sent as the log has them, interpreted or with a node: protocol version 1. False: version 0, the
  // payload as the kernel sent it.
  bool whole_lines = true;
  std::string_view node;  // as in FormatOptions: AUDIT_EOE has no line in the ring, and gets one here
};

// A ring's memory, looked at from outside of it.
struct RingView {
  const Entry* index = nullptr;
  uint32_t index_entries = 0;  // power of two
  const char* text = nullptr;  // mapped twice, side by side
  uint32_t text_bytes = 0;     // power of two

  // Null memory in the result: this is no ring of our layout.
  static RingView Of(const uint8_t* memory, size_t bytes) noexcept;
};

struct Rendered {
  uint32_t next = 0;     // index number of the first record that is not in it
  uint32_t records = 0;  // how many are
  uint32_t bytes = 0;
};

// The records from index number `start` up to `end`, as far as `out` has room for whole ones. Published and not
// released ones only: the memory of others changes meanwhile.
Rendered RenderRecords(const RingView& ring, uint32_t start, uint32_t end, const StreamOptions& options, char* out,
                       size_t capacity) noexcept;

// One line, its newline included, that comes from elsewhere than the ring. Bytes written; 0 when there is no room.
size_t RenderLine(uint32_t type, std::string_view line, const StreamOptions& options, char* out,
                  size_t capacity) noexcept;

}  // namespace audit
