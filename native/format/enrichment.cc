#include "enrichment.h"

#include "../tables/tables.h"
#include "number.h"
#include "sockaddr.h"

namespace audit {

namespace {

constexpr char kSeparator = '\x1d';
constexpr uint32_t kUnset = 4294967295;  // AUDIT_UID_UNSET: nobody logged in yet

// Readers split the interpreted part at blanks and take quotes off, so other names are written in hexadecimal.
bool NeedsHex(std::string_view name) noexcept {
  for (const char c : name) {
    if (c <= ' ' || c > '~' || c == '"') return true;  // signed: bytes above 0x7F are negative
  }
  return false;
}

void AppendQuoted(std::string_view name, LineWriter* line) noexcept {
  if (NeedsHex(name)) {
    line->AppendHex(name);
    return;
  }
  line->Append('"');
  line->Append(name);
  line->Append('"');
}

// The account named last. In most records all users are the same, and so are all groups.
struct LastAccount {
  uint32_t number = 0;
  std::string_view text;  // where the line has it already; empty: there is none yet
};

// `lookup` is Names::User or Names::Group.
void AppendAccount(std::string_view value, std::string_view (Names::*lookup)(uint32_t) noexcept, Names& names,
                   LastAccount* last, LineWriter* line) noexcept {
  const Number number = ParseNumber(value, 10);
  if (number.overflows) {
    line->AppendHex("conversion error(");  // the blank in it needs it
    line->AppendHex(value);
    line->AppendHex(")");
    return;
  }
  const auto account = static_cast<uint32_t>(number.value);
  if (account == 0) {
    line->Append("\"root\"");
    return;
  }
  if (account == kUnset) {
    line->Append("\"unset\"");
    return;
  }
  if (account == last->number && !last->text.empty()) {
    line->Append(last->text);
    return;
  }
  const size_t start = line->length();
  const std::string_view name = (names.*lookup)(account);
  if (!name.empty()) {
    AppendQuoted(name, line);
  } else {
    line->Append("\"unknown(");
    line->AppendSigned(static_cast<int32_t>(account));
    line->Append(")\"");
  }
  *last = {account, line->Written(start)};
}

// The record's machine when it has one, otherwise what this very field says.
void AppendArch(std::string_view value, const CallFacts& call, LineWriter* line) noexcept {
  const Number arch = ParseNumber(value, 16);
  const Machine* machine = call.arch == CallFacts::Arch::kKnown ? call.machine
                           : arch.overflows                     ? nullptr
                                                                : MachineOfArch(static_cast<uint32_t>(arch.value));
  if (machine != nullptr) {
    line->Append(machine->name);
    return;
  }
  line->Append(arch.overflows ? "conversion error(" : "unknown-elf-type(");
  line->AppendEscaped(value);
  line->Append(')');
}

// The number comes from where the kernel puts it, not from this field: see CallFacts.
void AppendSyscall(const CallFacts& call, LineWriter* line) noexcept {
  const Machine* machine = call.arch == CallFacts::Arch::kKnown     ? call.machine
                           : call.arch == CallFacts::Arch::kInvalid ? nullptr
                                                                    : NativeMachine();
  const std::string_view name = machine == nullptr ? std::string_view() : SyscallName(*machine, call.number);
  if (name.empty()) {
    line->Append("unknown-syscall(");
    line->AppendSigned(call.number);
    line->Append(')');
    return;
  }
  line->Append(name);
  const std::string_view sub_call = name == "socketcall" ? SocketCallName(call.first_argument)
                                    : name == "ipc"      ? IpcCallName(call.first_argument)
                                                         : std::string_view();
  if (sub_call.empty()) return;
  line->Append('(');
  line->Append(sub_call);
  line->Append(')');
}

struct LastAccounts {
  LastAccount user;
  LastAccount group;
};

void AppendInterpretation(const Field& field, const CallFacts& call, Names& names, LastAccounts* last,
                          LineWriter* line) noexcept {
  switch (field.rule->field_class) {
    case FieldClass::kUser:
      AppendAccount(field.value(), &Names::User, names, &last->user, line);
      break;
    case FieldClass::kGroup:
      AppendAccount(field.value(), &Names::Group, names, &last->group, line);
      break;
    case FieldClass::kArch:
      AppendArch(field.value(), call, line);
      break;
    case FieldClass::kSyscall:
      AppendSyscall(call, line);
      break;
    case FieldClass::kSocketAddress:
      AppendSocketAddress(field.value(), names, SocketText::kEscaped, line);
      break;
  }
}

}  // namespace

bool AppendEnrichment(const Fields& fields, Names& names, LineWriter* line) noexcept {
  bool any = false;
  LastAccounts last;
  for (size_t i = 0; i < fields.count; i++) {
    if (line->length() >= kMaxLine) break;  // nothing of the rest would be seen
    const size_t before = line->length();
    const Field& field = fields.list[i];
    if (any) {
      line->Append(field.rule->copy_name);
    } else {
      line->Append(kSeparator);
      line->Append(field.rule->copy_name.substr(1));
    }
    AppendInterpretation(field, fields.call, names, &last, line);
    if (line->length() > kMaxInterpretedLine) {
      line->Truncate(before);
    } else {
      any = true;
    }
  }
  return any;
}

}  // namespace audit
