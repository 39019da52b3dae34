#include "simple_event.h"

#include "event_search.h"
#include "record_type.h"
#include "subject_kind.h"
#include "type_meaning.h"

namespace audit {

namespace {

namespace type = record_type;

class SimpleEvent {
 public:
  SimpleEvent(EventCursor& cursor, UserNumbers& users, WantedAttributes attributes, Normalized* result)
      : search_(cursor), users_(users), wants_attributes_(attributes == WantedAttributes::kAll), result_(*result) {}

  void Normalize(int32_t record_type);

 private:
  EventCursor& cursor() noexcept { return search_.cursor(); }

  void ConfigChange();
  void FeatureChange();
  void Seccomp();
  void Abend();
  void Promiscuous();
  void Login();
  void NetfilterConfig();
  void Avc();
  void Daemon(int32_t record_type);
  void Bpf();
  void EventListener();
  void NetworkLabel(int32_t record_type);
  void UserLogin(int32_t record_type);
  void UserAvc(int32_t record_type);
  void Other(int32_t record_type);

  void LoginUserAndSession();
  void Secondary();
  void UserLoginUserAndSession();
  void Attributes(int32_t record_type);
  void Results() { search_.Find("res", &result_.results); }
  void HowFromProgram();
  void HowFromStart(std::string_view field) { result_.how = search_.TextFromStart(field); }

  void Object(int32_t record_type);
  bool ObjectIs(ObjectKind kind, std::string_view field);
  void Account();
  void SecondObject(std::string_view field) { search_.FindFromStart(field, &result_.object.primary2); }

  EventSearch search_;
  UserNumbers& users_;
  bool wants_attributes_;
  Normalized& result_;
};

bool IsUserMessage(int32_t record_type) noexcept {
  return (record_type >= 1100 && record_type <= 1198) || (record_type >= 2100 && record_type <= 2998);
}

void SimpleEvent::Normalize(int32_t record_type) {
  result_.action = ActionOf(record_type);
  switch (record_type) {
    case type::CONFIG_CHANGE:
      return ConfigChange();
    case type::FEATURE_CHANGE:
      return FeatureChange();
    case type::SECCOMP:
      return Seccomp();
    case type::ANOM_ABEND:
      return Abend();
    case type::ANOM_PROMISCUOUS:
      return Promiscuous();
    case type::LOGIN:
      return Login();
    case type::NETFILTER_CFG:
      return NetfilterConfig();
    case type::AVC:
      return Avc();
    case type::BPF:
      return Bpf();
    case type::EVENT_LISTENER:
      return EventListener();
    case type::USER_LOGIN:
      return UserLogin(record_type);
    case type::USER_AVC:
      return UserAvc(record_type);
    default:
      if (record_type >= 1200 && record_type <= 1298) return Daemon(record_type);
      if (record_type >= type::MAC_UNLBL_ALLOW && record_type <= 1499) return NetworkLabel(record_type);
      return Other(record_type);
  }
}

// As the kernel orders them: auid, then ses. Without auid, ses is not found either.
void SimpleEvent::LoginUserAndSession() {
  search_.FindFromStart("auid", &result_.subject.primary);
  search_.FindOrRewind("ses", &result_.session);
}

void SimpleEvent::Secondary() {
  search_.Rewind();
  if (search_.FindOrRewind("uid", &result_.subject.secondary)) result_.subject.kind = SubjectKindOf(cursor(), users_);
}

// As libaudit orders them: uid, then auid, then ses. An auid before the uid is not found.
void SimpleEvent::UserLoginUserAndSession() {
  Secondary();
  search_.Find("auid", &result_.subject.primary);
  search_.FindOrRewind("ses", &result_.session);
}

void SimpleEvent::Attributes(int32_t record_type) {
  if (!wants_attributes_) return;
  auto* attributes = &result_.subject.attributes;
  search_.Rewind();
  search_.Collect("pid", attributes);
  search_.Collect("subj", attributes);
  if (!IsUserMessage(record_type)) return;
  search_.Collect("hostname", attributes);
  search_.Collect("addr", attributes);
  // For these the terminal is the object.
  if (record_type == type::USER_START || record_type == type::USER_END || record_type == type::USER_ERR) return;
  search_.Collect("terminal", attributes);
}

void SimpleEvent::HowFromProgram() {
  search_.Rewind();
  result_.how = ActingProgram(cursor());
}

void SimpleEvent::ConfigChange() {
  LoginUserAndSession();
  if (wants_attributes_) {
    search_.Rewind();
    search_.Collect("subj", &result_.subject.attributes);
  }
  result_.object.kind = ObjectKind::kAuditConfig;
  std::string_view operation = search_.TextFromStart("op");
  if (!operation.empty() && operation.front() == '"') operation.remove_prefix(1);
  const auto starts = [operation](std::string_view word) { return operation.substr(0, word.size()) == word; };
  if (starts("add_rule")) {
    result_.action = "added-audit-rule";
  } else if (starts("remove_rule")) {
    result_.action = "deleted-audit-rule";
  }
  FindConfigurationObject(cursor(), &result_.object);
  Results();
}

void SimpleEvent::FeatureChange() {
  LoginUserAndSession();
  Attributes(type::FEATURE_CHANGE);
  Secondary();
  if (search_.Stands("exe")) result_.how = cursor().Interpret();
  result_.object.kind = ObjectKind::kSystem;
  search_.Find("feature", &result_.object.primary);
  Results();
}

void SimpleEvent::Seccomp() {
  LoginUserAndSession();
  Attributes(type::SECCOMP);
  Secondary();
  if (search_.Stands("exe")) result_.how = cursor().Interpret();
  result_.object.kind = ObjectKind::kProcess;
  search_.Find("syscall", &result_.object.primary);
  search_.FindFromStart("code", &result_.results);
}

void SimpleEvent::Abend() {
  LoginUserAndSession();
  Attributes(type::ANOM_ABEND);
  Secondary();
  result_.object.kind = ObjectKind::kProcess;
  search_.FindOrRewind("exe", &result_.object.primary);
  if (search_.Stands("sig")) result_.how = cursor().Interpret();
  Results();
}

void SimpleEvent::Promiscuous() {
  LoginUserAndSession();
  Attributes(type::ANOM_PROMISCUOUS);
  Secondary();
  result_.object.kind = ObjectKind::kSocket;
  search_.FindFromStart("dev", &result_.object.primary);
  search_.FindFromStart("res", &result_.results);
}

void SimpleEvent::Login() {
  Secondary();
  Attributes(type::LOGIN);
  search_.FindOrRewind("old-auid", &result_.subject.primary);
  result_.object.kind = ObjectKind::kUserSession;
  search_.FindOrRewind("auid", &result_.object.primary);
  search_.FindOrRewind("ses", &result_.session);
  Results();
}

void SimpleEvent::NetfilterConfig() {
  result_.action = "loaded-firewall-rule-to";
  result_.subject.kind = "system";
  search_.Rewind();
  Attributes(type::NETFILTER_CFG);
  if (search_.Stands("comm")) result_.how = cursor().Interpret();
  result_.object.kind = ObjectKind::kFirewall;
  search_.FindFromStart("table", &result_.object.primary);
}

void SimpleEvent::Avc() {
  result_.subject.kind = "unknown-acct";
  search_.FindFromStart("scontext", &result_.subject.primary);
  HowFromStart("comm");
  search_.FindFromStart("seresult", &result_.results);
  if (wants_attributes_) search_.FindFromStart("tcontext", &result_.object.primary);
}

void SimpleEvent::Daemon(int32_t record_type) {
  LoginUserAndSession();
  Secondary();
  result_.subject.kind = "auditd";
  search_.Rewind();
  Attributes(record_type);
  result_.object.kind = ObjectKind::kService;
  Results();
  if (record_type == type::DAEMON_START) {
    result_.how = "init";
  } else if (record_type < type::DAEMON_ACCEPT && record_type != type::DAEMON_ABORT) {
    result_.how = "signal";
  }
}

void SimpleEvent::Bpf() {
  result_.subject.kind = "system";
  result_.action = BpfAction(cursor());
  result_.object.kind = ObjectKind::kProcess;
  search_.FindFromStart("prog-id", &result_.object.primary);
}

void SimpleEvent::EventListener() {
  search_.FindFromStart("auid", &result_.subject.primary);
  Secondary();
  search_.FindFromStart("ses", &result_.session);
  Attributes(type::EVENT_LISTENER);
  result_.action = ListenerAction(cursor());
  result_.object.kind = ObjectKind::kSocket;
  search_.FindFromStart("nl-mcgrp", &result_.object.primary);
  HowFromStart("exe");
  search_.FindFromStart("res", &result_.results);
}

void SimpleEvent::NetworkLabel(int32_t record_type) {
  search_.Rewind();
  search_.Find("auid", &result_.subject.primary);
  result_.subject.kind = SubjectKindOf(cursor(), users_);
  search_.FindOrRewind("ses", &result_.session);
  if (wants_attributes_) search_.Collect("subj", &result_.subject.attributes);
  result_.object.kind = ObjectKind::kSecurityPolicy;
  FieldPlace accept;
  if (record_type == type::MAC_UNLBL_ALLOW) {
    if (search_.FindOrRewind("unlbl_accept", &accept)) {
      result_.action = cursor().field_value() == "1" ? "is-allowing-unlabeled-network-traffic"
                                                     : "is-disallowing-unlabeled-network-traffic";
    }
  } else if (record_type == type::MAC_MAP_ADD || record_type == type::MAC_MAP_DEL) {
    search_.FindOrRewind("nlbl_domain", &result_.object.primary);
  }
  Results();
}

void SimpleEvent::UserLogin(int32_t record_type) {
  if (search_.FindFromStart("id", &result_.subject.primary) ||
      search_.FindFromStart("acct", &result_.subject.primary)) {
    result_.subject.kind = SubjectKindOf(cursor(), users_);
  }
  search_.Rewind();
  search_.FindOrRewind("ses", &result_.session);
  Attributes(record_type);
  Results();
  Object(record_type);
  HowFromProgram();
}

void SimpleEvent::UserAvc(int32_t record_type) {
  UserLoginUserAndSession();
  FieldPlace context;
  if (search_.FindFromStart("scontext", &context)) result_.subject.primary = context;
  Attributes(record_type);
  search_.FindFromStart("seresult", &result_.results);
  if (wants_attributes_) search_.FindFromStart("tcontext", &result_.object.primary);
  HowFromProgram();
}

void SimpleEvent::Other(int32_t record_type) {
  UserLoginUserAndSession();
  Attributes(record_type);
  Results();
  Object(record_type);
  switch (record_type) {
    case type::SYSTEM_BOOT:
    case type::SYSTEM_SHUTDOWN:
      return HowFromStart("exe");
    case type::ANOM_EXEC:
      return HowFromStart("terminal");
    case type::TTY:
      return HowFromStart("comm");
    default:
      return HowFromProgram();
  }
}

bool SimpleEvent::ObjectIs(ObjectKind kind, std::string_view field) {
  result_.object.kind = kind;
  return search_.FindFromStart(field, &result_.object.primary);
}

void SimpleEvent::Account() {
  result_.object.kind = ObjectKind::kAccount;
  if (!search_.FindFromStart("id", &result_.object.primary)) search_.FindFromStart("acct", &result_.object.primary);
}

void SimpleEvent::Object(int32_t record_type) {
  NormalizedObject& object = result_.object;
  switch (record_type) {
    case type::SERVICE_START:
    case type::SERVICE_STOP:
      ObjectIs(ObjectKind::kService, "unit");
      break;
    case type::SYSTEM_RUNLEVEL:
      ObjectIs(ObjectKind::kSystem, "new-level");
      break;
    case type::SYSTEM_BOOT:
    case type::USYS_CONFIG:
      object.kind = ObjectKind::kSystem;
      if (record_type == type::USYS_CONFIG) {
        const std::string_view operation = search_.TextFromStart("op");
        if (operation.data() != nullptr) result_.action = operation;
      }
      break;
    case type::SYSTEM_SHUTDOWN:
      object.kind = ObjectKind::kService;
      break;
    case type::USER_ROLE_CHANGE:
      ObjectIs(ObjectKind::kUserSession, "selected-context");
      break;
    case type::ROLE_ASSIGN:
    case type::ROLE_REMOVE:
    case type::USER_MGMT:
    case type::ACCT_LOCK:
    case type::ACCT_UNLOCK:
    case type::ADD_USER:
    case type::DEL_USER:
    case type::ADD_GROUP:
    case type::DEL_GROUP:
    case type::GRP_MGMT:
      Account();
      break;
    case type::USER_START:
    case type::USER_END:
    case type::USER_ERR:
    case type::USER_LOGIN:
    case type::USER_LOGOUT:
      ObjectIs(ObjectKind::kUserSession, "terminal");
      break;
    case type::USER_AUTH:
    case type::USER_ACCT:
    case type::CRED_ACQ:
    case type::CRED_REFR:
    case type::CRED_DISP:
    case type::USER_CHAUTHTOK:
    case type::GRP_CHAUTHTOK:
    case type::ANOM_LOGIN_FAILURES:
    case type::ANOM_LOGIN_TIME:
    case type::ANOM_LOGIN_SESSIONS:
    case type::ANOM_LOGIN_LOCATION:
      ObjectIs(ObjectKind::kUserSession, "acct");
      break;
    case type::ANOM_EXEC:
    case type::USER_CMD:
      ObjectIs(ObjectKind::kProcess, "cmd");
      break;
    case type::USER_TTY:
    case type::TTY:
      ObjectIs(ObjectKind::kKeystrokes, "data");
      break;
    case type::USER_DEVICE:
      search_.Rewind();
      if (search_.Stands("op")) result_.action = cursor().field_value();
      if (ObjectIs(ObjectKind::kKeystrokes, "device") && wants_attributes_) {
        search_.Rewind();
        search_.Collect("uuid", &object.attributes);
      }
      break;
    case type::SOFTWARE_UPDATE:
      if (ObjectIs(ObjectKind::kSoftware, "sw") && search_.FindFromStart("sw_type", &object.secondary)) {
        SecondObject("root_dir");
      }
      if (wants_attributes_) {
        search_.Rewind();
        search_.Collect("key_enforce", &object.attributes);
        search_.Collect("gpg_res", &object.attributes);
      }
      break;
    case type::VIRT_MACHINE_ID:
      ObjectIs(ObjectKind::kVirtualMachine, "vm");
      break;
    case type::VIRT_RESOURCE:
      if (ObjectIs(ObjectKind::kVirtualMachine, "resrc")) SecondObject("vm");
      break;
    case type::VIRT_CONTROL:
      if (ObjectIs(ObjectKind::kVirtualMachine, "op")) SecondObject("vm");
      break;
    case type::LABEL_LEVEL_CHANGE:
      ObjectIs(ObjectKind::kPrinter, "printer");
      break;
    case type::MAC_CONFIG_CHANGE:
      ObjectIs(ObjectKind::kSecurityPolicy, "bool");
      break;
    case type::MAC_STATUS:
      ObjectIs(ObjectKind::kSecurityPolicy, "enforcing");
      break;
    case type::USER:
      ObjectIs(ObjectKind::kUnknown, "addr");
      break;
    case type::CRYPTO_KEY_USER:
      ObjectIs(ObjectKind::kUserSession, "fp");
      break;
    case type::CRYPTO_SESSION:
      if (ObjectIs(ObjectKind::kUserSession, "addr")) search_.FindFromStart("rport", &object.secondary);
      break;
    case type::ANOM_RBAC_INTEGRITY_FAIL:
      ObjectIs(ObjectKind::kFileSystem, "hostname");
      break;
    case type::MAC_POLICY_LOAD:
    case type::LABEL_OVERRIDE:
      object.kind = ObjectKind::kSecurityPolicy;
      break;
    default:
      if (record_type >= 2307 && record_type <= 2312) object.kind = ObjectKind::kSecurityPolicy;
      break;
  }
}

}  // namespace

void NormalizeSimple(EventCursor& cursor, UserNumbers& users, WantedAttributes attributes, Normalized* result) {
  SimpleEvent(cursor, users, attributes, result).Normalize(cursor.type());
}

void FindConfigurationObject(EventCursor& cursor, NormalizedObject* object) {
  constexpr std::string_view kFields[] = {"key",           "audit_enabled", "audit_pid", "audit_backlog_limit",
                                          "audit_failure", "actions",       "list"};
  EventSearch search(cursor);
  for (const std::string_view field : kFields) {
    FieldPlace place;
    if (!search.FindFromStart(field, &place)) continue;
    if (field == "key" && cursor.field_value() == "(null)") continue;
    object->primary = place;
    return;
  }
}

std::string_view BpfAction(EventCursor& cursor) {
  const std::string_view operation = EventSearch(cursor).TextFromStart("op");
  if (operation.data() == nullptr) return "bpf-program";
  return operation == "LOAD" ? "loaded-bpf-program" : "unloaded-bpf-program";
}

std::string_view ListenerAction(EventCursor& cursor) {
  const std::string_view operation = EventSearch(cursor).TextFromStart("op");
  if (operation.data() == nullptr) return "connected";
  return operation == "connect" ? "connected-to" : "disconnected-from";
}

}  // namespace audit
