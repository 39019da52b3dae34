// The columns of the detailed reports.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "report_kind.h"

namespace audit {

enum class Value : uint8_t {
  kAccount,       // acct; without one the uid
  kLoginAccount,  // acct of a failed login; else the auid
  kAcct,
  kAuid,
  kComm,
  kEvent,  // the serial
  kExe,
  kExeOrComm,
  kFile,  // the first that is not a directory of the next one's
  kHost,
  kKey,  // the first
  kKeystrokes,
  kPid,
  kSession,
  kSuccess,
  kSyscall,
  kTerminal,
  kType,  // of the first record
  // Of one denial:
  kAvcClass,
  kAvcObject,
  kAvcOutcome,
  kAvcPermissions,
  kAvcSubject,
};

struct Column {
  Value value;
  std::string_view name;           // in JSON and CSV
  std::string_view missing = "?";  // what stands for an absent text
  bool is_escaped = false;
};

// Empty for the overview and the log ranges, which have no lines for events.
const std::vector<Column>& ColumnsOf(ReportKind kind);

}  // namespace audit
