// What the page counts: top values, the timeline, what may be missing.
#include <initializer_list>
#include <string>
#include <vector>

#include "check.h"
#include "native/report/continuity.h"
#include "native/report/timeline.h"
#include "native/report/top_values.h"

namespace {

audit::Record RecordOf(int32_t type, int64_t seconds, uint32_t serial) {
  audit::Record record;
  record.text = "type=X msg=audit(1.000:1): op=start res=success";
  record.body = 27;
  record.type = type;
  record.stamp = {seconds, serial, 0};
  return record;
}

void See(audit::Continuity* continuity, int32_t type, int64_t seconds, uint32_t serial, std::string_view node = {}) {
  const audit::Record record = RecordOf(type, seconds, serial);
  audit::Event event;
  event.stamp = record.stamp;
  event.records = &record;
  event.count = 1;
  event.has_node = !node.empty();
  event.node = node;
  continuity->See(event);
}

constexpr int32_t kSyscall = 1300;
constexpr int32_t kDaemonStart = 1200;
constexpr int32_t kKernel = 2000;

}  // namespace

TEST("The most frequent values come first, with failures and times; an event counts once") {
  audit::TopValues values;
  values.Add("b", false, 20, 1);
  values.Add("a", true, 30, 2);
  values.Add("a", false, 10, 3);
  values.Add("a", true, 40, 3);
  const auto top = values.Top(10);
  EQUAL(top.size(), 2u);
  EQUAL(top[0].text, "a");
  EQUAL(top[0].count, 2u);
  EQUAL(top[0].failed, 1u);
  EQUAL(top[0].first, 10);
  EQUAL(top[0].last, 30);
  EQUAL(values.Top(1).size(), 1u);
  OK(!values.IsCut());
}

TEST("A full list keeps what is frequent, and says by how much a count may be short") {
  audit::TopValues values(100, 1 << 20);
  for (int round = 0; round < 2000; round++) {
    values.Add("often", false, round, static_cast<uint64_t>(round) + 1);
    values.Add("rare " + std::to_string(round), false, round, static_cast<uint64_t>(round) + 1);
  }
  OK(values.IsCut());
  const auto top = values.Top(1);
  EQUAL(top[0].text, "often");
  OK(top[0].count + values.MostMissing() >= 2000);
  OK(values.Different() >= 100);
}

TEST("Long values are bounded by their bytes") {
  audit::TopValues values(1000, 64 * 1024);
  for (int round = 0; round < 100; round++) values.Add(std::string(8192, 'a') + std::to_string(round), false, 0, 1);
  OK(values.IsCut());
  size_t bytes = 0;
  for (const auto& value : values.Top(1000)) bytes += value.text.size();
  OK(bytes <= 64 * 1024);
}

TEST("A value longer than a list may be is counted as forgotten") {
  audit::TopValues values(10, 16);
  values.Add(std::string(100, 'x'), false, 0, 2);
  EQUAL(values.Top(10).size(), 0u);
  EQUAL(values.MostMissing(), 1u);
}

TEST("Intervals grow so that there are never too many, and no event is lost by it") {
  audit::Timeline timeline(16);
  for (int64_t second = -100; second < 4000; second++) timeline.Add(second, audit::EventGroup::kLogin, second % 2 == 0);
  const auto intervals = timeline.Intervals();
  OK(intervals.size() <= 16);
  EQUAL(timeline.Width(), 300);
  EQUAL(intervals[0].start, -300);
  uint64_t all = 0;
  uint64_t failed = 0;
  for (const auto& interval : intervals) {
    all += interval.counts.all[static_cast<size_t>(audit::EventGroup::kLogin)];
    failed += interval.counts.failed[static_cast<size_t>(audit::EventGroup::kLogin)];
  }
  EQUAL(all, 4100u);
  EQUAL(failed, 2050u);
}

TEST("One wrong clock does not cost the rest its resolution") {
  audit::Timeline timeline;
  timeline.Add(0, audit::EventGroup::kOther, false);
  for (int64_t second = 0; second < 1000; second++) {
    timeline.Add(1700000000 + second, audit::EventGroup::kSyscall, false);
  }
  timeline.Add(INT64_MAX, audit::EventGroup::kOther, false);
  timeline.Add(INT64_MIN, audit::EventGroup::kOther, false);
  EQUAL(timeline.Width(), 1);
}

TEST("Events far apart end with the widest intervals") {
  audit::Timeline timeline(2);
  for (const int64_t second : {INT64_MIN, int64_t{-1}, int64_t{0}, int64_t{1} << 40, INT64_MAX}) {
    timeline.Add(second, audit::EventGroup::kOther, false);
  }
  OK(timeline.Intervals().size() <= 2);
}

TEST("Missing serials are found between those that are there, out of order or not") {
  audit::Continuity continuity;
  for (const uint32_t serial : {10u, 12u, 11u, 15u, 16u, 14u, 20u}) See(&continuity, kSyscall, 1000 + serial, serial);
  continuity.Finish();
  EQUAL(continuity.MissingSerials(), 4u);
  EQUAL(continuity.MissingRuns(), 2u);
  EQUAL(continuity.MissingList()[0].first, 13u);
  EQUAL(continuity.MissingList()[0].last, 13u);
  EQUAL(continuity.MissingList()[1].first, 17u);
  EQUAL(continuity.MissingList()[1].last, 19u);
  EQUAL(continuity.MissingList()[1].after, 1016);
  EQUAL(continuity.MissingList()[1].before, 1020);
}

TEST("A jump of more serials than are remembered is one run") {
  audit::Continuity continuity;
  See(&continuity, kSyscall, 1, 1);
  See(&continuity, kSyscall, 2, 4000000000);
  See(&continuity, kSyscall, 2, 4000000001);
  continuity.Finish();
  EQUAL(continuity.MissingRuns(), 1u);
  EQUAL(continuity.MissingSerials(), 3999999998u);
}

TEST("A machine that started anew, another machine and a daemon have counts of their own") {
  audit::Continuity continuity;
  See(&continuity, kSyscall, 100, 50000);
  See(&continuity, kSyscall, 101, 3);
  See(&continuity, kSyscall, 102, 4);
  See(&continuity, kSyscall, 102, 700, "other");
  See(&continuity, kDaemonStart, 103, 9000);
  See(&continuity, kKernel, 104, 40);
  See(&continuity, kSyscall, 105, 41);
  continuity.Finish();
  EQUAL(continuity.MissingSerials(), 0u);
  EQUAL(continuity.DaemonEventCount(), 1u);
  EQUAL(continuity.DaemonEvents()[0].text, "op=start res=success");
}

TEST("The longest silences are kept, and a clock that went back is told") {
  audit::Continuity continuity;
  int64_t now = 1000;
  for (int round = 0; round < 40; round++) {
    See(&continuity, kSyscall, now, 1);
    now += 300 + round;
  }
  See(&continuity, kSyscall, 500, 1);
  continuity.Finish();
  EQUAL(continuity.Silences().size(), audit::Continuity::kMostSilences);
  for (const auto& silence : continuity.Silences()) OK(silence.to - silence.from >= 318);
  EQUAL(continuity.BackStepCount(), 1u);
  EQUAL(continuity.BackSteps()[0].to, 500);
}

TEST("Times at both ends of what a number holds are no trouble") {
  audit::Continuity continuity;
  See(&continuity, kSyscall, INT64_MIN, 1);
  See(&continuity, kSyscall, INT64_MAX, 2);
  See(&continuity, kSyscall, INT64_MIN, 3);
  continuity.Finish();
  EQUAL(continuity.BackStepCount(), 1u);
}

TEST("An event is about what a system call led to, wherever that record stands") {
  const auto group_of = [](std::initializer_list<int32_t> types) {
    std::vector<audit::Record> records;
    for (const int32_t type : types) records.push_back(RecordOf(type, 1, 1));
    audit::Event event;
    event.records = records.data();
    event.count = records.size();
    return audit::GroupOf(event);
  };
  OK(group_of({1300, 1307, 1302, 1327}) == audit::EventGroup::kSyscall);
  OK(group_of({1300, 1400, 1327}) == audit::EventGroup::kDenial);
  OK(group_of({1305, 1300}) == audit::EventGroup::kConfiguration);
  OK(group_of({1302}) == audit::EventGroup::kSyscall);
  OK(group_of({}) == audit::EventGroup::kSyscall);
  OK(audit::IsPartOfSyscall(1302));
  for (const int32_t type : {1300, 1336, 1305, 1112, 1326}) OK(!audit::IsPartOfSyscall(type));
}
