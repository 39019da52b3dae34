#include "criteria.h"

#include <string_view>

#include "extract.h"

namespace audit {

namespace {

std::string ToHex(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string hex;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

// The longest part between slashes. A name may have been put behind a working directory, which brings slashes and the
// border of two records into the text that is searched.
std::string_view LongestName(std::string_view path) {
  std::string_view longest;
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    if (name.size() > longest.size()) longest = name;
    if (slash == path.npos) return longest;
    path.remove_prefix(slash + 1);
  }
}

// As it is looked for in a line: a value with an odd number of digits ends with the upper half of a byte.
std::string HexNeedle(std::string_view text) {
  std::string hex = ToHex(text);
  if (!hex.empty() && hex.back() == '0') hex.pop_back();
  return hex;
}

// Whether hexadecimal digits of `text` can be written in more ways than all large and all small.
bool HasLetterDigits(std::string_view hex) { return hex.find_first_of("ABCDEF") != hex.npos; }

}  // namespace

uint32_t WantedFields(const Criteria& criteria) noexcept {
  uint32_t wanted = 0;
  const auto want = [&wanted](bool is_given, uint32_t fields) {
    if (is_given) wanted |= fields;
  };
  want(criteria.uid.has_value(), kWantUid | kWantDaemonUid);
  want(criteria.uid_name.has_value(), kWantUid);
  want(criteria.euid.has_value() || criteria.euid_name.has_value(), kWantEuid);
  want(criteria.auid.has_value() || criteria.auid_name.has_value(), kWantAuid);
  want(criteria.gid.has_value(), kWantGid);
  want(criteria.egid.has_value(), kWantEgid);
  want(criteria.pid.has_value(), kWantPid);
  want(criteria.ppid.has_value(), kWantPpid);
  want(criteria.arch.has_value(), kWantArch);
  want(criteria.session.has_value(), kWantSession);
  want(criteria.exit.has_value(), kWantExit);
  want(criteria.success.has_value(), kWantSuccess);
  want(criteria.file.has_value(), kWantFile);
  want(criteria.host.has_value(), kWantHost);
  want(criteria.terminal.has_value(), kWantTerminal);
  want(criteria.exe.has_value(), kWantExe);
  want(criteria.comm.has_value(), kWantComm);
  want(criteria.key.has_value(), kWantKey);
  want(criteria.vm.has_value(), kWantVm);
  want(criteria.uuid.has_value(), kWantUuid);
  want(criteria.subject.has_value(), kWantSubject);
  want(criteria.object.has_value(), kWantObject);
  return wanted;
}

std::vector<std::string> Needles(const Criteria& criteria) {
  // The longest text is the rarest, as a rule. Hosts have no needle: addresses are logged as hexadecimal bytes.
  std::string_view best;
  bool may_be_hex = false;
  const auto consider = [&](const std::optional<std::string>& text, bool is_decoded) {
    if (!text.has_value() || text->size() <= best.size()) return;
    // What some records leave out is searched under these names, though no record holds them.
    constexpr std::string_view kStandsForNothing = "(null)(none)";
    if (kStandsForNothing.find(*text) != kStandsForNothing.npos) return;
    best = *text;
    may_be_hex = is_decoded;
  };
  consider(criteria.key, true);
  consider(criteria.exe, true);
  consider(criteria.comm, true);
  consider(criteria.vm, true);
  consider(criteria.terminal, false);
  consider(criteria.uuid, false);
  if (!criteria.either_context) {
    consider(criteria.subject, false);
    consider(criteria.object, false);
  }
  if (criteria.file.has_value()) {
    const std::string_view name = LongestName(*criteria.file);
    if (name.size() > best.size() && std::string_view("(null)").find(name) == std::string_view::npos) {
      best = name;
      may_be_hex = true;
    }
  }
  // Shorter ones are everywhere.
  constexpr size_t kShortest = 3;
  if (best.size() < kShortest) return {};
  std::vector<std::string> needles = {std::string(best)};
  // Addresses that are too short to be one are told of.
  if (criteria.file.has_value() || criteria.host.has_value()) needles.emplace_back("saddr=");
  if (!may_be_hex) return needles;
  std::string large = HexNeedle(best);
  if (!HasLetterDigits(large)) {
    needles.push_back(std::move(large));
    return needles;
  }
  // Digits of mixed size are written by nobody, but could be: only the bytes without letters are sure.
  std::string_view sure;
  std::string_view rest = best;
  while (!rest.empty()) {
    size_t length = 0;
    while (length < rest.size() && !HasLetterDigits(ToHex(rest.substr(length, 1)))) length++;
    if (length > sure.size()) sure = rest.substr(0, length);
    rest.remove_prefix(length == rest.size() ? length : length + 1);
  }
  if (sure.size() < 2) return {};
  needles.push_back(HexNeedle(sure));
  return needles;
}

IndexQuery QueryOf(const Criteria& criteria) {
  IndexQuery query;
  const auto add_text = [&query](IndexField field, std::string_view text) {
    constexpr std::string_view kStandsForNothing = "(null)(none)";
    if (text.empty() || kStandsForNothing.find(text) != kStandsForNothing.npos) return;
    query.all_of.push_back({{field, std::string(text)}});
  };
  if (criteria.key.has_value()) add_text(IndexField::kKey, *criteria.key);
  if (criteria.exe.has_value()) add_text(IndexField::kExecutable, *criteria.exe);
  if (criteria.file.has_value()) add_text(IndexField::kFile, LongestName(*criteria.file));
  // Numbers that are read where a field is missing, or is no number, say nothing about a record's text.
  const auto is_written = [](uint32_t number) { return number != 0 && number != UINT32_MAX; };
  const auto term = [](IndexField field, uint32_t number) { return IndexTerm{field, std::to_string(number)}; };
  if (criteria.pid.has_value() && is_written(static_cast<uint32_t>(*criteria.pid))) {
    query.all_of.push_back({term(IndexField::kProcess, static_cast<uint32_t>(*criteria.pid))});
  }
  if (criteria.ppid.has_value() && is_written(static_cast<uint32_t>(*criteria.ppid))) {
    query.all_of.push_back({term(IndexField::kProcess, static_cast<uint32_t>(*criteria.ppid))});
  }
  if (criteria.syscall.has_value() && is_written(static_cast<uint32_t>(*criteria.syscall))) {
    query.all_of.push_back({term(IndexField::kSyscall, static_cast<uint32_t>(*criteria.syscall))});
  }
  if (criteria.uid_name.has_value() || criteria.euid_name.has_value() || criteria.auid_name.has_value()) return query;
  std::vector<IndexTerm> users;
  bool are_all_written = true;
  for (const std::optional<uint32_t>& number : {criteria.uid, criteria.euid, criteria.auid}) {
    if (!number.has_value()) continue;
    are_all_written = are_all_written && is_written(*number);
    if (is_written(*number)) users.push_back(term(IndexField::kUser, *number));
  }
  if (criteria.users == Together::kAny) {
    if (are_all_written && !users.empty()) query.all_of.push_back(std::move(users));
  } else {
    for (IndexTerm& user : users) query.all_of.push_back({std::move(user)});
  }
  return query;
}

}  // namespace audit
