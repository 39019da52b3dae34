#include <string>

#include "check.h"
#include "native/search/checkpoint.h"
#include "native/search/matcher.h"
#include "search_support.h"

using namespace audit;

namespace {

class FixedNames final : public Names {
 public:
  std::string_view User(uint32_t uid) noexcept override { return uid == 1001 ? "alice" : ""; }
  std::string_view Group(uint32_t) noexcept override { return {}; }
  void Flush() noexcept override {}
};

EventUnderTest Call() {
  EventUnderTest event;
  event.Add(kSyscallType, kSyscallBody);
  event.Add(1307, "cwd=\"/home/alice\"");
  event.Add(1302, "item=0 name=\"../bob/x\" inode=1");
  return event;
}

bool Matches(const Criteria& criteria, const EventUnderTest& event = Call()) {
  FixedNames names;
  return Matcher(criteria, 0, names).Match(event.event()) == Verdict::kYes;
}

}  // namespace

TEST("Without criteria every event matches") { OK(Matches({})); }

TEST("All that is given must hold") {
  Criteria criteria;
  criteria.pid = 300;
  criteria.key = "k1";
  OK(Matches(criteria));
  criteria.exit = -3;
  OK(!Matches(criteria));
}

TEST("A text is part of the event's, or equal to it") {
  Criteria criteria;
  criteria.exe = "/bin/to";
  OK(Matches(criteria));
  criteria.whole_words = true;
  OK(!Matches(criteria));
  criteria.exe = "/usr/bin/tool";
  OK(Matches(criteria));
}

TEST("A file is any of the names, or else the working directory") {
  Criteria criteria;
  criteria.file = "/home/alice/../bob";
  OK(Matches(criteria));
  criteria.file = "alice";
  OK(Matches(criteria));
  criteria.file = "carol";
  OK(!Matches(criteria));
}

TEST("Of users one is enough, or all are needed") {
  Criteria criteria;
  criteria.uid = 5;
  criteria.euid = 99;
  OK(!Matches(criteria));
  criteria.users = Together::kAny;
  OK(Matches(criteria));
}

TEST("A user's name counts instead of all numbers") {
  Criteria criteria;
  criteria.uid = 99;
  criteria.auid_name = "alice";
  OK(Matches(criteria));
  criteria.auid_name = "root";
  OK(!Matches(criteria));
}

TEST("An event without a system call has call 0") {
  Criteria criteria;
  criteria.syscall = 0;
  EventUnderTest event;
  event.Add(1307, "cwd=\"/\"");
  OK(Matches(criteria, event));
  OK(!Matches(criteria));
}

TEST("A context is any of the event's; either of both, or both") {
  EventUnderTest event;
  event.Add(1400, "avc:  denied  { read } for  pid=1 scontext=s:a tcontext=t:b tclass=file");
  Criteria criteria;
  criteria.subject = "t:";
  OK(!Matches(criteria, event));
  criteria.object = "t:";
  OK(!Matches(criteria, event));
  criteria.either_context = true;
  OK(Matches(criteria, event));
}

TEST("An event that lacks what is asked for is malformed") {
  FixedNames names;
  Criteria criteria;
  criteria.exit = 0;
  Matcher matcher(criteria, 0, names);
  EventUnderTest event;
  event.Add(kSyscallType, "arch=1 syscall=2 a0=0 a1=0 pid=3 ");
  OK(matcher.Match(event.event()) == Verdict::kMalformed);
  EQUAL(matcher.malformation().code, 8);
}

TEST("A needle is in the line of every event that matches") {
  Criteria criteria;
  criteria.key = "rare";
  EQUAL(Needles(criteria).at(0), "rare");
  EQUAL(Needles(criteria).at(1), "72617265");
  criteria.key = "terribly";  // 746572726962 6C 79: a letter can be written large or small
  EQUAL(Needles(criteria).at(0), "terribly");
  EQUAL(Needles(criteria).at(1), "746572726962");
  criteria.key = "trap";  // 74726170: written as 7472617, the last digit counts as the upper half of a byte
  EQUAL(Needles(criteria).at(1), "7472617");
  criteria.key = "lonely";  // too little of it is sure
  EQUAL(Needles(criteria).size(), 0u);
  criteria.key = "nul";  // of "(null)", which no record needs to hold
  EQUAL(Needles(criteria).size(), 0u);
  criteria.key.reset();
  criteria.host = "10.0.0.1";  // logged as bytes
  EQUAL(Needles(criteria).size(), 0u);
  criteria.host.reset();
  criteria.file = "/etc/shadow";  // may be put together of a directory and a name
  EQUAL(Needles(criteria).at(0), "shadow");
}

TEST("Events up to that of a checkpoint were output before") {
  Checkpoint checkpoint;
  checkpoint.stamp = {1700000000, 7, 123};
  checkpoint.type = kSyscallType;
  CheckpointSeeker seeker(checkpoint);
  const EventUnderTest call = Call();
  Event event = call.event();
  Event before = event;
  before.stamp.serial = 6;
  OK(seeker.Pass(before, true) == Progress::kBefore);
  OK(seeker.Pass(event, true) == Progress::kBefore);
  OK(seeker.Pass(event, true) == Progress::kBehind);
}

TEST("An event long after a checkpoint's shows that the log is another one, if it matches") {
  Checkpoint checkpoint;
  checkpoint.stamp = {1700000000, 7, 123};
  CheckpointSeeker seeker(checkpoint);
  const EventUnderTest call = Call();
  Event late = call.event();
  late.stamp.seconds += 3;
  OK(seeker.Pass(late, false) == Progress::kBefore);
  OK(seeker.Pass(late, true) == Progress::kCorrupted);
  checkpoint.by_time = true;
  CheckpointSeeker by_time(checkpoint);
  OK(by_time.Pass(late, true) == Progress::kBehind);
}
