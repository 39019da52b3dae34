// The head of a line. Record types by name and number: native/tables.
//
//   [node=NAME ]type=TYPE msg=audit(SEC.MS:SERIAL): BODY[ 0x1D ENRICHMENT]
//
// Never allocates; views point into the line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "record.h"

namespace audit {

// The reference's programs and its library read the same line in two ways.
enum class HeaderRules : uint8_t {
  kTool,     // ausearch and aureport: the type is what follows the fifth byte of its token
  kLibrary,  // auparse: the type is the field `type`, if that is the first after `node`; 0 without one
};

enum class HeaderFault : uint8_t {
  kNone,
  kNoHead,    // too few tokens, or no time stamp in the third: the reference drops such a line in silence
  kBadStamp,  // numbers out of range: ausearch names the stamp on stderr, see StampText()
  kNoField,   // kLibrary only: nothing in it is a field; extends an event, but starts none. The record is filled
};

// A head is recognised in so much of a line; with a node in so much.
inline constexpr size_t kHeaderWindow = 80;
inline constexpr size_t kNodeHeaderWindow = 340;

// Fills `record` from one line without its newline; `file` and `line` are left to the caller. A NUL ends the line,
// the first 0x1D splits it. Nothing but `text` is to be used after kNoHead and kBadStamp.
HeaderFault ParseHeader(std::string_view line, HeaderRules rules, Record* record) noexcept;

// The same for a line without any NUL, and with 0x1D at `separator`; npos: it has none.
HeaderFault ParseSplitHeader(std::string_view line, size_t separator, HeaderRules rules, Record* record) noexcept;

// What stands in the parentheses of a line that is kBadStamp.
std::string_view StampText(std::string_view line) noexcept;

// A record of such a type is the only one of its event or ends it: PROCTITLE, EOE, those of programs and daemons.
constexpr bool IsFinalType(int32_t type) noexcept {
  return type == 1327 || type == 1320 || (type > 1006 && type < 1300) || type == 1005 || type == 2000 ||
         (type >= 1406 && type <= 1419) || type >= 2100;
}

}  // namespace audit
