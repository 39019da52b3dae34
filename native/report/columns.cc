#include "columns.h"

namespace audit {

namespace {

constexpr std::string_view kNull = "(null)";
constexpr bool kEscaped = true;

std::vector<Column> Columns(ReportKind kind) {
  const Column comm = {Value::kComm, "comm", "?", kEscaped};
  const Column exe = {Value::kExe, "exe", "?", kEscaped};
  const Column plain_exe = {Value::kExe, "exe"};
  const Column auid = {Value::kAuid, "auid", "?", kEscaped};
  const Column plain_auid = {Value::kAuid, "auid"};
  const Column terminal = {Value::kTerminal, "term"};
  const Column host = {Value::kHost, "host"};
  const Column type = {Value::kType, "type"};
  const Column success = {Value::kSuccess, "success"};
  const Column syscall = {Value::kSyscall, "syscall"};
  const Column event = {Value::kEvent, "event"};
  switch (kind) {
    case ReportKind::kAvc:
      return {comm,
              {Value::kAvcSubject, "subj", kNull},
              syscall,
              {Value::kAvcClass, "class", kNull},
              {Value::kAvcPermissions, "permission", kNull},
              {Value::kAvcObject, "obj", kNull},
              {Value::kAvcOutcome, "result"},
              event};
    case ReportKind::kAuthentication:
      return {{Value::kAccount, "acct", kNull, kEscaped},
              {Value::kHost, "host", kNull},
              {Value::kTerminal, "term", kNull},
              {Value::kExe, "exe", kNull},
              success,
              event};
    case ReportKind::kCommand:
      return {comm, terminal, host, auid, event};
    case ReportKind::kConfiguration:
      return {type, plain_auid, success, event};
    case ReportKind::kCrypto:
      return {auid, type, success, event};
    case ReportKind::kEvent:
      return {event, type, auid, success};
    case ReportKind::kFile:
      return {{Value::kFile, "file", kNull, kEscaped}, syscall, success, exe, auid, event};
    case ReportKind::kHost:
      return {host, syscall, auid, event};
    case ReportKind::kIntegrity:
    case ReportKind::kResponse:
    case ReportKind::kVirtualization:
      return {type, success, event};
    case ReportKind::kKey:
      return {{Value::kKey, "key", kNull}, success, exe, auid, event};
    case ReportKind::kLogin:
      return {{Value::kLoginAccount, "auid", kNull, kEscaped},
              {Value::kHost, "host", kNull},
              {Value::kTerminal, "term", kNull},
              {Value::kExe, "exe", kNull},
              success,
              event};
    case ReportKind::kModification:
      return {auid, {Value::kHost, "addr"}, terminal, plain_exe, {Value::kAcct, "acct"}, success, event};
    case ReportKind::kMac:
      return {plain_auid, type, success, event};
    case ReportKind::kAnomaly:
      return {type, {Value::kExeOrComm, "exe", "?", kEscaped}, terminal, host, auid, event};
    case ReportKind::kProcess:
      return {{Value::kPid, "pid"}, exe, syscall, auid, event};
    case ReportKind::kSyscall:
      return {syscall, {Value::kPid, "pid"}, comm, auid, event};
    case ReportKind::kTerminal:
      return {terminal, {Value::kHost, "host", kNull}, {Value::kExe, "exe", kNull, kEscaped}, auid, event};
    case ReportKind::kKeystroke:
      return {event, auid, terminal, {Value::kSession, "sess"}, comm, {Value::kKeystrokes, "data"}};
    case ReportKind::kUser:
      return {auid, terminal, host, exe, event};
    case ReportKind::kExecutable:
      return {exe, terminal, host, auid, event};
    case ReportKind::kOverview:
    case ReportKind::kPage:
    case ReportKind::kLog:
      break;
  }
  return {};
}

}  // namespace

const std::vector<Column>& ColumnsOf(ReportKind kind) {
  static const std::vector<std::vector<Column>> all = [] {
    std::vector<std::vector<Column>> made;
    for (uint8_t index = 0; index < kReportKinds; index++) made.push_back(Columns(static_cast<ReportKind>(index)));
    return made;
  }();
  return all[static_cast<size_t>(kind)];
}

}  // namespace audit
