#include "timeline.h"

#include <algorithm>
#include <iterator>

namespace audit {

namespace {

// Widths that people count in, each a multiple of the one before; then it doubles.
constexpr int64_t kWidths[] = {1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400};

constexpr int32_t kSyscallType = 1300;
constexpr int32_t kUringOperation = 1336;

// A hundred million years: what a record claims beyond it counts there. Widths then never overflow.
constexpr int64_t kFarthest = int64_t{1} << 52;

constexpr bool IsIn(int32_t type, int32_t first, int32_t last) { return type >= first && type <= last; }

}  // namespace

// Numbers and their names: linux/audit.h and libaudit.h.
EventGroup GroupOf(int32_t type) noexcept {
  switch (type) {
    case 1006:  // LOGIN
    case 1100:  // USER_AUTH
    case 1101:  // USER_ACCT
    case 1103:  // CRED_ACQ
    case 1104:  // CRED_DISP
    case 1105:  // USER_START
    case 1106:  // USER_END
    case 1109:  // USER_ERR
    case 1110:  // CRED_REFR
    case 1112:  // USER_LOGIN
    case 1113:  // USER_LOGOUT
    case 1126:  // GRP_AUTH
      return EventGroup::kLogin;
    case 1123:  // USER_CMD
    case 1124:  // USER_TTY
    case 1319:  // TTY
      return EventGroup::kCommand;
    case 1102:  // USER_MGMT
    case 1108:  // USER_CHAUTHTOK
    case 1114:  // ADD_USER
    case 1115:  // DEL_USER
    case 1116:  // ADD_GROUP
    case 1117:  // DEL_GROUP
    case 1132:  // GRP_MGMT
    case 1119:  // CHGRP_ID
    case 1133:  // GRP_CHAUTHTOK
    case 2301:  // ROLE_ASSIGN
    case 2302:  // ROLE_REMOVE
      return EventGroup::kAccount;
    case 1305:  // CONFIG_CHANGE
    case 1325:  // NETFILTER_CFG
    case 1328:  // FEATURE_CHANGE
    case 1111:  // USYS_CONFIG
      return EventGroup::kConfiguration;
    case 1107:  // USER_AVC
      return EventGroup::kDenial;
    case 1326:  // SECCOMP
      return EventGroup::kAnomaly;
    case kSyscallType:
    case kUringOperation:
      return EventGroup::kSyscall;
    default:
      break;
  }
  if (IsIn(type, 1302, 1399)) return EventGroup::kSyscall;
  if (IsIn(type, 1403, 1419) || IsIn(type, 2300, 2399)) return EventGroup::kConfiguration;
  if (IsIn(type, 1400, 1599)) return EventGroup::kDenial;
  if (IsIn(type, 1700, 1899) || IsIn(type, 2100, 2299)) return EventGroup::kAnomaly;
  if (IsIn(type, 1127, 1131) || IsIn(type, 2500, 2599)) return EventGroup::kService;
  if (IsIn(type, 1200, 1299)) return EventGroup::kDaemon;
  return EventGroup::kOther;
}

EventGroup GroupOf(const Event& event) noexcept {
  for (size_t index = 0; index < event.count; index++) {
    const EventGroup group = GroupOf(event.records[index].type);
    if (group != EventGroup::kSyscall) return group;
  }
  return EventGroup::kSyscall;
}

bool IsPartOfSyscall(int32_t type) noexcept {
  return type != kSyscallType && type != kUringOperation && GroupOf(type) == EventGroup::kSyscall;
}

void Timeline::Add(int64_t seconds, EventGroup group, bool has_failed) {
  const int64_t index = IndexOf(std::clamp(seconds, -kFarthest, kFarthest));
  if (last_ == nullptr || index != last_index_) {
    last_ = &intervals_[index];
    last_index_ = index;
  }
  const auto at = static_cast<size_t>(group);
  last_->all[at]++;
  if (has_failed) last_->failed[at]++;
  while (intervals_.size() > most_intervals_) Widen();
}

std::vector<Timeline::Interval> Timeline::Intervals() const {
  std::vector<Interval> sorted;
  sorted.reserve(intervals_.size());
  for (const auto& [index, counts] : intervals_) sorted.push_back({index * width_, counts});
  std::sort(sorted.begin(), sorted.end(),
            [](const Interval& one, const Interval& other) { return one.start < other.start; });
  return sorted;
}

int64_t Timeline::IndexOf(int64_t seconds) const noexcept {
  const int64_t index = seconds / width_;
  return seconds % width_ < 0 ? index - 1 : index;
}

void Timeline::Widen() {
  const int64_t* const next = std::upper_bound(std::begin(kWidths), std::end(kWidths), width_);
  const int64_t factor = next == std::end(kWidths) ? 2 : *next / width_;
  std::unordered_map<int64_t, Counts> wider;
  for (const auto& [index, counts] : intervals_) {
    const int64_t start = index * width_;
    const int64_t width = width_ * factor;
    Counts& to = wider[start / width - (start % width < 0 ? 1 : 0)];
    for (size_t group = 0; group < kEventGroups; group++) {
      to.all[group] += counts.all[group];
      to.failed[group] += counts.failed[group];
    }
  }
  width_ *= factor;
  intervals_ = std::move(wider);
  last_ = nullptr;
}

}  // namespace audit
