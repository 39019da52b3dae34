#include "compound_event.h"

#include <sys/stat.h>

#include "event_search.h"
#include "record_type.h"
#include "simple_event.h"
#include "subject_kind.h"
#include "syscall_class.h"
#include "type_meaning.h"

namespace audit {

namespace {

namespace type = record_type;

// The type bits of a file's mode, as stat(2) has them. Others leave the kind as it was.
void SetKindOfMode(uint32_t mode, ObjectKind* kind) noexcept {
  switch (mode & S_IFMT) {
    case S_IFSOCK:
      *kind = ObjectKind::kSocket;
      break;
    case S_IFLNK:
      *kind = ObjectKind::kSymlink;
      break;
    case S_IFREG:
      *kind = ObjectKind::kFile;
      break;
    case S_IFBLK:
      *kind = ObjectKind::kBlockDevice;
      break;
    case S_IFDIR:
      *kind = ObjectKind::kDirectory;
      break;
    case S_IFCHR:
      *kind = ObjectKind::kCharacterDevice;
      break;
    case S_IFIFO:
      *kind = ObjectKind::kFifo;
      break;
    default:
      break;
  }
}

// The leading octal digits; 0 without any.
uint32_t OctalNumber(std::string_view text) noexcept {
  uint32_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') break;
    number = number * 8 + static_cast<uint32_t>(c - '0');
  }
  return number;
}

// How many user or group numbers the call is given; 0 for calls whose arguments are not looked at.
int IdentityArguments(std::string_view syscall) noexcept {
  if (syscall == "setuid" || syscall == "setgid") return 1;
  if (syscall == "setreuid" || syscall == "setregid") return 2;
  return syscall == "setresuid" || syscall == "setresgid" ? 3 : 0;
}

class CompoundEvent {
 public:
  CompoundEvent(EventCursor& cursor, UserNumbers& users, WantedAttributes attributes, NotedPlaces places,
                Normalized* result)
      : search_(cursor),
        users_(users),
        wants_attributes_(attributes == WantedAttributes::kAll),
        places_(places),
        result_(*result) {}

  bool Normalize();

 private:
  EventCursor& cursor() noexcept { return search_.cursor(); }
  NormalizedObject& object() noexcept { return result_.object; }

  bool FindSyscallRecord();
  bool Find(std::string_view name, FieldPlace* place);
  void SubjectAndResults();
  void CollectSubject(std::string_view name);

  void Link();
  void Configuration();
  void Call();
  SyscallClass ClassOfEvent(std::string_view* forced_action);
  void ActionAndObject(SyscallClass syscall_class);

  void Act(std::string_view action, ObjectKind kind) {
    result_.action = action;
    object().kind = kind;
  }
  FieldPlace Noted(size_t start);
  void FileObject(size_t record);
  void FileAttributes();
  void AttributesFrom(size_t record, std::string_view first);
  void NameFromRecord(size_t record);
  void SocketObject(std::string_view action);
  void ArgumentObject(std::string_view name, bool next_when_unset);
  void Program(std::string_view action);
  void Identity();
  void Mount();
  void Kill();
  void MakeNode();
  void Promiscuous();
  void TriggeredRule();
  bool Succeeded();

  EventSearch search_;
  UserNumbers& users_;
  bool wants_attributes_;
  NotedPlaces places_;
  Normalized& result_;
  size_t syscall_record_ = 0;
  std::string_view syscall_;  // its name; empty: none
};

bool CompoundEvent::Normalize() {
  if (!FindSyscallRecord()) return false;
  result_.event_kind = EventKindOf(cursor().FieldsOf(0).type());
  SubjectAndResults();
  switch (cursor().FieldsOf(0).type()) {
    case type::ANOM_LINK:
      Link();
      break;
    case type::CONFIG_CHANGE:
      Configuration();
      break;
    case type::MAC_POLICY_LOAD:
      Call();
      search_.FindFromStart("lsm", &object().primary);
      break;
    default:
      Call();
      break;
  }
  return true;
}

bool CompoundEvent::FindSyscallRecord() {
  cursor().FirstRecord();
  do {
    if (cursor().type() == type::SYSCALL) {
      syscall_record_ = cursor().record_number();
      return true;
    }
  } while (cursor().NextRecord());
  return false;
}

// Forward from here; when it is not there, back to the start of the SYSCALL record for whatever comes next.
bool CompoundEvent::Find(std::string_view name, FieldPlace* place) {
  if (search_.Find(name, place)) return true;
  cursor().GotoRecord(syscall_record_);
  return false;
}

void CompoundEvent::CollectSubject(std::string_view name) {
  FieldPlace place;
  if (Find(name, &place)) result_.subject.attributes.push_back(place);
}

void CompoundEvent::SubjectAndResults() {
  cursor().GotoRecord(syscall_record_);
  if (search_.Stands("syscall")) syscall_ = cursor().Interpret();
  Find("success", &result_.results);
  Find("auid", &result_.subject.primary);
  if (Find("uid", &result_.subject.secondary)) result_.subject.kind = SubjectKindOf(cursor(), users_);
  if (wants_attributes_) {
    cursor().GotoRecord(syscall_record_);
    for (const std::string_view name :
         {"ppid", "pid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid", "tty"}) {
      CollectSubject(name);
    }
  }
  Find("ses", &result_.session);
  if (wants_attributes_) CollectSubject("subj");
  cursor().GotoRecord(syscall_record_);
  result_.how = ActingProgram(cursor());
  if (result_.how.data() == nullptr) cursor().GotoRecord(syscall_record_);
  if (search_.Find("key", &result_.key) && cursor().field_value() == "(null)") result_.key.Clear();
}

void CompoundEvent::Link() {
  result_.action = ActionOf(type::ANOM_LINK);
  FileObject(3);
  if (object().primary.IsSet()) return;
  for (search_.Rewind(); cursor().HasRecord(); cursor().NextRecord()) {
    if (cursor().type() != type::PATH) continue;
    if (search_.Find("name", &object().primary)) object().kind = ObjectKind::kSymlink;
    return;
  }
  if (!search_.FindFromStart("path", &object().primary)) search_.FindFromStart("cwd", &object().primary);
}

void CompoundEvent::Configuration() {
  result_.action = search_.TextFromStart("op");
  if (result_.action.data() == nullptr) return;  // as the reference has it: then nothing is known
  object().kind = ObjectKind::kAuditConfig;
  FindConfigurationObject(cursor(), &object());
}

void CompoundEvent::Call() {
  std::string_view forced_action;
  ActionAndObject(ClassOfEvent(&forced_action));
  if (!forced_action.empty()) result_.action = forced_action;
}

// What the event is about: the first record that says more than the call does, otherwise the call.
SyscallClass CompoundEvent::ClassOfEvent(std::string_view* forced_action) {
  search_.Rewind();
  do {
    switch (cursor().type()) {
      case type::AVC:
      case type::FANOTIFY:
        *forced_action = ActionOf(cursor().type());
        return ClassOfSyscall(syscall_);
      case type::SELINUX_ERR:
        return SyscallClass::kMacError;
      case type::NETFILTER_CFG:
        return SyscallClass::kFirewall;
      case type::ANOM_PROMISCUOUS:
        return SyscallClass::kPromiscuous;
      case type::KERN_MODULE:
        return SyscallClass::kLoadModule;
      case type::MAC_POLICY_LOAD:
        return SyscallClass::kMacLoad;
      case type::MAC_STATUS:
        return SyscallClass::kMacEnforce;
      case type::MAC_CONFIG_CHANGE:
        return SyscallClass::kMacConfig;
      case type::TIME_INJOFFSET:
      case type::TIME_ADJNTPVAL:
        return SyscallClass::kSetTime;
      case type::BPF:
        return SyscallClass::kBpf;
      case type::EVENT_LISTENER:
        return SyscallClass::kListener;
      default:
        break;
    }
  } while (cursor().NextRecord());
  return ClassOfSyscall(syscall_);
}

void CompoundEvent::ActionAndObject(SyscallClass syscall_class) {
  switch (syscall_class) {
    case SyscallClass::kOpen:
      FileObject(2);
      return Act("opened-file", ObjectKind::kFile);
    case SyscallClass::kChangeAttributes:
      Act("changed-file-attributes-of", ObjectKind::kFile);
      return FileObject(syscall_ == "fsetxattr" ? 1 : 2);
    case SyscallClass::kChangePermissions:
      Act("changed-file-permissions-of", ObjectKind::kFile);
      FileObject(syscall_ == "fchmod" ? 1 : 2);
      return ArgumentObject(syscall_ == "fchmodat" ? "a2" : "a1", false);
    case SyscallClass::kChangeOwner:
      Act("changed-file-ownership-of", ObjectKind::kFile);
      if (syscall_ != "fchown") FileObject(2);
      return ArgumentObject(syscall_ == "fchownat" ? "a2" : "a1", true);
    case SyscallClass::kLoadModule:
      Act("loaded-kernel-module", ObjectKind::kFile);
      if (cursor().GotoRecord(1) && search_.Stands("name")) object().primary = Noted(1);
      return;
    case SyscallClass::kUnloadModule:
      return Act("unloaded-kernel-module", ObjectKind::kFile);
    case SyscallClass::kMakeDirectory:
      Act("created-directory", ObjectKind::kFile);
      return FileObject(3);
    case SyscallClass::kMount:
      return Mount();
    case SyscallClass::kRename:
      Act("renamed", ObjectKind::kFile);
      FileObject(4);
      return NameFromRecord(5);
    case SyscallClass::kCheckMetadata:
      Act("checked-metadata-of", ObjectKind::kFile);
      return FileObject(2);
    case SyscallClass::kCheckFileSystem:
      Act("checked-filesystem-metadata-of", ObjectKind::kFileSystem);
      return FileObject(2);
    case SyscallClass::kSymlink:
      Act("symlinked", ObjectKind::kFile);
      NameFromRecord(2);
      return FileObject(4);
    case SyscallClass::kUnmount:
      Act("unmounted", ObjectKind::kFileSystem);
      return FileObject(2);
    case SyscallClass::kDelete:
      Act("deleted", ObjectKind::kFile);
      return FileObject(2);
    case SyscallClass::kChangeTimestamp:
      Act("changed-timestamp-of", ObjectKind::kFile);
      return FileObject(2);
    case SyscallClass::kExecute:
      Act("executed", ObjectKind::kFile);
      return FileObject(3);
    case SyscallClass::kAccept:
      return SocketObject("accepted-connection-from");
    case SyscallClass::kBind:
      return SocketObject("bound-socket");
    case SyscallClass::kConnect:
      return SocketObject("connected-to");
    case SyscallClass::kReceive:
      return SocketObject("received-from");
    case SyscallClass::kSend:
      return SocketObject("sent-to");
    case SyscallClass::kKill:
      return Kill();
    case SyscallClass::kMacLoad:
      return Act(ActionOf(type::MAC_POLICY_LOAD), ObjectKind::kSecurityPolicy);
    case SyscallClass::kMacEnforce:
      Act(ActionOf(type::MAC_STATUS), ObjectKind::kSecurityPolicy);
      search_.FindFromStart("enforcing", &object().primary);
      return;
    case SyscallClass::kMacConfig:
      Act(ActionOf(type::MAC_CONFIG_CHANGE), ObjectKind::kSecurityPolicy);
      search_.FindFromStart("bool", &object().primary);
      return;
    case SyscallClass::kMacError:
      return Act("caused-mac-policy-error", ObjectKind::kSystem);
    case SyscallClass::kFirewall:
      Act("loaded-firewall-rule-to", ObjectKind::kFirewall);
      search_.FindFromStart("table", &object().primary);
      return;
    case SyscallClass::kPromiscuous:
      return Promiscuous();
    case SyscallClass::kSetUser:
    case SyscallClass::kSetGroup:
      return Identity();
    case SyscallClass::kSetTime:
      return Act("changed-system-time", ObjectKind::kSystem);
    case SyscallClass::kMakeNode:
      return MakeNode();
    case SyscallClass::kSetSystemName:
      return Act("changed-system-name", ObjectKind::kSystem);
    case SyscallClass::kMemory:
      Act(Succeeded() ? "allocated-memory-in" : "allocated-memory", ObjectKind::kMemory);
      if (Succeeded()) search_.FindFromStart("comm", &object().primary);
      return;
    case SyscallClass::kSchedule:
      result_.how = syscall_;
      return Program("adjusted-scheduling-policy-of");
    case SyscallClass::kBpf:
      Act(BpfAction(cursor()), ObjectKind::kProcess);
      search_.FindFromStart("prog-id", &object().primary);
      return;
    case SyscallClass::kListener:
      Act(ListenerAction(cursor()), ObjectKind::kSocket);
      search_.FindFromStart("nl-mcgrp", &object().primary);
      return;
    case SyscallClass::kSecurityPolicy:
      result_.how = syscall_;
      return Program("adjusted-security-policy-of");
    case SyscallClass::kSecurityAttributes:
      return Program("retrieved-security-attr-of");
    case SyscallClass::kSecurityModules:
      return Act("listed-security-modules", ObjectKind::kSecurityModules);
    case SyscallClass::kNone:
      return TriggeredRule();
  }
}

// The first PATH record at or after `record` that is not a directory the file stands in; with none, the first that is.
// When there is no record of that number, the search begins where the cursor is.
void CompoundEvent::FileObject(size_t record) {
  cursor().GotoRecord(record);
  cursor().FirstField();
  size_t chosen = FieldPlace::kUnset;
  FieldPlace nametype;
  while (search_.Find("nametype", &nametype)) {
    if (cursor().field_value() != "PARENT") {
      chosen = nametype.record;
      break;
    }
    if (chosen == FieldPlace::kUnset) chosen = nametype.record;
    if (cursor().NextRecord()) continue;
    // A parent that is the event's last record is not taken, nor is any before it.
    chosen = FieldPlace::kUnset;
    break;
  }
  if (chosen != FieldPlace::kUnset) {
    cursor().GotoRecord(chosen);
    if (cursor().type() == type::PATH) {
      search_.Find("name", &object().primary);
      search_.Find("inode", &object().secondary);
      if (search_.Stands("mode")) SetKindOfMode(OctalNumber(cursor().field_value()), &object().kind);
    }
  }
  if (wants_attributes_) FileAttributes();
}

void CompoundEvent::FileAttributes() {
  size_t path = FieldPlace::kUnset;
  bool is_parent = false;
  search_.Rewind();
  do {
    switch (cursor().type()) {
      case type::CWD:
        AttributesFrom(cursor().record_number(), "cwd");
        break;
      case type::SOCKADDR:
        AttributesFrom(cursor().record_number(), "saddr");
        break;
      case type::PATH: {
        if (path != FieldPlace::kUnset && !is_parent) break;
        const RecordField* nametype = cursor().fields().Find("nametype");
        if (nametype == nullptr) break;
        const bool stands_in = nametype->value == "PARENT";
        if (path == FieldPlace::kUnset || !stands_in) {
          path = cursor().record_number();
          is_parent = stands_in;
        }
        break;
      }
      default:
        break;
    }
  } while (cursor().NextRecord());
  if (path != FieldPlace::kUnset) AttributesFrom(path, "mode");
}

// The record's field of that name; for `mode`, all that follow it as well.
void CompoundEvent::AttributesFrom(size_t record, std::string_view first) {
  const RecordFields& fields = cursor().FieldsOf(record);
  for (size_t i = 0; i < fields.count(); i++) {
    if (fields[i].name != first) continue;
    const size_t end = first == "mode" ? fields.count() : i + 1;
    for (; i < end; i++) {
      object().attributes.push_back({static_cast<uint32_t>(record), static_cast<uint32_t>(i)});
    }
    return;
  }
}

// The reference notes what it found under the number of the record where the search began, wherever it ended.
FieldPlace CompoundEvent::Noted(size_t start) {
  FieldPlace place = search_.Here();
  if (places_ == NotedPlaces::kReference) place.record = static_cast<uint32_t>(start);
  return place;
}

void CompoundEvent::NameFromRecord(size_t record) {
  if (!cursor().GotoRecord(record) || !search_.Stands("name")) return;
  object().primary2 = Noted(record);
}

void CompoundEvent::SocketObject(std::string_view action) {
  Act(action, ObjectKind::kSocket);
  if (!cursor().GotoRecord(1) || !search_.Stands("saddr")) return;
  object().primary = Noted(1);
}

void CompoundEvent::ArgumentObject(std::string_view name, bool next_when_unset) {
  search_.Rewind();
  if (!search_.Stands(name)) return;
  int32_t value = 0;
  if (next_when_unset && cursor().field_integer(&value) && value == -1) cursor().NextField();
  object().primary2 = Noted(0);
}

void CompoundEvent::Program(std::string_view action) {
  Act(action, ObjectKind::kProcess);
  switch (cursor().FieldsOf(0).type()) {
    case type::BPF:
      search_.FindFromStart("prog-id", &object().primary);
      return;
    case type::EVENT_LISTENER:
      search_.FindFromStart("nl-mcgrp", &object().primary);
      return;
    case type::MAC_POLICY_LOAD:
      search_.FindFromStart("lsm", &object().primary);
      return;
    default:
      break;
  }
  search_.Rewind();
  if (ActingProgram(cursor()).data() != nullptr && cursor().HasField()) object().primary = search_.Here();
}

void CompoundEvent::Identity() {
  result_.how = syscall_;
  Program("changed-identity-of");
  constexpr std::string_view kArguments[] = {"a0", "a1", "a2"};
  for (int i = 0; i < IdentityArguments(syscall_); i++) {
    search_.Rewind();
    if (!search_.Stands(kArguments[i]) || cursor().Interpret() == "unset") continue;
    object().primary2 = Noted(0);
    return;
  }
}

void CompoundEvent::Mount() {
  Act("mounted", ObjectKind::kFileSystem);
  if (!Succeeded()) return FileObject(2);
  FileObject(3);
  NameFromRecord(2);
}

void CompoundEvent::Kill() {
  size_t count = 0;
  search_.Rewind();
  do {
    if (cursor().type() != type::OBJ_PID) continue;
    count++;
    AttributesFrom(cursor().record_number(), "opid");
  } while (cursor().NextRecord());
  if (count > 1) {
    Act("killed-list-of-pids", ObjectKind::kProcessGroup);
  } else {
    Act("killed-pid", ObjectKind::kProcess);
  }
}

void CompoundEvent::MakeNode() {
  FileObject(2);
  switch (object().kind) {
    case ObjectKind::kCharacterDevice:
      result_.action = "made-character-device";
      break;
    case ObjectKind::kBlockDevice:
      result_.action = "made-block-device";
      break;
    default:
      result_.action = "make-device";
      break;
  }
}

void CompoundEvent::Promiscuous() {
  const std::string_view mode = search_.TextFromStart("prom");
  Act(mode == "no" ? "left-promiscuous-mode-on-device" : "entered-promiscuous-mode-on-device", ObjectKind::kSocket);
  search_.FindFromStart("dev", &object().primary);
}

void CompoundEvent::TriggeredRule() {
  object().kind = ObjectKind::kAdminDefinedRule;
  if (result_.key.IsSet()) {
    result_.action = "triggered-audit-rule";
    object().primary = result_.key;
  } else {
    result_.action = "triggered-unknown-audit-rule";
  }
}

bool CompoundEvent::Succeeded() {
  if (!result_.results.IsSet()) return true;
  const RecordFields& fields = cursor().FieldsOf(result_.results.record);
  return fields[result_.results.field].value != "no";
}

}  // namespace

bool NormalizeCompound(EventCursor& cursor, UserNumbers& users, WantedAttributes attributes, NotedPlaces places,
                       Normalized* result) {
  return CompoundEvent(cursor, users, attributes, places, result).Normalize();
}

}  // namespace audit
