// A kernel record's bytes become the line that auditd logs. Builds without Node; owns no descriptor; never allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "names.h"

namespace audit {

// The kernel sends at most this many payload bytes in one record: MAX_AUDIT_MESSAGE_LENGTH in libaudit.h.
inline constexpr size_t kMaxPayload = 8970;
// Longest line without its newline, enrichment included (reference daemon: MAX_AUDIT_MESSAGE_LENGTH - 1).
inline constexpr size_t kMaxLine = 8969;
// Longest node name that name_format may yield (HOST_NAME_MAX is 64; a user's `name` may be longer).
inline constexpr size_t kMaxNode = 255;

enum class Treatment : uint8_t {
  kIgnore,        // netlink chatter and types that only a daemon writes: neither logged nor dispatched
  kReply,         // AUDIT_SIGNAL_INFO and its like: an answer to a request, not a record
  kDispatchOnly,  // AUDIT_EOE: plugins get it, the log does not
  kLog,           // logged and dispatched
};

// What the daemon does with a message of this type that came from the kernel. Total: every uint16_t has an answer.
Treatment TreatmentOf(uint16_t type) noexcept;

// Time and serial of `audit(1700000000.123:45)`, which starts every well-formed payload.
struct PayloadStamp {
  uint64_t milliseconds = 0;  // since the epoch
  uint32_t serial = 0;
  bool valid = false;  // false: the payload does not start with a stamp, and the other two are 0
};
PayloadStamp ParseStamp(std::string_view payload) noexcept;

// Bits of Formatted::flags, also kept in the ring's index (native/ring/layout.h).
inline constexpr uint16_t kHasEnrichment = 1;     // the line holds byte 0x1D and the interpreted part
inline constexpr uint16_t kWasCut = 2;            // the payload, or the enriched line, was longer than the limits
inline constexpr uint16_t kHadNewline = 4;        // a newline, NUL or 0x1D in the payload became a blank
inline constexpr uint16_t kHadTrailingBlank = 8;  // one blank was removed at the payload's end
inline constexpr uint16_t kNoStamp = 16;          // the payload did not start with audit(time:serial)

struct Formatted {
  uint32_t length = 0;  // bytes written, without a newline
  uint16_t flags = 0;
  PayloadStamp stamp;
};

struct FormatOptions {
  bool enriched = true;   // log_format = enriched; false: raw
  std::string_view node;  // empty: no node= prefix. At most kMaxNode bytes; must outlive the formatter.
};

class Formatter {
 public:
  Formatter(FormatOptions options, Names& names) noexcept : options_(options), names_(names) {}

  // For the records from now on. The node's view must outlive the formatter, or the next call of this.
  void Reconfigure(FormatOptions options) noexcept { options_ = options; }

  // Writes the final line of one record to `out`, which has room for kMaxLine bytes, and says what it wrote.
  // Any bytes are a valid payload: an empty one gives msg=lost; newline, NUL and 0x1D become blanks, so that no
  // payload can forge a second line, hide its rest from line readers, or pose as an interpreted part.
  Formatted Format(uint16_t type, std::string_view payload, char* out) noexcept;

 private:
  FormatOptions options_;
  Names& names_;
};

}  // namespace audit
