#include "extract.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdio>

#include "../format/number.h"
#include "field_cursor.h"

namespace audit {

namespace {

// Record types by the names of linux/audit.h and libaudit.h; here for their kinds alone.
enum Type : int32_t {
  kUser = 1005,
  kLogin = 1006,
  kUserAvc = 1107,
  kAddGroup = 1116,
  kDelGroup = 1117,
  kGrpMgmt = 1132,
  kDaemonFirst = 1200,
  kDaemonAccept = 1207,
  kDaemonClose = 1208,
  kDaemonErr = 1209,
  kSyscall = 1300,
  kPath = 1302,
  kIpc = 1303,
  kConfigChange = 1305,
  kSockaddr = 1306,
  kCwd = 1307,
  kObjPid = 1318,
  kTty = 1319,
  kEoe = 1320,
  kNetfilterPkt = 1324,
  kNetfilterCfg = 1325,
  kSeccomp = 1326,
  kFeatureChange = 1328,
  kEventListener = 1335,
  kUringop = 1336,
  kDmCtrl = 1338,
  kAvc = 1400,
  kAvcPath = 1402,
  kMacPolicyLoad = 1403,
  kMacUnlblStcdel = 1417,
  kAnomPromiscuous = 1700,
  kAnomAbend = 1701,
  kAnomLink = 1702,
  kIntegrityFirst = 1800,
  kIntegrityLast = 1805,
  kVirtResource = 2501,
  kVirtMachineId = 2502,
};

bool IsUserMessage(int32_t type) noexcept {
  return type == kUser || (type >= 1100 && type <= 1199) || (type >= 2100 && type <= 2999);
}

// Known, and without anything to search for.
bool IsSilent(int32_t type) noexcept {
  switch (type) {
    case 1309:  // EXECVE
    case 1311:  // IPC_SET_PERM
    case 1312:  // MQ_OPEN
    case 1313:  // MQ_SENDRECV
    case 1314:  // MQ_NOTIFY
    case 1315:  // MQ_GETSETATTR
    case 1317:  // FD_PAIR
    case 1321:  // BPRM_FCAPS
    case 1322:  // CAPSET
    case 1323:  // MMAP
    case 1327:  // PROCTITLE
    case 1329:  // REPLACE
    case 1330:  // KERN_MODULE
    case 1331:  // FANOTIFY
    case 1332:  // TIME_INJOFFSET
    case 1333:  // TIME_ADJNTPVAL
    case 1334:  // BPF
    case 1337:  // OPENAT2
    case 1339:  // DM_EVENT
    case 1401:  // SELINUX_ERR
    case 2000:  // KERNEL
      return true;
    default:
      return false;
  }
}

bool IsHex(char c) noexcept { return DigitValue(c) < 16; }

bool IsAllHex(std::string_view text) noexcept {
  for (const char c : text) {
    if (!IsHex(c)) return false;
  }
  return !text.empty();
}

bool StartsWith(std::string_view text, std::string_view prefix) noexcept {
  return text.substr(0, prefix.size()) == prefix;
}

FieldCursor Body(const Record& record) noexcept {
  // With the blank before the first field: some fields are looked for together with it.
  const size_t from = record.body == 0 ? 0 : record.body - 1;
  return FieldCursor(from < record.text.size() ? record.text.substr(from) : std::string_view());
}

// Decimal, cut to 32 bits as a C cast does. False when it does not fit 64.
template <typename T>
bool ToNumber(std::string_view text, std::optional<T>* value, unsigned base = 10) noexcept {
  const Number number = ParseNumber(text, base);
  if (number.overflows) return false;
  *value = static_cast<T>(static_cast<uint32_t>(number.value));
  return true;
}

// What C reads with base 0. False when it does not fit 64 bits.
bool ToSigned(std::string_view text, std::optional<int64_t>* value) noexcept {
  size_t at = 0;
  while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) at++;
  const bool negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) at++;
  unsigned base = 10;
  if (at < text.size() && text[at] == '0') {
    const bool is_hex = at + 2 < text.size() && (text[at + 1] | 0x20) == 'x' && IsHex(text[at + 2]);
    base = is_hex ? 16 : 8;
    if (is_hex) at += 2;
  }
  uint64_t magnitude = 0;
  for (; at < text.size() && DigitValue(text[at]) < base; at++) {
    if (__builtin_mul_overflow(magnitude, base, &magnitude)) return false;
    if (__builtin_add_overflow(magnitude, DigitValue(text[at]), &magnitude)) return false;
  }
  if (magnitude > static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0)) return false;
  *value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

// `name` holds a number: reads it up to a blank. The codes are those for a missing blank and for an overflow.
template <typename T>
int TakeNumber(FieldCursor* cursor, std::optional<T>* value, int no_blank, int overflow) noexcept {
  std::string_view text;
  if (!cursor->TakeUntil(' ', &text)) return no_blank;
  return ToNumber(text, value) ? 0 : overflow;
}

// The same where a record may end behind the number.
template <typename T>
int TakeLastNumber(FieldCursor* cursor, std::optional<T>* value, int overflow) noexcept {
  return ToNumber(cursor->TakeUntilOrEnd(' '), value) ? 0 : overflow;
}

// A uid that is not the end of "auid=".
bool SkipUid(FieldCursor* cursor) noexcept {
  const char* const begin = cursor->Position();
  while (cursor->Skip("uid=")) {
    const char* const name = cursor->Position() - 4;
    if (name == begin || name[-1] != 'a') return true;
  }
  cursor->MoveTo(begin);
  return false;
}

bool SkipLoginUid(FieldCursor* cursor) noexcept { return cursor->Skip("auid=") || cursor->Skip("loginuid="); }

}  // namespace

std::string_view Extractor::AddressComplaint(const Record& record, const Malformation& malformation) noexcept {
  if (record.type != kSockaddr) return {};
  switch (malformation.code) {
    case 1:
      return "sockaddr len too short\n";
    case 2:
      return "sockaddr6 len too short\n";
    case 4:
      return "sun_path len too short (1)\n";
    default:
      return {};
  }
}

bool Extractor::IsUnparsed(int32_t type) noexcept {
  if (IsUserMessage(type) || IsSilent(type)) return false;
  if (type >= kDaemonFirst && type < kDaemonErr) return false;
  if (type >= kMacPolicyLoad && type <= kMacUnlblStcdel) return false;
  if (type >= kIntegrityFirst && type <= kIntegrityLast) return false;
  switch (type) {
    case kLogin:
    case kSyscall:
    case kPath:
    case kIpc:
    case kConfigChange:
    case kSockaddr:
    case kCwd:
    case kObjPid:
    case kTty:
    case kNetfilterPkt:
    case kNetfilterCfg:
    case kSeccomp:
    case kFeatureChange:
    case kEventListener:
    case kUringop:
    case kDmCtrl:
    case kAvc:
    case kAvcPath:
    case kAnomPromiscuous:
    case kAnomAbend:
    case kAnomLink:
      return false;
    default:
      return true;
  }
}

bool Extractor::Extract(const Event& event) noexcept {
  arena_.Clear();
  // The lists keep their memory.
  auto keys = std::move(fields_.keys);
  auto files = std::move(fields_.files);
  auto contexts = std::move(fields_.contexts);
  keys.clear();
  files.clear();
  contexts.clear();
  fields_ = EventFields();
  fields_.keys = std::move(keys);
  fields_.files = std::move(files);
  fields_.contexts = std::move(contexts);

  for (size_t i = 0; i < event.count; i++) {
    const int code = ReadRecord(event.records[i]);
    if (code == 0) continue;
    malformation_.record = i;
    malformation_.code = code;
    return false;
  }
  return true;
}

int Extractor::ReadRecord(const Record& record) noexcept {
  const int32_t type = record.type;
  switch (type) {
    case kSyscall:
    case kUringop:
    case kFeatureChange:
    case kAnomLink:
    case kDmCtrl:
      return ReadSyscall(record);
    case kCwd:
      return ReadCwd(record);
    case kPath:
      return ReadPath(record);
    case kSockaddr:
      return ReadSockaddr(record);
    case kIpc:
    case kObjPid:
      return ReadObject(record);
    case kNetfilterPkt:
      return ReadPacket(record);
    case kLogin:
      return ReadLogin(record);
    case kUserAvc:
      return ReadUserAvc(record);
    case kAvc:
      return ReadAvc(record);
    case kAvcPath:
      return ReadWatchedPath(record);
    case kConfigChange:
      return ReadConfigChange(record);
    case kNetfilterCfg:
    case kEventListener:
      return ReadListener(record);
    case kSeccomp:
    case kAnomPromiscuous:
    case kAnomAbend:
      return ReadAnomaly(record);
    case kTty:
      return ReadTty(record);
    default:
      break;
  }
  if (IsUserMessage(type)) return ReadUser(record);
  if (type >= kDaemonFirst && type < kDaemonErr) return ReadDaemon(record);
  if (type >= kMacPolicyLoad && type <= kMacUnlblStcdel) return ReadPolicy(record);
  if (type >= kIntegrityFirst && type <= kIntegrityLast) return ReadIntegrity(record);
  return 0;
}

// SYSCALL and URINGOP, and the records that name a task in the same words.
int Extractor::ReadSyscall(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  std::string_view text;
  if (record.type == kSyscall && Wants(kWantArch)) {
    if (!cursor.Skip("arch=")) return 1;
    if (!cursor.TakeUntil(' ', &text)) return 2;
    if (!ToNumber(text, &fields_.arch, 16)) return 3;
  }
  if (record.type == kSyscall || record.type == kUringop) {
    if (!cursor.Skip(record.type == kSyscall ? "syscall=" : "uring_op=")) return 4;
    std::optional<int32_t> syscall;
    if (const int code = TakeNumber(&cursor, &syscall, 5, 6); code != 0) return code;
    fields_.syscall = *syscall;
    fields_.has_syscall = true;
    if (Wants(kWantSuccess) && cursor.Skip("success=")) {
      if (!cursor.TakeUntil(' ', &text)) return 7;
      fields_.success = text == "yes" ? Success::kYes : Success::kNo;
    }
    if (Wants(kWantExit)) {
      if (!cursor.Skip("exit=")) return 8;
      if (!cursor.TakeUntil(' ', &text)) return 9;
      if (!ToSigned(text, &fields_.exit)) return 10;
    }
  }
  if (record.type == kSyscall) {
    for (const std::string_view name : {"a0=", "a1="}) {
      if (!cursor.Skip(name)) return 11;
      if (!cursor.TakeUntil(' ', &text)) return 12;
      if (ParseNumber(text, 16).overflows) return 13;
    }
  }
  if (const int code = ReadTask(&cursor); code != 0) return code;
  if (record.type != kSyscall && record.type != kUringop) {
    ReadNumberSuccess(&cursor);
    return 0;
  }
  return ReadKey(&cursor);
}

int Extractor::ReadTask(FieldCursor* cursor) noexcept {
  int code = 0;
  if (Wants(kWantPpid) && cursor->Skip("ppid=")) code = TakeNumber(cursor, &fields_.ppid, 14, 15);
  if (code == 0 && Wants(kWantPid)) {
    code = cursor->Skip(" pid=") ? TakeNumber(cursor, &fields_.pid, 17, 18) : 16;
  }
  if (code == 0 && Wants(kWantAuid)) {
    code = SkipLoginUid(cursor) ? TakeNumber(cursor, &fields_.auid, 20, 21) : 19;
  }
  if (code == 0 && Wants(kWantUid)) {
    code = SkipUid(cursor) ? TakeNumber(cursor, &fields_.uid, 23, 24) : 22;
  }
  if (code == 0 && Wants(kWantGid)) {
    code = cursor->Skip("gid=") ? TakeNumber(cursor, &fields_.gid, 26, 27) : 25;
  }
  if (code == 0 && Wants(kWantEuid)) {
    code = cursor->Skip("euid=") ? TakeNumber(cursor, &fields_.euid, 29, 30) : 28;
  }
  if (code == 0 && Wants(kWantEgid)) {
    code = cursor->Skip("egid=") ? TakeNumber(cursor, &fields_.egid, 32, 33) : 31;
  }
  if (code != 0) return code;
  if (Wants(kWantTerminal) && cursor->Skip("tty=")) {
    if (!cursor->TakeUntil(' ', &fields_.terminal)) return 34;
  }
  if (Wants(kWantSession) && cursor->Skip("ses=")) {
    code = TakeNumber(cursor, &fields_.session, 35, 36);
    if (code != 0) return code;
  }
  if (Wants(kWantComm)) {
    if (!cursor->Skip("comm=")) return 38;
    if (!ReadText(cursor, &fields_.comm)) return 37;
  }
  if (Wants(kWantExe)) {
    if (!cursor->Skip("exe=")) return 40;
    if (!ReadText(cursor, &fields_.exe)) return 39;
  }
  if (Wants(kWantSubject) && cursor->Skip("subj=")) {
    std::string_view subject;
    if (!cursor->TakeUntil(' ', &subject)) return 41;
    AddSubject(subject);
  }
  return 0;
}

int Extractor::ReadKey(FieldCursor* cursor) noexcept {
  if (!Wants(kWantKey) || !cursor->Skip("key=")) return 0;
  std::string_view text;
  if (cursor->At('"')) {
    cursor->Advance(1);
    if (!cursor->TakeUntil('"', &text)) return 44;
    AddKey(text);
    return 0;
  }
  if (StartsWith(cursor->Rest(), "(null)")) {
    AddKey("(null)");
    return 0;
  }
  text = cursor->TakeUntilOrEnd(' ');
  if (text.size() < 2 || !IsHex(text[0]) || !IsHex(text[1])) return 45;
  Text decoded = Decode(text);
  // Several keys of one rule are one value with 0x01 between them.
  while (true) {
    const size_t separator = decoded.find('\x01');
    const Text key = decoded.substr(0, separator);
    if (!key.empty()) AddKey(key);
    if (separator == Text::npos) return 0;
    decoded.remove_prefix(separator + 1);
  }
}

// Anything above what USER_AVC records forgive.
constexpr int kUnreadable = 33;

int Extractor::ReadUser(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  if (const int code = ReadUserUids(&cursor); code != 0) return code;
  return ReadUserMessage(record, &cursor);
}

// What the kernel says of the sender, before the message itself.
int Extractor::ReadUserUids(FieldCursor* cursor) noexcept {
  int code = 0;
  if (Wants(kWantPid)) code = cursor->Skip("pid=") ? TakeNumber(cursor, &fields_.pid, 2, 3) : 1;
  const char* message = cursor->Position();
  if (code == 0 && Wants(kWantUid)) {
    code = cursor->Skip("uid=") ? TakeNumber(cursor, &fields_.uid, 5, 6) : 4;
    message = cursor->Position();
  }
  if (code == 0 && Wants(kWantAuid)) {
    code = SkipLoginUid(cursor) ? TakeNumber(cursor, &fields_.auid, 8, 9) : 7;
    message = cursor->Position();
  }
  if (code == 0 && Wants(kWantSession) && cursor->Skip("ses=")) {
    code = TakeNumber(cursor, &fields_.session, 10, 11);
    message = cursor->Position();
  }
  if (code != 0) return code;
  if (Wants(kWantSubject) && cursor->Skip("subj=")) {
    std::string_view subject;
    if (!cursor->TakeUntil(' ', &subject)) return 12;
    AddSubject(subject);
  }
  if (Wants(kWantUid)) {
    // The message may name whom it is about. Looked for from the sender's numbers on, the position stays.
    const char* const here = cursor->Position();
    cursor->MoveTo(message);
    while (cursor->Skip("uid=")) {
      const char before = cursor->Position()[-5];
      // (sauid=81, hostname=?, …: of such a message nothing more is read.
      const std::string_view rest = cursor->Rest();
      if (before == 'a' && rest.substr(0, rest.find(' ')).find(',') != rest.npos) return kUnreadable;
      if (before != ' ' && before != '\'') continue;
      if (TakeLastNumber(cursor, &fields_.uid, 6) != 0) return 6;
      break;
    }
    cursor->MoveTo(here);
  }
  return 0;
}

// Guest machines: who they are, what they are given, under which contexts they run.
int Extractor::ReadMachine(const Record& record, FieldCursor* cursor) noexcept {
  const char* const begin = cursor->Position();
  std::string_view text;
  if (Wants(kWantVm) && cursor->Skip("vm=")) {
    if (!ReadText(cursor, &fields_.vm)) return 23;
  }
  if (Wants(kWantUuid)) {
    cursor->MoveTo(begin);
    if (cursor->Skip("uuid=")) {
      const std::string_view rest = cursor->Rest();
      fields_.uuid = rest.substr(0, rest.find_first_of(" :'"));
    }
  }
  cursor->MoveTo(begin);
  if (record.type == kVirtMachineId) {
    if (Wants(kWantSubject) && cursor->Skip("vm-ctx=")) {
      if (!cursor->TakeUntil(' ', &text)) return 27;
      AddSubject(text);
    }
    if (Wants(kWantObject) && cursor->Skip("img-ctx=")) {
      if (!cursor->TakeUntil(' ', &text)) return 29;
      AddObject(text);
    }
  }
  if (record.type == kVirtResource && Wants(kWantFile)) {
    if (cursor->Skip(" path=") || cursor->Skip(" new-disk=")) {
      if (!ReadText(cursor, &text)) return 30;
      AddFile(text, Text());
    }
  }
  cursor->MoveTo(begin);
  return 0;
}

int Extractor::ReadUserMessage(const Record& record, FieldCursor* cursor) noexcept {
  const char* const begin = cursor->Position();
  if (Wants(kWantGid) && (record.type == kAddGroup || record.type == kDelGroup || record.type == kGrpMgmt)) {
    if (cursor->Skip(" id=") || (record.type == kGrpMgmt && cursor->Skip("gid="))) {
      if (const int code = TakeNumber(cursor, &fields_.gid, 31, 32); code != 0) return code;
    }
    cursor->MoveTo(begin);
  }
  if (Wants(kWantVm | kWantUuid | kWantSubject | kWantObject | kWantFile)) {
    if (const int code = ReadMachine(record, cursor); code != 0) return code;
  }
  if (Wants(kWantFile) && cursor->Skip("cwd=")) {
    if (cursor->At('"')) {
      cursor->Advance(1);
      if (!cursor->TakeUntil('"', &fields_.cwd)) return 20;
    } else {
      const std::string_view text = cursor->TakeUntilOrEnd(' ');
      fields_.cwd = IsAllHex(text) ? Decode(text) : text;
    }
  }
  if (Wants(kWantComm) && cursor->Skip("comm=")) {
    if (!ReadText(cursor, &fields_.comm)) return 16;
  }
  // The account is always passed: what is looked for from here on stands behind it.
  if (cursor->Skip("acct=")) {
    if (cursor->At('"')) {
      cursor->Advance(1);
      if (!cursor->TakeUntil('"', &fields_.account)) return 26;
    } else {
      const std::string_view text = cursor->TakeUntilOrEnd(' ');
      fields_.account = IsAllHex(text) ? Decode(text) : text;
    }
  }
  if (const int code = ReadUserHost(cursor); code != 0) return code;
  // Neither host, program nor terminal moves the position: what is looked for next may stand before them.
  FieldCursor program = *cursor;
  if (Wants(kWantExe) && program.Skip("exe=")) {
    if (program.At('"')) {
      program.Advance(1);
      if (!program.TakeUntil('"', &fields_.exe)) return 26;
    } else {
      const std::string_view text = program.TakeUntilOrEnd(' ');
      fields_.exe = IsAllHex(text) ? Decode(text) : text;
    }
  }
  FieldCursor terminal = *cursor;
  if (Wants(kWantTerminal) && terminal.Skip("terminal=")) {
    if (!terminal.TakeUntil(' ', &fields_.terminal) && !terminal.TakeUntil(')', &fields_.terminal)) return 19;
  }
  return ReadUserSuccess(cursor);
}

int Extractor::ReadUserHost(FieldCursor* message) noexcept {
  FieldCursor cursor = *message;
  if (!Wants(kWantHost) || !cursor.Skip("hostname=")) return 0;
  // A comma ends it wherever it stands, which may be far behind the first blank.
  if (!cursor.TakeUntil(',', &fields_.host) && !cursor.TakeUntil(' ', &fields_.host)) return 17;
  if (fields_.host != "?") return 0;
  if (!cursor.Skip("addr=")) return 0;
  if (!cursor.TakeUntil(',', &fields_.host) && !cursor.TakeUntil(' ', &fields_.host)) return 18;
  return 0;
}

int Extractor::ReadUserSuccess(FieldCursor* cursor) noexcept {
  if (!Wants(kWantSuccess)) return 0;
  std::string_view text;
  if (cursor->Skip("res=")) {
    if (!cursor->TakeUntil('\'', &text)) return 21;
    fields_.success = StartsWith(text, "failed") ? Success::kNo : Success::kYes;
  } else if (cursor->Skip("result=")) {
    if (!cursor->TakeUntil(')', &text)) return 22;
    const bool is_success = text.size() == 7 && strncasecmp(text.data(), "success", 7) == 0;
    fields_.success = is_success ? Success::kYes : Success::kNo;
  }
  return 0;
}

int Extractor::ReadLogin(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  int code = 0;
  if (Wants(kWantPid)) code = cursor.Skip("pid=") ? TakeNumber(&cursor, &fields_.pid, 2, 3) : 1;
  if (code == 0 && Wants(kWantUid)) code = cursor.Skip("uid=") ? TakeNumber(&cursor, &fields_.uid, 5, 6) : 4;
  if (code != 0) return code;
  if (Wants(kWantSubject) && cursor.Skip("subj=")) {
    std::string_view subject;
    if (!cursor.TakeUntil(' ', &subject)) return 12;
    AddSubject(subject);
  }
  if (Wants(kWantAuid)) {
    if (!cursor.Skip("new auid=") && !cursor.Skip(" auid=") && !cursor.Skip("new loginuid=")) return 7;
    if (TakeLastNumber(&cursor, &fields_.auid, 9) != 0) return 9;
  }
  if (Wants(kWantSession)) {
    if (!cursor.Skip("new ses=") && !cursor.Skip(" ses=")) return 14;
    if (TakeLastNumber(&cursor, &fields_.session, 16) != 0) return 16;
  }
  if (Wants(kWantSuccess)) {
    fields_.success = Success::kYes;  // only logins that went well were logged, before there was a result
    ReadNumberSuccess(&cursor);
  }
  return 0;
}

int Extractor::ReadDaemon(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  std::string_view text;
  if (record.type == kDaemonAccept || record.type == kDaemonClose) {
    if (Wants(kWantHost) && cursor.Skip("addr=")) {
      const std::string_view value = cursor.TakeUntilOrEnd(' ');
      fields_.host = value.substr(0, value.find(':'));
    }
    cursor = Body(record);
  }
  int code = 0;
  // A connection has nobody behind it.
  const bool is_connection = record.type == kDaemonAccept || record.type == kDaemonClose;
  if (Wants(kWantAuid)) {
    code = cursor.Skip("auid=") ? TakeNumber(&cursor, &fields_.auid, 2, 3) : is_connection ? 0 : 1;
  }
  // Some write the pid behind the uid.
  FieldCursor behind_auid = cursor;
  if (code == 0 && Wants(kWantPid)) {
    code = cursor.Skip("pid=") ? TakeNumber(&cursor, &fields_.pid, 5, 6) : is_connection ? 0 : 4;
  }
  if (Wants(kWantDaemonUid)) cursor = behind_auid;
  if (code == 0 && Wants(kWantDaemonUid) && cursor.Skip(" uid=")) {
    code = TakeNumber(&cursor, &fields_.uid, 7, 8);
  }
  if (code == 0 && Wants(kWantSession) && cursor.Skip("ses=")) {
    code = TakeNumber(&cursor, &fields_.session, 9, 10);
  }
  if (code != 0) return code;
  if (Wants(kWantSubject) && cursor.Skip("subj=")) AddSubject(cursor.TakeUntilOrEnd(' '));
  if (Wants(kWantSuccess) && cursor.Skip("res=")) {
    text = cursor.Rest();
    size_t letters = 0;
    while (letters < text.size() && (text[letters] | 0x20) >= 'a' && (text[letters] | 0x20) <= 'z') letters++;
    if (letters == 0) return 12;
    fields_.success = StartsWith(text, "failed") ? Success::kNo : Success::kYes;
  }
  return 0;
}

// avc:  denied  { read write } for ...
int Extractor::ReadAvcDecision(FieldCursor* cursor, AccessContext* context) noexcept {
  context->is_avc = true;
  FieldCursor verdict = *cursor;
  const bool has_verdict = verdict.Skip("avc: ");
  std::string_view text;
  if (!cursor->Skip("{")) return 0;
  const char* const brace = cursor->Position() - 1;
  if (has_verdict && Wants(kWantSuccess) && verdict.Position() <= brace && fields_.success == Success::kUnset) {
    text = {verdict.Position(), static_cast<size_t>(brace - verdict.Position())};
    fields_.success = text.find("denied") == text.npos ? Success::kYes : Success::kNo;
    context->result = fields_.success;
  }
  if (!cursor->TakeUntil('}', &text)) return 2;
  if (StartsWith(text, " ")) text.remove_prefix(1);
  if (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  context->permissions = text;
  return 0;
}

int Extractor::ReadAvc(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  AccessContext context;
  std::string_view text;
  if (const int code = ReadAvcDecision(&cursor, &context); code != 0) return code;
  if (Wants(kWantPid) && cursor.Skip("pid=")) {
    if (const int code = TakeNumber(&cursor, &fields_.pid, 3, 4); code != 0) return code;
  }
  if (Wants(kWantComm) && !IsPresent(fields_.comm)) {
    if (!cursor.Skip("comm=")) return 5;
    if (!ReadText(&cursor, &fields_.comm)) return 6;
  }
  if (Wants(kWantFile)) {
    if (cursor.Skip(" path=") || cursor.Skip(" name=")) {
      if (!cursor.At('"') && !cursor.At('(') && (cursor.Rest().empty() || !IsHex(cursor.Rest()[0]))) return 4;
      if (!ReadText(&cursor, &text)) return 2;
      AddFile(text, Text());
    }
  }
  if (Wants(kWantSubject) && cursor.Skip("scontext=")) {
    if (!cursor.TakeUntil(' ', &context.subject)) return 7;
  }
  if (Wants(kWantObject) && cursor.Skip("tcontext=")) {
    if (!cursor.TakeUntil(' ', &context.object)) return 8;
  }
  if (!cursor.Skip("tclass=")) return 9;
  context.object_class = cursor.TakeUntilOrEnd(' ');
  fields_.contexts.push_back(context);
  return 0;
}

int Extractor::ReadUserAvc(const Record& record) noexcept {
  // The sender's numbers first, the decision second, the rest of the message last, each from the beginning: a daemon's
  // message may hold them in any order.
  FieldCursor decision = Body(record);
  AccessContext context;
  if (const int code = ReadAvcDecision(&decision, &context); code != 0) return code;
  if (Wants(kWantObject) && decision.Skip("tcontext=")) context.object = decision.TakeUntilOrEnd(' ');
  if (decision.Skip("tclass=")) {
    context.object_class = decision.TakeUntilOrEnd(' ');
    fields_.contexts.push_back(context);
  } else if (IsPresent(context.object)) {
    fields_.contexts.push_back(context);
  }
  const size_t own = fields_.contexts.size();
  const int code = ReadUser(record);
  // The daemon's own context is the subject of its decision.
  if (own > 0 && fields_.contexts.size() > own && IsPresent(fields_.contexts[own].subject)) {
    fields_.contexts[own - 1].subject = fields_.contexts[own].subject;
    fields_.contexts.erase(fields_.contexts.begin() + static_cast<std::ptrdiff_t>(own));
  }
  // What comes late in the message is often left out by daemons.
  constexpr int kLastNeeded = 20;
  return code > kLastNeeded ? 0 : code;
}

// SECCOMP, ANOM_PROMISCUOUS, ANOM_ABEND.
int Extractor::ReadAnomaly(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  std::string_view text;
  int code = 0;
  if (Wants(kWantAuid)) code = cursor.Skip("auid=") ? TakeNumber(&cursor, &fields_.auid, 2, 3) : 1;
  // The first text of this form is the end of "auid=", unless that has been passed.
  if (code == 0 && Wants(kWantUid) && cursor.Skip("uid=")) code = TakeNumber(&cursor, &fields_.uid, 4, 4);
  if (code == 0 && Wants(kWantGid) && cursor.Skip("gid=")) code = TakeNumber(&cursor, &fields_.gid, 5, 6);
  if (code == 0 && Wants(kWantSession) && cursor.Skip("ses=")) code = TakeLastNumber(&cursor, &fields_.session, 7);
  if (code != 0) return code;
  if (Wants(kWantSubject) && record.type != kAnomPromiscuous && cursor.Skip("subj=")) {
    if (!cursor.TakeUntil(' ', &text)) return 8;
    AddSubject(text);
  }
  if (Wants(kWantPid) && record.type != kAnomPromiscuous && cursor.Skip("pid=")) {
    code = TakeNumber(&cursor, &fields_.pid, 10, 11);
    if (code != 0) return code;
  }
  if (Wants(kWantComm) && record.type != kAnomPromiscuous && cursor.Skip("comm=")) {
    if (!ReadText(&cursor, &fields_.comm)) return 12;
  }
  if (Wants(kWantExe)) {
    if (cursor.Skip("exe=")) {
      if (!ReadText(&cursor, &fields_.exe)) return 13;
    } else if (record.type == kSeccomp) {
      return 14;
    }
  }
  if (record.type == kSeccomp) {
    // Without an arch the call's number is not looked for either.
    if (!cursor.Skip("arch=")) return 0;
    if (!cursor.TakeUntil(' ', &text)) return 15;
    std::optional<uint32_t> arch;
    if (!ToNumber(text, &arch, 16)) return 16;
    if (Wants(kWantArch)) fields_.arch = arch;
    std::optional<int32_t> syscall;
    code = cursor.Skip("syscall=") ? TakeNumber(&cursor, &syscall, 18, 19) : 17;
    if (code != 0) return code;
    fields_.syscall = *syscall;
    fields_.has_syscall = true;
    return 0;
  }
  ReadNumberSuccess(&cursor);
  return 0;
}

int Extractor::ReadTty(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  int code = 0;
  if (Wants(kWantPid) && cursor.Skip("pid=")) code = TakeNumber(&cursor, &fields_.pid, 1, 2);
  if (code == 0 && Wants(kWantUid) && cursor.Skip(" uid=")) {
    code = TakeNumber(&cursor, &fields_.uid, 3, 4);
    fields_.uid = 0;  // the reference reads it into the wrong place, and searches for 0 find it
  }
  if (code == 0 && Wants(kWantAuid)) code = cursor.Skip("auid=") ? TakeNumber(&cursor, &fields_.auid, 6, 7) : 5;
  if (code == 0 && Wants(kWantSession) && cursor.Skip("ses=")) code = TakeNumber(&cursor, &fields_.session, 7, 8);
  if (code != 0) return code;
  if (Wants(kWantComm) && cursor.Skip("comm=")) {
    if (!ReadText(&cursor, &fields_.comm)) return 11;
  }
  return 0;
}

int Extractor::ReadIntegrity(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  std::string_view text;
  int code = 0;
  std::optional<int32_t> pid;
  if (cursor.Skip("pid=")) code = TakeNumber(&cursor, &pid, 1, 2);
  if (Wants(kWantPid) && pid.has_value()) fields_.pid = pid;
  FieldCursor user = cursor;
  if (code == 0 && Wants(kWantUid) && user.Skip(" uid=")) {
    code = TakeNumber(&user, &fields_.uid, 3, 4);
    fields_.uid = 0;  // as in TTY records
  }
  if (code == 0 && Wants(kWantAuid) && cursor.Skip("auid=")) code = TakeNumber(&cursor, &fields_.auid, 5, 6);
  if (code == 0 && Wants(kWantSession) && cursor.Skip("ses=")) code = TakeNumber(&cursor, &fields_.session, 10, 11);
  if (code != 0) return code;
  if (Wants(kWantSubject) && cursor.Skip("subj=")) {
    if (!cursor.TakeUntil(' ', &text)) return 12;
    AddSubject(text);
  }
  if (Wants(kWantComm) && cursor.Skip("comm=")) {
    if (!ReadText(&cursor, &fields_.comm)) return 7;
  }
  if (Wants(kWantFile) && cursor.Skip(" name=")) {
    if (!cursor.At('"') && (cursor.Rest().empty() || !IsHex(cursor.Rest()[0]))) return 8;
    if (!ReadText(&cursor, &text)) return 9;
    AddFile(text, Text());
  }
  ReadNumberSuccess(&cursor);
  return 0;
}

// Changes of the SELinux policy and of labelled networking: MAC_POLICY_LOAD to MAC_UNLBL_STCDEL.
int Extractor::ReadPolicy(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  if (Wants(kWantAuid)) {
    if (!cursor.Skip("auid=")) return 1;
    if (TakeLastNumber(&cursor, &fields_.auid, 3) != 0) return 3;
  }
  if (Wants(kWantSession) && cursor.Skip("ses=")) {
    if (TakeLastNumber(&cursor, &fields_.session, 5) != 0) return 5;
  }
  if (Wants(kWantSubject) && cursor.Skip("subj=")) AddSubject(cursor.TakeUntilOrEnd(' '));
  if (const int code = ReadKey(&cursor); code != 0) return code == 45 ? 8 : 7;
  ReadNumberSuccess(&cursor);
  return 0;
}

int Extractor::ReadConfigChange(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  std::string_view text;
  if (Wants(kWantAuid) && cursor.Skip("auid=")) {
    if (TakeLastNumber(&cursor, &fields_.auid, 2) != 0) return 2;
  }
  if (Wants(kWantSession) && cursor.Skip("ses=")) {
    if (TakeLastNumber(&cursor, &fields_.session, 4) != 0) return 4;
  }
  if (Wants(kWantSubject) && cursor.Skip("subj=")) AddSubject(cursor.TakeUntilOrEnd(' '));
  if (Wants(kWantFile) && cursor.Skip(" path=")) {
    if (!ReadText(&cursor, &text)) return 5;
    AddFile(text, Text());
  }
  if (const int code = ReadKey(&cursor); code != 0) return code == 45 ? 8 : 6;
  if (Wants(kWantSuccess)) {
    fields_.success = Success::kYes;
    ReadNumberSuccess(&cursor);
  }
  return 0;
}

// NETFILTER_CFG and EVENT_LISTENER: what they leave out has a value all the same.
int Extractor::ReadListener(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  std::string_view text;
  int code = 0;
  if (Wants(kWantPid) && !fields_.pid.has_value()) {
    code = cursor.Skip(" pid=") ? TakeNumber(&cursor, &fields_.pid, 52, 53) : 54;
  }
  if (code == 0 && Wants(kWantUid)) {
    if (cursor.Skip("uid=")) {
      code = TakeNumber(&cursor, &fields_.uid, 55, 56);
    } else if (!fields_.uid.has_value()) {
      fields_.uid = 0;
    }
  }
  if (code == 0 && Wants(kWantAuid)) {
    if (cursor.Skip("auid=")) {
      code = TakeNumber(&cursor, &fields_.auid, 57, 58);
    } else if (!fields_.auid.has_value()) {
      fields_.auid = UINT32_MAX;
    }
  }
  if (code != 0) return code;
  if (Wants(kWantTerminal)) {
    if (cursor.Skip("tty=")) {
      if (!cursor.TakeUntil(' ', &fields_.terminal)) return 59;
    } else if (!IsPresent(fields_.terminal)) {
      fields_.terminal = "(none)";
    }
  }
  if (Wants(kWantSession)) {
    if (cursor.Skip("ses=")) {
      code = TakeNumber(&cursor, &fields_.session, 60, 61);
      if (code != 0) return code;
    } else if (!fields_.session.has_value()) {
      fields_.session = UINT32_MAX;
    }
  }
  if (Wants(kWantSubject) && fields_.contexts.empty()) {
    if (!cursor.Skip("subj=")) return 64;
    if (!cursor.TakeUntil(' ', &text)) return 62;
    AddSubject(text);
  }
  if (Wants(kWantComm) && !IsPresent(fields_.comm)) {
    if (!cursor.Skip("comm=")) return 66;
    if (!ReadText(&cursor, &fields_.comm)) return 65;
  }
  if (Wants(kWantExe)) {
    if (cursor.Skip("exe=")) {
      if (!ReadText(&cursor, &fields_.exe)) return 67;
    } else if (!IsPresent(fields_.exe)) {
      fields_.exe = "(null)";
    }
  }
  ReadNumberSuccess(&cursor);
  return 0;
}

int Extractor::ReadPath(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  std::string_view text;
  Text name;
  if (Wants(kWantFile) && cursor.Skip(" name=")) {
    if (cursor.At('"')) {
      cursor.Advance(1);
      if (!cursor.TakeUntil('"', &name)) return 2;
    } else if (StartsWith(cursor.Rest(), "(null)")) {
      name = "(null)";
    } else {
      if (cursor.Rest().empty() || !IsHex(cursor.Rest()[0])) return 4;
      if (!cursor.TakeUntil(' ', &text)) return 5;
      name = Decode(text);
    }
    FieldCursor rest = cursor;
    const Text kind = rest.Skip("nametype=") || rest.Skip("objtype=") ? rest.Rest() : Text();
    if (IsPresent(name)) AddFile(name, kind);
  }
  if (Wants(kWantObject) && cursor.Skip("obj=")) AddObject(cursor.TakeUntilOrEnd(' '));
  return 0;
}

// AVC_PATH
int Extractor::ReadWatchedPath(const Record& record) noexcept {
  if (!Wants(kWantFile)) return 0;
  FieldCursor cursor = Body(record);
  if (!cursor.Skip(" path=")) return 1;
  Text name;
  if (!cursor.At('"') && (cursor.Rest().empty() || !IsHex(cursor.Rest()[0]))) return 4;
  if (!ReadText(&cursor, &name)) return 2;
  AddFile(name, Text());
  return 0;
}

int Extractor::ReadCwd(const Record& record) noexcept {
  if (!Wants(kWantFile)) return 0;
  FieldCursor cursor = Body(record);
  if (!cursor.Skip(" cwd=")) return 0;
  return ReadText(&cursor, &fields_.cwd) ? 0 : 1;
}

int Extractor::ReadSockaddr(const Record& record) noexcept {
  if (!Wants(kWantFile | kWantHost)) return 0;
  FieldCursor cursor = Body(record);
  if (!cursor.Skip("saddr=")) return 0;
  const Text bytes = DecodeBytes(cursor.TakeUntilOrEnd(' '));
  malformation_.length = bytes.size();
  if (bytes.size() < 2) return !bytes.empty() && bytes[0] == AF_UNIX ? 4 : 3;
  uint16_t family;
  std::memcpy(&family, bytes.data(), sizeof(family));
  char text[INET6_ADDRSTRLEN];
  switch (family) {
    case AF_INET:
      if (bytes.size() < 16) return 1;
      if (!Wants(kWantHost)) return 0;
      inet_ntop(AF_INET, bytes.data() + 4, text, sizeof(text));
      fields_.host = arena_.Keep(text);
      return 0;
    case AF_INET6:
      if (bytes.size() < 28) return 2;
      if (!Wants(kWantHost)) return 0;
      inet_ntop(AF_INET6, bytes.data() + 8, text, sizeof(text));
      fields_.host = WithScope(text, bytes);
      return 0;
    case AF_UNIX: {
      // An unnamed socket has no path.
      if (!Wants(kWantFile) || bytes.size() < 4) return 0;
      // An abstract name begins behind its first zero byte.
      const size_t begin = bytes[2] == 0 ? 3 : 2;
      const Text path = bytes.substr(begin, 108);
      const Text name = path.substr(0, path.find('\0'));
      if (!name.empty()) AddFile(name, Text());
      return 0;
    }
    default:
      return 0;
  }
}

// The text of an IPv6 address and, as getnameinfo(3) has it, the scope it is valid in: by name where the scope is a
// link.
Text Extractor::WithScope(const char* address, Text bytes) noexcept {
  in6_addr raw;
  uint32_t scope;
  std::memcpy(&raw, bytes.data() + 8, sizeof(raw));
  std::memcpy(&scope, bytes.data() + 24, sizeof(scope));
  char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
  char name[IF_NAMESIZE];
  const bool is_link = IN6_IS_ADDR_LINKLOCAL(&raw) || IN6_IS_ADDR_MC_LINKLOCAL(&raw);
  if (scope == 0) {
    snprintf(text, sizeof(text), "%s", address);
  } else if (is_link && if_indextoname(scope, name) != nullptr) {
    snprintf(text, sizeof(text), "%s%%%s", address, name);
  } else {
    snprintf(text, sizeof(text), "%s%%%u", address, scope);
  }
  return arena_.Keep(text);
}

// IPC and OBJ_PID
int Extractor::ReadObject(const Record& record) noexcept {
  if (!Wants(kWantObject)) return 0;
  FieldCursor cursor = Body(record);
  if (cursor.Skip("obj=")) AddObject(cursor.TakeUntilOrEnd(' '));
  return 0;
}

int Extractor::ReadPacket(const Record& record) noexcept {
  FieldCursor cursor = Body(record);
  if (Wants(kWantHost) && cursor.Skip("saddr=")) {
    if (!cursor.TakeUntil(' ', &fields_.host)) return 1;
  }
  if (Wants(kWantObject) && cursor.Skip("obj=")) AddObject(cursor.TakeUntilOrEnd(' '));
  return 0;
}

// A value in quotes, or in hexadecimal digits. False when the closing quote is missing.
bool Extractor::ReadText(FieldCursor* cursor, Text* value) noexcept {
  if (cursor->At('"')) {
    cursor->Advance(1);
    return cursor->TakeUntil('"', value);
  }
  const std::string_view text = cursor->TakeUntilOrEnd(' ');
  *value = StartsWith(text, "(") ? text : Decode(text);
  if (value->empty()) *value = Text();  // no digits: nothing was said
  return true;
}

// res=1 and res=0; a word is read as 0.
void Extractor::ReadNumberSuccess(FieldCursor* cursor) noexcept {
  if (!Wants(kWantSuccess) || !cursor->Skip("res=")) return;
  const uint64_t result = ParseNumber(cursor->Rest(), 10).value;
  fields_.success = result == 0 ? Success::kNo : result == 1 ? Success::kYes : Success::kUnset;
}

void Extractor::AddFile(Text name, Text kind) noexcept {
  if (IsPresent(fields_.cwd) && (StartsWith(name, "..") || StartsWith(name, "./"))) {
    char* const joined = arena_.Take(fields_.cwd.size() + 1 + name.size());
    std::memcpy(joined, fields_.cwd.data(), fields_.cwd.size());
    joined[fields_.cwd.size()] = '/';
    std::memcpy(joined + fields_.cwd.size() + 1, name.data(), name.size());
    name = {joined, fields_.cwd.size() + 1 + name.size()};
  }
  fields_.files.push_back({name, kind});
}

void Extractor::AddSubject(Text subject) noexcept {
  AccessContext context;
  context.subject = subject;
  fields_.contexts.push_back(context);
}

void Extractor::AddObject(Text object) noexcept {
  AccessContext context;
  context.object = object;
  fields_.contexts.push_back(context);
}

// A decoded text ends at its first zero byte, as C strings do. One digit is no byte: nothing was said.
Text Extractor::Decode(std::string_view hex) noexcept {
  if (hex.size() < 2) return {};
  Text bytes = DecodeBytes(hex);
  if (hex.size() == 2 * bytes.size() + 1 && IsHex(hex.back())) {
    // A last digit alone counts as the upper half of a byte; there is room for it.
    const_cast<char*>(bytes.data())[bytes.size()] = static_cast<char>(DigitValue(hex.back()) << 4);
    bytes = {bytes.data(), bytes.size() + 1};
  }
  return bytes.substr(0, bytes.find('\0'));
}

// Two digits a byte, up to the first byte that is no digit; a last odd digit is left out, but a byte is free for it.
Text Extractor::DecodeBytes(std::string_view hex) noexcept {
  char* const bytes = arena_.Take(hex.size() / 2 + 1);
  size_t length = 0;
  while (2 * length + 1 < hex.size() && IsHex(hex[2 * length]) && IsHex(hex[2 * length + 1])) {
    bytes[length] = static_cast<char>(DigitValue(hex[2 * length]) << 4 | DigitValue(hex[2 * length + 1]));
    length++;
  }
  return {bytes, length};
}

}  // namespace audit
