#include "page_report.h"

#include <cstdio>
#include <cstring>

#include "../interpret/record_fields.h"
#include "../tables/tables.h"

namespace audit {

namespace {

// Bars of a list: more than fit a screen are not looked at.
constexpr size_t kMostBars = 25;

// A JSON string that holds bytes: those that are no ASCII as the character of the same number.
void AppendBytes(std::string_view bytes, std::string* out) {
  *out += '"';
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7E || c == '"' || c == '\\') {
      char escape[8];
      out->append(escape, static_cast<size_t>(snprintf(escape, sizeof escape, "\\u%04x", byte)));
    } else {
      *out += c;
    }
  }
  *out += '"';
}

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  *out += std::to_string(number);
}

// Rows between brackets, with commas.
template <typename Rows, typename AppendRow>
void AppendRows(const Rows& rows, std::string* out, const AppendRow& append) {
  *out += '[';
  bool is_first = true;
  for (const auto& row : rows) {
    if (!is_first) *out += ',';
    is_first = false;
    *out += '[';
    append(row);
    *out += ']';
  }
  *out += ']';
}

template <typename Number>
std::string_view BytesOf(const Number& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

template <typename Number>
Number NumberOf(std::string_view bytes) {
  Number number{};
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

struct Call {
  uint32_t arch;
  int32_t number;
};
constexpr uint32_t kNoArch = UINT32_MAX;

constexpr uint32_t kAnyAnomaly = kHasUserAnomaly | kHasKernelAnomaly | kHasSeccomp | kHasIntegrity | kHasResponse;

}  // namespace

void PageReport::Add(const Event& event, uint32_t presence, const EventFields& fields, uint64_t, Output*) {
  const int64_t seconds = event.stamp.seconds;
  const bool has_failed = fields.success == Success::kNo;
  events_++;
  if (has_failed) failed_++;
  timeline_.Add(seconds, GroupOf(event), has_failed);
  const auto count = [&](TopValues* values, std::string_view text) { values->Add(text, has_failed, seconds, events_); };
  AddTypes(event, count);
  if (IsPresent(fields.exe)) count(&executables_, fields.exe);
  if (fields.auid.has_value()) count(&users_, BytesOf(*fields.auid));
  for (const FileName& file : fields.files) count(&files_, file.name);
  for (const Text key : fields.keys) {
    if (key != "(null)") count(&keys_, key);
  }
  if (fields.has_syscall) count(&syscalls_, BytesOf(Call{fields.arch.value_or(kNoArch), fields.syscall}));
  if ((presence & kHasUserLogin) != 0) count(&logins_, IsPresent(fields.host) ? fields.host : Text());
}

template <typename Count>
void PageReport::AddTypes(const Event& event, const Count& count) {
  uint32_t groups = 0;
  for (size_t index = 0; index < event.count; index++) {
    const Record& record = event.records[index];
    if (IsPartOfSyscall(record.type)) continue;
    count(&types_, record.type_name);
    if ((PresenceOf(record.type) & kAnyAnomaly) != 0) count(&anomalies_, record.type_name);
    if (RecordTypeName(record.type).empty()) continue;
    const auto group = static_cast<size_t>(GroupOf(record.type));
    group_types_[group].insert(record.type);
    groups |= 1u << group;
  }
  for (size_t group = 0; group < kEventGroups; group++) group_found_[group] += groups >> group & 1;
}

std::string_view PageReport::UserText(std::string_view key) {
  const auto id = NumberOf<uint32_t>(key);
  scratch_ = id == UINT32_MAX ? "-1" : std::to_string(id);
  scratch_ += ' ';
  if (id == UINT32_MAX) {
    scratch_ += "unset";
  } else {
    scratch_ += id == 0 ? std::string_view("root") : names_.User(id);
  }
  return scratch_;
}

bool PageReport::Finish(std::string* out) {
  continuity_.Finish();
  *out += "{\"events\":";
  AppendNumber(events_, out);
  *out += ",\"failed\":";
  AppendNumber(failed_, out);
  *out += ",\"width\":";
  AppendNumber(timeline_.Width(), out);
  *out += ",\"intervals\":";
  AppendRows(timeline_.Intervals(), out, [out](const Timeline::Interval& interval) {
    AppendNumber(interval.start, out);
    for (size_t group = 0; group < kEventGroups; group++) {
      if (interval.counts.all[group] == 0) continue;
      *out += ',';
      AppendNumber(group, out);
      *out += ',';
      AppendNumber(interval.counts.all[group], out);
      *out += ',';
      AppendNumber(interval.counts.failed[group], out);
    }
  });
  *out += ",\"groupTypes\":";
  AppendRows(group_types_, out, [out](const std::set<int32_t>& types) {
    for (const int32_t type : types) {
      if (type != *types.begin()) *out += ',';
      AppendBytes(RecordTypeName(type), out);
    }
  });
  *out += ",\"groupFound\":[";
  for (size_t group = 0; group < kEventGroups; group++) {
    if (group > 0) *out += ',';
    AppendNumber(group_found_[group], out);
  }
  *out += ']';
  AppendLists(out);
  AppendContinuity(out);
  *out += '}';
  return events_ > 0;
}

void PageReport::AppendLists(std::string* out) {
  const auto as_is = [](std::string_view text) { return text; };
  const auto user = [this](std::string_view key) { return UserText(key); };
  const auto call = [this](std::string_view key) -> std::string_view {
    const auto [arch, number] = NumberOf<Call>(key);
    const Machine* const machine = arch == kNoArch ? nullptr : KnownMachine(arch, KnownMachines::kAll);
    const std::string_view name = machine == nullptr ? std::string_view() : SyscallName(*machine, number);
    scratch_ = machine == nullptr ? std::string_view("?") : machine->name;
    scratch_ += ' ';
    scratch_ += std::to_string(number);
    scratch_ += ' ';
    scratch_ += name;
    return scratch_;
  };
  bool is_first = true;
  const auto list = [&](const char* name, const TopValues& values, const auto& text_of) {
    *out += is_first ? ",\"lists\":{\"" : ",\"";
    is_first = false;
    *out += name;
    *out += "\":{\"different\":";
    AppendNumber(values.Different(), out);
    *out += values.IsCut() ? ",\"isCut\":true" : ",\"isCut\":false";
    *out += ",\"mostMissing\":";
    AppendNumber(values.MostMissing(), out);
    *out += ",\"values\":";
    AppendRows(values.Top(kMostBars), out, [&](const TopValues::Value& value) {
      AppendBytes(text_of(value.text), out);
      for (const uint64_t count : {value.count, value.failed}) {
        *out += ',';
        AppendNumber(count, out);
      }
      for (const int64_t seconds : {value.first, value.last}) {
        *out += ',';
        AppendNumber(seconds, out);
      }
    });
    *out += '}';
  };
  list("executables", executables_, as_is);
  list("users", users_, user);
  list("files", files_, as_is);
  list("syscalls", syscalls_, call);
  list("keys", keys_, as_is);
  list("types", types_, as_is);
  list("logins", logins_, as_is);
  list("anomalies", anomalies_, as_is);
  *out += '}';
}

void PageReport::AppendContinuity(std::string* out) const {
  const auto pair = [out](const auto& span) {
    AppendNumber(span.from, out);
    *out += ',';
    AppendNumber(span.to, out);
  };
  *out += ",\"silences\":";
  AppendRows(continuity_.Silences(), out, pair);
  *out += ",\"backStepCount\":";
  AppendNumber(continuity_.BackStepCount(), out);
  *out += ",\"backSteps\":";
  AppendRows(continuity_.BackSteps(), out, pair);
  *out += ",\"missingSerials\":";
  AppendNumber(continuity_.MissingSerials(), out);
  *out += ",\"missingRuns\":";
  AppendNumber(continuity_.MissingRuns(), out);
  *out += continuity_.HasUnwatchedNodes() ? ",\"hasUnwatchedNodes\":true" : ",\"hasUnwatchedNodes\":false";
  *out += ",\"missing\":";
  AppendRows(continuity_.MissingList(), out, [out](const Continuity::Missing& missing) {
    AppendNumber(missing.first, out);
    *out += ',';
    AppendNumber(missing.last, out);
    *out += ',';
    AppendNumber(missing.after, out);
    *out += ',';
    AppendNumber(missing.before, out);
    *out += ',';
    AppendBytes(missing.node, out);
  });
  *out += ",\"daemonEventCount\":";
  AppendNumber(continuity_.DaemonEventCount(), out);
  *out += ",\"daemonEvents\":";
  AppendRows(continuity_.DaemonEvents(), out, [out](const Continuity::DaemonEvent& event) {
    AppendNumber(event.stamp.seconds, out);
    *out += ',';
    AppendBytes(RecordTypeName(event.type), out);
    *out += ',';
    AppendBytes(event.node, out);
    *out += ',';
    AppendBytes(event.text, out);
  });
}

}  // namespace audit
