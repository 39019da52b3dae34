// What a search or a report wants to know of an event, read from its records' text. Only what is wanted is looked at,
// and which records count as malformed depends on it: that is how the reference does it, and scripts see its results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "../scan/record.h"
#include "text_arena.h"

namespace audit {

// Fields that may be wanted; a set of them is their sum. System call numbers and record types are always there.
enum Want : uint32_t {
  kWantArch = 1u << 0,
  kWantSuccess = 1u << 1,
  kWantExit = 1u << 2,
  kWantPpid = 1u << 3,
  kWantPid = 1u << 4,
  kWantAuid = 1u << 5,
  kWantUid = 1u << 6,
  kWantEuid = 1u << 7,
  kWantGid = 1u << 8,
  kWantEgid = 1u << 9,
  kWantTerminal = 1u << 10,
  kWantSession = 1u << 11,
  kWantComm = 1u << 12,
  kWantExe = 1u << 13,
  kWantSubject = 1u << 14,
  kWantObject = 1u << 15,
  kWantKey = 1u << 16,
  kWantFile = 1u << 17,
  kWantHost = 1u << 18,
  kWantVm = 1u << 19,
  kWantUuid = 1u << 20,
  // The uid of daemon records; a search by a user's name alone does not ask for it.
  kWantDaemonUid = 1u << 21,
};

enum class Success : uint8_t { kUnset, kNo, kYes };

// Text of a record or decoded from it; data() is null where the event has none, which is not the same as empty.
using Text = std::string_view;
inline bool IsPresent(Text text) noexcept { return text.data() != nullptr; }

struct FileName {
  Text name;
  // What follows the last `nametype=` or `objtype=` of its record, to the record's end; absent without one.
  Text kind;
};

// One access decision of an AVC or USER_AVC record, or the two contexts of another record.
struct AccessContext {
  Text subject;
  Text object;
  Text permissions;  // between the braces, as logged
  Text object_class;
  // Denied is kNo. Only the first record of an event that says it, and before anything else has said how it went.
  Success result = Success::kUnset;
  bool is_avc = false;
};

struct EventFields {
  std::optional<uint32_t> arch;
  int32_t syscall = 0;  // 0 where there is none, too: searches for 0 find those
  bool has_syscall = false;
  Success success = Success::kUnset;
  std::optional<int64_t> exit;
  std::optional<int32_t> ppid;
  std::optional<int32_t> pid;
  std::optional<uint32_t> auid;
  std::optional<uint32_t> uid;
  std::optional<uint32_t> euid;
  std::optional<uint32_t> gid;
  std::optional<uint32_t> egid;
  std::optional<uint32_t> session;
  Text terminal;
  Text comm;
  Text exe;
  Text host;
  Text account;  // decoded
  Text cwd;
  Text vm;
  Text uuid;
  std::vector<Text> keys;
  std::vector<FileName> files;
  std::vector<AccessContext> contexts;
};

// The record that made an event malformed. Codes are those that the reference prints with --debug.
struct Malformation {
  size_t record = 0;
  int code = 0;
  size_t length = 0;  // of a socket address that is too short, in bytes
};

// Used by one thread, for one event after the other.
class Extractor {
 public:
  explicit Extractor(uint32_t wanted) noexcept : wanted_(wanted) {}

  // False when a record lacks what is wanted of it; fields() then holds what came before. Views are valid until the
  // next call, as long as the event is.
  bool Extract(const Event& event) noexcept;

  const EventFields& fields() const noexcept { return fields_; }
  const Malformation& malformation() const noexcept { return malformation_; }

  // What the reference says at once, --debug or not, of a socket address that is cut short; empty: nothing. A line.
  static std::string_view AddressComplaint(const Record& record, const Malformation& malformation) noexcept;

  // Whether records of this type are never looked at, which --debug reports.
  static bool IsUnparsed(int32_t type) noexcept;

 private:
  // Each reads one kind of record: 0, or the code of what is wrong with it.
  int ReadRecord(const Record& record) noexcept;
  int ReadSyscall(const Record& record) noexcept;
  int ReadTask(class FieldCursor* cursor) noexcept;
  int ReadUser(const Record& record) noexcept;
  int ReadUserUids(class FieldCursor* cursor) noexcept;
  int ReadMachine(const Record& record, FieldCursor* cursor) noexcept;
  int ReadUserMessage(const Record& record, FieldCursor* cursor) noexcept;
  int ReadUserHost(FieldCursor* message) noexcept;
  int ReadUserSuccess(FieldCursor* cursor) noexcept;
  int ReadLogin(const Record& record) noexcept;
  int ReadDaemon(const Record& record) noexcept;
  int ReadAvc(const Record& record) noexcept;
  int ReadAvcDecision(FieldCursor* cursor, AccessContext* context) noexcept;
  int ReadUserAvc(const Record& record) noexcept;
  int ReadAnomaly(const Record& record) noexcept;
  int ReadTty(const Record& record) noexcept;
  int ReadIntegrity(const Record& record) noexcept;
  int ReadPolicy(const Record& record) noexcept;
  int ReadConfigChange(const Record& record) noexcept;
  int ReadListener(const Record& record) noexcept;
  int ReadPath(const Record& record) noexcept;
  int ReadWatchedPath(const Record& record) noexcept;
  int ReadCwd(const Record& record) noexcept;
  int ReadSockaddr(const Record& record) noexcept;
  int ReadObject(const Record& record) noexcept;
  int ReadPacket(const Record& record) noexcept;

  int ReadKey(FieldCursor* cursor) noexcept;
  bool ReadText(FieldCursor* cursor, Text* value) noexcept;
  void ReadNumberSuccess(FieldCursor* cursor) noexcept;
  void AddKey(Text key) noexcept { fields_.keys.push_back(key); }
  void AddFile(Text name, Text kind) noexcept;
  void AddSubject(Text subject) noexcept;
  void AddObject(Text object) noexcept;
  Text WithScope(const char* address, Text bytes) noexcept;
  Text Decode(std::string_view hex) noexcept;
  Text DecodeBytes(std::string_view hex) noexcept;

  bool Wants(uint32_t fields) const noexcept { return (wanted_ & fields) != 0; }

  const uint32_t wanted_;
  EventFields fields_;
  Malformation malformation_;
  TextArena arena_;
};

}  // namespace audit
