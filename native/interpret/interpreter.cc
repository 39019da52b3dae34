#include "interpreter.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "../format/line_writer.h"
#include "../format/number.h"
#include "../format/sockaddr.h"
#include "../tables/tables.h"
#include "hex_text.h"
#include "number_texts.h"
#include "syscall_arguments.h"

namespace audit {

using namespace interpretations;

namespace {

// What a byte needs in which mode: the first mode that puts something before it.
constexpr uint8_t kNever = 255;

struct EscapeTable {
  uint8_t from[256];

  constexpr EscapeTable() : from() {
    for (unsigned i = 0; i < 256; i++) from[i] = i < 0x20 ? static_cast<uint8_t>(EscapeMode::kTty) : kNever;
    for (const char c : std::string_view("\"'`$\\!()| ")) {
      from[static_cast<unsigned char>(c)] = static_cast<uint8_t>(EscapeMode::kShell);
    }
    for (const char c : std::string_view(";#&*?[]<>{}")) {
      from[static_cast<unsigned char>(c)] = static_cast<uint8_t>(EscapeMode::kShellQuote);
    }
  }
};
constexpr EscapeTable kEscapes;

bool NeedsEscape(char c, EscapeMode mode) noexcept {
  return kEscapes.from[static_cast<unsigned char>(c)] <= static_cast<uint8_t>(mode);
}

size_t FirstEscape(std::string_view text, EscapeMode mode) noexcept {
  if (mode == EscapeMode::kRaw) return text.size();
  size_t at = 0;
  while (at < text.size() && !NeedsEscape(text[at], mode)) at++;
  return at;
}

void AppendOctalEscape(unsigned char byte, std::string* out) {
  *out += '\\';
  AppendOctal(byte, 3, out);
}

}  // namespace

void AppendEscaped(std::string_view text, EscapeMode mode, std::string* out) {
  while (!text.empty()) {
    const size_t plain = FirstEscape(text, mode);
    out->append(text.substr(0, plain));
    if (plain == text.size()) return;
    const char c = text[plain];
    if (static_cast<unsigned char>(c) < 0x20) {
      AppendOctalEscape(static_cast<unsigned char>(c), out);
    } else {
      *out += '\\';
      *out += c;
    }
    text.remove_prefix(plain + 1);
  }
}

namespace {

// `zero` is written for zero bytes; without one the text ends at the first. Two leading zeros that are passed over then
// count as one more byte at the end.
void AppendDecoded(std::string_view value, const char* zero, std::string* out) {
  if (value.empty()) return;
  if (value[0] == '"') {
    const size_t end = value.find('"', 1);
    if (end == std::string_view::npos) {
      *out += ' ';
    } else {
      out->append(value.substr(1, end - 1));
    }
    return;
  }
  if (value[0] == '(') {
    const size_t end = value.find(')');
    out->append(end == std::string_view::npos ? value : value.substr(0, end + 1));
    return;
  }
  const std::string_view digits = HexText(value);
  if (digits.size() < 2) {
    out->append(value);
    return;
  }
  const size_t count = digits.size() / 2;
  for (size_t i = 0; i < count; i++) {
    const unsigned byte = HexByte(digits, i);
    if (byte != 0) {
      *out += static_cast<char>(byte);
    } else if (zero != nullptr) {
      *out += *zero;
    } else {
      return;
    }
  }
  if (zero == nullptr) return;
  // The text is as long as the value promises, whatever in it is no digit.
  const size_t promised = digits.data() == value.data() ? value.size() / 2 : count + 1;
  out->append(promised - count, *zero);
}

}  // namespace

void AppendUnescaped(std::string_view value, std::string* out) { AppendDecoded(value, nullptr, out); }

namespace {

constexpr size_t kMaxSocketText = 1024;  // a path of 108 bytes, each as \ooo, and what stands around it

// strerror(3) of this C library, in English: nothing here sets a locale.
std::string_view ErrorText(int number, char (&room)[64]) {
#if defined(__GLIBC__)
  return strerror_r(number, room, sizeof room);
#else
  return strerror_r(number, room, sizeof room) == 0 ? room : "Unknown error";
#endif
}

void AppendExit(std::string_view value, std::string* out) {
  const Number parsed = ParseNumber(value, 10);
  // The number is a signed one of 64 bits.
  const std::string_view digits = value.substr(std::min(value.find_first_not_of(" \t\n\v\f\r"), value.size()));
  const bool is_negative = !digits.empty() && digits[0] == '-';
  const uint64_t magnitude = is_negative ? 0 - parsed.value : parsed.value;
  if (parsed.overflows || magnitude > uint64_t{INT64_MAX} + (is_negative ? 1 : 0)) {
    AppendAround("conversion error(", value, ")", out);
    return;
  }
  if (!is_negative || magnitude == 0) {
    out->append(value);
    return;
  }
  const std::string_view name = ErrnoName(magnitude);
  out->append(name.empty() ? "(null)" : name);
  *out += '(';
  char room[64];
  out->append(ErrorText(static_cast<int>(magnitude), room));
  *out += ')';
}

void AppendArch(std::string_view value, const CallContext& call, KnownMachines known, std::string* out) {
  const Number arch = ParseNumber(value, 16);
  const Machine* machine = call.arch == CallContext::Arch::kKnown ? call.machine
                           : arch.overflows                       ? nullptr
                                                                  : KnownMachine(arch.value, known);
  if (machine != nullptr) {
    out->append(machine->name);
  } else if (arch.overflows) {
    AppendAround("conversion error(", value, ") ", out);
  } else {
    AppendAround("unknown-elf-type(", value, ")", out);
  }
}

void AppendSyscall(const CallContext& call, std::string_view value, std::string* out) {
  const Machine* machine = call.arch == CallContext::Arch::kKnown     ? call.machine
                           : call.arch == CallContext::Arch::kInvalid ? nullptr
                                                                      : NativeMachine();
  if (machine == nullptr && call.arch != CallContext::Arch::kInvalid) {
    out->append(value);
    return;
  }
  const std::string_view name = machine == nullptr ? std::string_view() : SyscallName(*machine, call.syscall);
  if (name.empty()) {
    out->append("unknown-syscall(");
    AppendSigned(call.syscall, out);
    *out += ')';
    return;
  }
  out->append(name);
  const std::string_view sub_call = name == "socketcall" ? SocketCallName(call.a0)
                                    : name == "ipc"      ? IpcCallName(call.a0)
                                                         : std::string_view();
  if (!sub_call.empty()) AppendAround("(", sub_call, ")", out);
}

void AppendPerm(uint64_t number, std::string* out) {
  constexpr InterpretedNumber kBits[] = {{4, "read"}, {2, "write"}, {1, "exec"}, {8, "attr"}};
  AppendBits(kBits, number == 0 ? 15 : number, out->size(), ',', out);
}

void AppendCapabilities(uint64_t bits, std::string* out) {
  const size_t start = out->size();
  for (unsigned i = 0; i < std::size(kCapabilities); i++) {
    if ((bits >> i & 1) == 0) continue;
    if (out->size() > start) *out += ',';
    out->append(kCapabilities[i].name);
  }
  if (out->size() == start) out->append("none");
}

void AppendSocketText(std::string_view value, Names& names, std::string* out) {
  std::string text;
  if (value.size() > 1 && value[0] == '(' && value.find(')') != std::string_view::npos) {
    // Text in parentheses is not decoded: its bytes are taken for the address. Half of them, as of every value.
    for (size_t i = 0; i < value.size() / 2; i++) {
      text += "0123456789ABCDEF"[static_cast<unsigned char>(value[i]) >> 4];
      text += "0123456789ABCDEF"[value[i] & 15];
    }
    value = text;
  }
  if (value.size() < 2 || DigitValue(value[0]) > 15 || DigitValue(value[1]) > 15) {
    AppendAround("malformed-host(", value, ")", out);
    return;
  }
  char memory[kMaxSocketText];
  LineWriter writer(memory, sizeof memory);
  AppendSocketAddress(value, names, SocketText::kRaw, &writer);
  out->append(writer.Written(0));
}

void AppendTtyText(std::string_view text, std::string* out) {
  *out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7E) {
      AppendOctalEscape(byte, out);
    } else {
      if (c == '"' || c == '\\') *out += '\\';
      *out += c;
    }
  }
  *out += '"';
}

// The key that `text` starts with; null when it starts with none.
const TerminalKey* KeyAt(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first >= 0x20 && (first < 0x7F || first > 0x9F)) return nullptr;
  for (const TerminalKey& key : kTerminalKeys) {
    if (key.sequence[0] == text[0] && text.substr(0, key.sequence.size()) == key.sequence) return &key;
  }
  return nullptr;
}

// Too few digits for a byte: there is no text, and `(null)` stands for it.
bool IsTtyDataNull(std::string_view value) noexcept {
  return value.size() < 2 && (value.empty() || DigitValue(value[0]) < 16);
}

// Keystrokes: keys as <name>, everything else as "text", separated by commas.
void AppendTtyData(std::string_view value, std::string* scratch, std::string* out) {
  size_t digits = 0;
  while (digits < value.size() && DigitValue(value[digits]) < 16) digits++;
  if (digits < value.size()) {
    out->append(value);
    return;
  }
  if (IsTtyDataNull(value)) {
    out->append("(null)");
    return;
  }
  scratch->clear();
  for (size_t i = 0; i + 1 < digits; i += 2) {
    *scratch += static_cast<char>(DigitValue(value[i]) << 4 | DigitValue(value[i + 1]));
  }
  std::string_view rest = *scratch;
  const size_t start = out->size();
  size_t plain = 0;
  const auto separate = [&] {
    if (out->size() > start) *out += ',';
  };
  while (plain < rest.size()) {
    const TerminalKey* key = KeyAt(rest.substr(plain));
    if (key == nullptr) {
      plain++;
      continue;
    }
    if (plain > 0) {
      separate();
      AppendTtyText(rest.substr(0, plain), out);
    }
    separate();
    AppendAround("<", key->name, ">", out);
    rest.remove_prefix(plain + key->sequence.size());
    plain = 0;
  }
  if (plain == 0) return;
  separate();
  AppendTtyText(rest, out);
}

unsigned BaseOf(FieldType type, std::string_view value) noexcept {
  switch (type) {
    case FieldType::kMode:
    case FieldType::kModeShort:
      return 8;
    case FieldType::kCapabilities:
    case FieldType::kPersonality:
    case FieldType::kSeccomp:
    case FieldType::kMmapFlags:
    case FieldType::kHook:
    case FieldType::kNetfilterAction:
    case FieldType::kMacProtocol:
    case FieldType::kIoctlRequest:
    case FieldType::kNetlinkGroup:
    case FieldType::kResolve:
    case FieldType::kFanInfo:
      return 16;
    case FieldType::kOpenFlags:  // as written in C
      if (value.size() > 1 && value[0] == '0') return (value[1] | 0x20) == 'x' ? 16 : 8;
      return 10;
    default:
      return 10;
  }
}

bool StartsWithDigit(std::string_view value) noexcept { return !value.empty() && value[0] >= '0' && value[0] <= '9'; }

// Types whose value is a number, which was read.
void AppendNumber(FieldType type, uint64_t number, std::string_view value, const FieldContext& context, Names& names,
                  std::string* out) {
  switch (type) {
    case FieldType::kUid:
      return AppendUser(static_cast<uint32_t>(number), names, out);
    case FieldType::kGid:
      return AppendGroup(static_cast<uint32_t>(number), names, out);
    case FieldType::kPerm:
      return AppendPerm(number, out);
    case FieldType::kMode:
      return AppendMode(static_cast<uint32_t>(number), out);
    case FieldType::kModeShort:
      return AppendShortMode(static_cast<uint32_t>(number), out);
    case FieldType::kPromiscuous:
      out->append(number == 0 ? "no" : "yes");
      return;
    case FieldType::kCapability:
      return AppendNameOr(kCapabilities, number, "unknown-capability(", value, out);
    case FieldType::kSuccess:
      out->append(number == 0 ? "no" : number == 1 ? "yes" : "unset");
      return;
    case FieldType::kSignal:
      return AppendNameOr(kSignals, number, "unknown-signal(", value, out);
    case FieldType::kList: {
      constexpr InterpretedNumber kLists[] = {{0, "user"},    {1, "task"},       {4, "exit"},
                                              {5, "exclude"}, {6, "filesystem"}, {7, "io_uring"}};
      return AppendNameOr(kLists, number, "unknown-list(", value, out);
    }
    case FieldType::kCapabilities:
      return AppendCapabilities(number, out);
    case FieldType::kNetfilterProtocol:
      return AppendNameOr(kNetfilterProtocols, number, "unknown-netfilter-protocol(", value, out);
    case FieldType::kIcmpType:
      return AppendNameOr(kIcmpTypes, number, "unknown-icmp-type(", value, out);
    case FieldType::kProtocol: {
      const std::string_view name = names.Protocol(static_cast<uint32_t>(number));
      out->append(name.empty() ? "undefined protocol" : name);
      return;
    }
    case FieldType::kPersonality:
      return AppendPersonality(number, value, out);
    case FieldType::kSeccomp:
      return AppendNameOr(kSeccompActions, number & 0xFFFF0000, "unknown-seccomp-code(", value, out);
    case FieldType::kOpenFlags:
      return AppendOpenFlags(number, out);
    case FieldType::kMmapFlags:
      return AppendMmapFlags(number, value, out);
    case FieldType::kHook:
      if (context.is_arp) return AppendNameOr(kArpHooks, number, "unknown-hook(", value, out);
      return AppendNameOr(kInetHooks, number, "unknown-hook(", value, out);
    case FieldType::kNetfilterAction:
      return AppendNameOr(kNetfilterActions, number, "unknown-action(", value, out);
    case FieldType::kMacProtocol:
      out->append(number == 0x0800 ? "IP" : number == 0x0806 ? "ARP" : "UNKNOWN");
      return;
    case FieldType::kIoctlRequest:
      return AppendIoctlRequest(number, out);
    case FieldType::kFanotify:
      out->append(number == 1 ? "allow" : number == 2 ? "deny" : "unknown");
      return;
    case FieldType::kNetlinkGroup:
      out->append(number == 1 ? "audit-netlink-multicast" : "audit-none");
      return;
    case FieldType::kResolve: {
      const size_t start = out->size();
      AppendBits(kResolveFlags, number, start, '|', out);
      if (out->size() == start) AppendRawHex(value, out);
      return;
    }
    case FieldType::kFanInfo:
      return AppendDecimal(number, out);
    case FieldType::kErrno: {
      const int64_t signed_number = static_cast<int32_t>(number);
      const std::string_view name =
          ErrnoName(static_cast<uint64_t>(signed_number < 0 ? -signed_number : signed_number));
      out->append(name.empty() ? "UNKNOWN" : name);
      return;
    }
    default:
      out->append(value);
      return;
  }
}

}  // namespace

void Interpreter::AppendPlain(FieldType type, std::string_view value, const FieldContext& context, std::string* out) {
  switch (type) {
    case FieldType::kUnclassified:
    case FieldType::kFlags:
    case FieldType::kAddress:
    case FieldType::kMacLabel:
      out->append(value);
      return;
    case FieldType::kSyscall:
      return AppendSyscall(context.call, value, out);
    case FieldType::kArch:
      return AppendArch(value, context.call, options_.machines, out);
    case FieldType::kExit:
      return AppendExit(value, out);
    case FieldType::kEscaped:
    case FieldType::kEscapedKey:
    case FieldType::kEscapedFile:
      return AppendDecoded(value, nullptr, out);
    case FieldType::kProctitle:
      return AppendDecoded(value, " ", out);
    case FieldType::kSocketAddress:
      return AppendSocketText(value, names_, out);
    case FieldType::kA0:
    case FieldType::kA1:
    case FieldType::kA2:
    case FieldType::kA3: {
      const auto index = static_cast<unsigned>(type) - static_cast<unsigned>(FieldType::kA0);
      return AppendSyscallArgument(index, value, context.call, names_, out);
    }
    case FieldType::kTtyData:
      return AppendTtyData(value, &scratch_, out);
    case FieldType::kSession:
      out->append(value == "4294967295" ? "unset" : value);
      return;
    case FieldType::kTrust:
      out->append(value == "0" ? "no" : value == "1" ? "yes" : "unknown");
      return;
    case FieldType::kFanType:
      out->append(value == "0" ? "none" : value == "1" ? "rule_info" : "unknown");
      return;
    case FieldType::kSuccess:
    case FieldType::kFanotify:
      if (!StartsWithDigit(value)) {
        out->append(value);
        return;
      }
      break;
    case FieldType::kFanInfo:
      if (!context.has_fan_rule) {
        out->append(value);
        return;
      }
      break;
    default:
      break;
  }
  const Number number = ParseNumber(value, BaseOf(type, value));
  if (number.overflows) {
    AppendAround("conversion error(", value, ")", out);
    return;
  }
  AppendNumber(type, number.value, value, context, names_, out);
}

void Interpreter::Append(FieldType type, std::string_view value, const FieldContext& context, std::string* out) {
  const size_t start = out->size();
  AppendPlain(type, value, context, out);
  const EscapeMode mode = options_.escape;
  const std::string_view text = std::string_view(*out).substr(start);
  if (FirstEscape(text, mode) == text.size()) return;
  if (type == FieldType::kTtyData && IsTtyDataNull(value)) return;
  scratch_.assign(text);
  out->resize(start);
  std::string_view rest = scratch_;
  // The separator of several keys stays what it is.
  if (type == FieldType::kEscapedKey) {
    for (size_t end = rest.find('\1'); end != std::string_view::npos; end = rest.find('\1')) {
      AppendEscaped(rest.substr(0, end), mode, out);
      *out += '\1';
      rest.remove_prefix(end + 1);
    }
  }
  AppendEscaped(rest, mode, out);
}

void Interpreter::AppendEnriched(FieldType type, std::string_view enriched, std::string* out) {
  if (type == FieldType::kUid || type == FieldType::kGid) {
    AppendUnescaped(enriched, out);
  } else {
    out->append(enriched);
  }
}

}  // namespace audit
