#include "matcher.h"

#include <algorithm>

namespace audit {

namespace {

template <typename Wanted, typename Found>
bool IsEqualOrFree(const std::optional<Wanted>& wanted, const std::optional<Found>& found) noexcept {
  return !wanted.has_value() || (found.has_value() && *found == *wanted);
}

}  // namespace

Verdict Matcher::Match(const Event& event) noexcept {
  if (criteria_.serial.has_value() && event.stamp.serial != *criteria_.serial) return Verdict::kNotRead;
  // Cheap, and what --debug reports of an event does not depend on them.
  if (!extractor_.Extract(event)) return Verdict::kMalformed;
  const EventFields& fields = extractor_.fields();
  const bool matches =
      MatchesNode(event) && MatchesUsers(fields) && MatchesGroups(fields) &&
      IsEqualOrFree(criteria_.ppid, fields.ppid) && IsEqualOrFree(criteria_.pid, fields.pid) &&
      IsEqualOrFree(criteria_.arch, fields.arch) &&
      (!criteria_.syscall.has_value() || fields.syscall == *criteria_.syscall) &&
      IsEqualOrFree(criteria_.session, fields.session) && IsEqualOrFree(criteria_.exit, fields.exit) &&
      (!criteria_.success.has_value() || fields.success == (*criteria_.success ? Success::kYes : Success::kNo)) &&
      MatchesTypes(event) && MatchesFile(fields) && MatchesText(criteria_.host, fields.host) &&
      MatchesText(criteria_.terminal, fields.terminal) && MatchesText(criteria_.exe, fields.exe) &&
      MatchesText(criteria_.comm, fields.comm) &&
      (!criteria_.key.has_value() || std::any_of(fields.keys.begin(), fields.keys.end(),
                                                 [this](Text key) { return MatchesText(criteria_.key, key); })) &&
      MatchesText(criteria_.vm, fields.vm) && MatchesText(criteria_.uuid, fields.uuid) && MatchesContexts(fields);
  return matches ? Verdict::kYes : Verdict::kNo;
}

bool Matcher::MatchesNode(const Event& event) const noexcept {
  if (criteria_.nodes.empty()) return true;
  return event.has_node &&
         std::find(criteria_.nodes.begin(), criteria_.nodes.end(), event.node) != criteria_.nodes.end();
}

bool Matcher::IsUserNamed(const std::optional<uint32_t>& uid, const std::string& name) noexcept {
  if (!uid.has_value()) return false;
  if (*uid == 0) return name == "root";
  if (*uid == UINT32_MAX) return name == "unset";
  const std::string_view found = names_.User(*uid);
  return !found.empty() && found == name;
}

bool Matcher::MatchesUsers(const EventFields& fields) noexcept {
  bool all = true;
  bool any = false;
  bool has_any = false;
  const auto take = [&](bool matches) {
    has_any = true;
    all = all && matches;
    any = any || matches;
  };
  if (criteria_.uid_name.has_value() || criteria_.euid_name.has_value() || criteria_.auid_name.has_value()) {
    if (criteria_.uid_name.has_value()) take(IsUserNamed(fields.uid, *criteria_.uid_name));
    if (criteria_.euid_name.has_value()) take(IsUserNamed(fields.euid, *criteria_.euid_name));
    if (criteria_.auid_name.has_value()) take(IsUserNamed(fields.auid, *criteria_.auid_name));
  } else {
    if (criteria_.uid.has_value()) take(fields.uid == criteria_.uid);
    if (criteria_.euid.has_value()) take(fields.euid == criteria_.euid);
    if (criteria_.auid.has_value()) take(fields.auid == criteria_.auid);
  }
  return !has_any || (criteria_.users == Together::kAny ? any : all);
}

bool Matcher::MatchesGroups(const EventFields& fields) const noexcept {
  if (!criteria_.gid.has_value() && !criteria_.egid.has_value()) return true;
  const bool has_gid = criteria_.gid.has_value() && fields.gid == criteria_.gid;
  const bool has_egid = criteria_.egid.has_value() && fields.egid == criteria_.egid;
  if (criteria_.groups == Together::kAny) return has_gid || has_egid;
  return has_gid >= criteria_.gid.has_value() && has_egid >= criteria_.egid.has_value();
}

bool Matcher::MatchesTypes(const Event& event) const noexcept {
  if (criteria_.types.empty()) return true;
  for (size_t i = 0; i < event.count; i++) {
    const int32_t type = event.records[i].type;
    if (std::find(criteria_.types.begin(), criteria_.types.end(), type) != criteria_.types.end()) return true;
  }
  return false;
}

bool Matcher::MatchesFile(const EventFields& fields) const noexcept {
  if (!criteria_.file.has_value()) return true;
  for (const FileName& file : fields.files) {
    if (MatchesText(criteria_.file, file.name)) return true;
  }
  return MatchesText(criteria_.file, fields.cwd);
}

bool Matcher::MatchesContexts(const EventFields& fields) const noexcept {
  if (!criteria_.subject.has_value() && !criteria_.object.has_value()) return true;
  bool has_subject = false;
  bool has_object = false;
  for (const AccessContext& context : fields.contexts) {
    has_subject = has_subject || (criteria_.subject.has_value() && MatchesText(criteria_.subject, context.subject));
    has_object = has_object || (criteria_.object.has_value() && MatchesText(criteria_.object, context.object));
  }
  if (criteria_.either_context) return has_subject || has_object;
  return has_subject >= criteria_.subject.has_value() && has_object >= criteria_.object.has_value();
}

bool Matcher::MatchesText(const std::optional<std::string>& wanted, Text found) const noexcept {
  if (!wanted.has_value()) return true;
  if (!IsPresent(found)) return false;
  return criteria_.whole_words ? found == *wanted : found.find(*wanted) != Text::npos;
}

}  // namespace audit
