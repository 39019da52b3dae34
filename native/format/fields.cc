#include "fields.h"

#include <cstring>

#include "number.h"
#include "record_types.h"

namespace audit {

namespace {

// Which names are accounts is known from the reference's logs and from ausearch -i.
constexpr FieldRule kRules[] = {
    {"arch", FieldClass::kArch, " ARCH="},
    {"syscall", FieldClass::kSyscall, " SYSCALL="},
    {"uring_op", FieldClass::kSyscall, " URING_OP="},
    {"saddr", FieldClass::kSocketAddress, " SADDR="},
    {"auid", FieldClass::kUser, " AUID="},
    {"uid", FieldClass::kUser, " UID="},
    {"euid", FieldClass::kUser, " EUID="},
    {"suid", FieldClass::kUser, " SUID="},
    {"fsuid", FieldClass::kUser, " FSUID="},
    {"ouid", FieldClass::kUser, " OUID="},
    {"oauid", FieldClass::kUser, " OAUID="},
    {"old-auid", FieldClass::kUser, " OLD-AUID="},
    {"iuid", FieldClass::kUser, " IUID="},
    {"id", FieldClass::kUser, " ID="},
    {"inode_uid", FieldClass::kUser, " INODE_UID="},
    {"sauid", FieldClass::kUser, " SAUID="},
    {"obj_uid", FieldClass::kUser, " OBJ_UID="},
    {"gid", FieldClass::kGroup, " GID="},
    {"egid", FieldClass::kGroup, " EGID="},
    {"sgid", FieldClass::kGroup, " SGID="},
    {"fsgid", FieldClass::kGroup, " FSGID="},
    {"ogid", FieldClass::kGroup, " OGID="},
    {"igid", FieldClass::kGroup, " IGID="},
    {"inode_gid", FieldClass::kGroup, " INODE_GID="},
    {"obj_gid", FieldClass::kGroup, " OBJ_GID="},
    {"new_gid", FieldClass::kGroup, " NEW_GID="},
};
constexpr FieldRule kGroupId = {"id", FieldClass::kGroup, " ID="};
constexpr size_t kLongestName = 9;

// The last 8 bytes of a name as one number, so that a name is found with one multiplication and one comparison.
constexpr uint64_t Pack(std::string_view name) noexcept {
  uint64_t packed = 0;
  for (const char c : name) packed = packed << 8 | static_cast<unsigned char>(c);
  return packed;
}

// The same by one load. The name lies in a payload, behind its stamp, so the 8 bytes before its end are readable.
uint64_t PackInPayload(std::string_view name) noexcept {
  uint64_t packed;
  memcpy(&packed, name.data() + name.size() - 8, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  packed = __builtin_bswap64(packed);
#endif
  return name.size() >= 8 ? packed : packed & ((uint64_t{1} << (8 * name.size())) - 1);
}

// A hash table without collisions: its multiplier is searched when this file is compiled.
struct RuleTable {
  static constexpr unsigned kBits = 8;
  uint64_t multiplier = 0;
  uint64_t packed[1 << kBits] = {};
  const FieldRule* rules[1 << kBits] = {};

  constexpr size_t Slot(uint64_t name) const noexcept {
    return static_cast<size_t>((name * multiplier) >> (64 - kBits));
  }

  constexpr bool Fill(uint64_t with_multiplier) noexcept {
    *this = {};
    multiplier = with_multiplier;
    for (const FieldRule& rule : kRules) {
      const size_t slot = Slot(Pack(rule.name));
      if (rules[slot] != nullptr) return false;
      packed[slot] = Pack(rule.name);
      rules[slot] = &rule;
    }
    return true;
  }
};

constexpr RuleTable kRuleTable = [] {
  RuleTable table;
  uint64_t multiplier = 0x9E3779B97F4A7C15;
  while (!table.Fill(multiplier)) multiplier += 0x9E3779B97F4A7C16;
  return table;
}();

// Null for a field without interpretation.
const FieldRule* RuleOf(std::string_view name) noexcept {
  if (name.empty() || name.size() > kLongestName) return nullptr;
  const uint64_t packed = PackInPayload(name);
  const size_t slot = kRuleTable.Slot(packed);
  const FieldRule* rule = kRuleTable.rules[slot];
  if (kRuleTable.packed[slot] != packed || rule == nullptr || rule->name.size() != name.size()) return nullptr;
  return rule->name.front() == name.front() ? rule : nullptr;  // the ninth byte, of the longest names
}

// Some names mean something else in some records.
const FieldRule* RuleIn(uint16_t type, std::string_view name) noexcept {
  const FieldRule* rule = RuleOf(name);
  if (rule == nullptr) return nullptr;
  switch (type) {
    case AUDIT_ADD_GROUP:
    case AUDIT_DEL_GROUP:
    case AUDIT_GRP_MGMT: {
      return name == "id" ? &kGroupId : rule;
    }
    case AUDIT_AVC:            // a socket's address in words
    case AUDIT_NETFILTER_PKT:  // an address as such, without a family
      return rule->field_class == FieldClass::kSocketAddress ? nullptr : rule;
    case AUDIT_EXECVE:  // a0, a1 ... are arguments, and so is whatever else starts like them
      return name[0] == 'a' ? nullptr : rule;
    default:
      return rule;
  }
}

// Takes off what user messages put behind a value: one each of : , ' and ), in this order.
std::string_view CleanValue(std::string_view value) noexcept {
  if (!value.empty() && value.back() == ':') value.remove_suffix(1);
  if (!value.empty() && value.back() == ',') value.remove_suffix(1);
  if (!value.empty() && value.back() == '\'') value.remove_suffix(1);
  if (!value.empty() && value.back() == ')' && value != "(none)" && value != "(null)") value.remove_suffix(1);
  return value;
}

void NoteArch(std::string_view value, CallFacts* call) noexcept {
  const Number arch = ParseNumber(value, 16);
  call->machine = arch.overflows ? nullptr : MachineOfArch(static_cast<uint32_t>(arch.value));
  call->arch = arch.overflows             ? CallFacts::Arch::kInvalid
               : call->machine != nullptr ? CallFacts::Arch::kKnown
                                          : CallFacts::Arch::kUnknown;
}

// `position` counts the payload's fields from 1.
void NoteCall(size_t position, std::string_view name, std::string_view value, CallFacts* call) noexcept {
  switch (position) {
    case 1:   // SYSCALL, URINGOP
    case 10:  // SECCOMP with a subj field
      if (name == "arch") NoteArch(value, call);
      if (name == "uring_op" && position == 1) call->number = static_cast<int32_t>(ParseNumber(value, 10).value);
      break;
    case 2:
    case 11:
      if (name == "syscall") call->number = static_cast<int32_t>(ParseNumber(value, 10).value);
      break;
    case 5:
      if (name == "a0") call->first_argument = ParseNumber(value, 16).value;
      break;
    default:
      break;
  }
}

}  // namespace

void FindFields(uint16_t type, const char* payload, const PayloadMap& map, Fields* fields) noexcept {
  if (type == AUDIT_URINGOP) {
    fields->call.arch = CallFacts::Arch::kKnown;
    fields->call.machine = UringMachine();
  }
  size_t position = 0;
  PayloadMap::Assignment word;
  // The first word is the stamp.
  for (size_t at = map.NextBlank(0); map.NextAssignment(at, &word); at = word.end) {
    if (word.equals - word.start == 3 && memcmp(payload + word.start, "msg", 3) == 0 && word.equals + 1 < word.end) {
      if (payload[word.equals + 1] == 'a') continue;  // a second stamp
      if (payload[word.equals + 1] == '\'') {         // a user message starts; its words are fields like any other
        word.start = word.equals + 2;
        word.equals = map.NextEquals(word.start);
        if (word.equals >= word.end) continue;
      }
    }
    if (word.equals + 1 == word.end) continue;  // without a value it is no field
    std::string_view name(payload + word.start, word.equals - word.start);
    if (!name.empty() && name[0] == '(') name.remove_prefix(1);
    const std::string_view value(payload + word.equals + 1, word.end - word.equals - 1);

    position++;
    if (position <= 11) NoteCall(position, name, value, &fields->call);
    const FieldRule* rule = RuleIn(type, name);
    if (rule == nullptr) continue;
    const std::string_view clean = CleanValue(value);
    if (fields->count < kMaxFields) fields->list[fields->count++] = {rule, clean.data(), clean.size()};
  }
}

}  // namespace audit
