#include "check.h"
#include "interpret_support.h"

using interpret_support::EventOf;
using interpret_support::Line;

namespace {

std::vector<std::string> ThreeRecords() {
  return {Line("SYSCALL", "arch=c000003e syscall=257 uid=0 gid=1 key=\"k\""), Line("PATH", "item=0 name=\"/a\" ouid=0"),
          Line("PATH", "item=1 name=\"/b\" ouid=1001")};
}

std::string RealPath(std::string_view name) {
  EventOf event({Line("CWD", "cwd=\"/home/u\""), Line("PATH", "item=0 name=\"" + std::string(name) + "\"")});
  event->FindField("name");
  return std::string(event->InterpretRealPath());
}

}  // namespace

TEST("Movement stays within an event, past the end nothing is there") {
  EventOf event(ThreeRecords());
  EQUAL(event->record_count(), 3);
  EQUAL(event->type(), 1300);
  OK(event->GotoField(3));
  OK(event->NextRecord());
  EQUAL(event->field_number(), 0);
  OK(event->NextField());
  OK(event->NextRecord());
  OK(!event->NextRecord());
  OK(!event->HasRecord());
  EQUAL(event->type(), 0);
  OK(event->field_name().empty());
  OK(!event->NextRecord());
  OK(event->GotoRecord(1));
  EQUAL(event->field_number(), 0);  // its own field cursor went to the start
  OK(!event->GotoRecord(7));
  EQUAL(event->record_number(), 1);
  OK(event->FirstRecord());
  EQUAL(event->field_number(), 0);
}

TEST("A search goes forward through the records and ends past the last one") {
  EventOf event(ThreeRecords());
  OK(event->FindField("name"));
  EQUAL(event->record_number(), 1);
  EQUAL(event->field_value(), "\"/a\"");
  OK(event->FindField("name"));  // where it stands
  EQUAL(event->record_number(), 1);
  OK(event->FindNext("name"));
  EQUAL(event->record_number(), 2);
  OK(!event->FindField("uid"));  // never backwards
  OK(!event->HasRecord());
}

TEST("From a record's last field nothing is searched") {
  EventOf event(ThreeRecords());
  OK(event->GotoField(event->field_count() - 1));
  OK(!event->FindField("name"));
  OK(event->HasRecord());
  EQUAL(event->field_name(), "key");
}

TEST("What was said first about a field is said again") {
  EventOf event({Line("CWD", "cwd=\"/home/u\""), Line("PATH", "item=0 name=\"x\"")});
  event->FindField("name");
  EQUAL(event->Interpret(), "x");
  EQUAL(event->InterpretRealPath(), "x");
  EQUAL(RealPath("x"), "/home/u/x");
}

TEST("A failed movement takes the enrichment away until the next one") {
  EventOf event({Line("SYSCALL", "uid=1001 gid=5") + "\x1DUID=\"enriched\" GID=\"enriched\""});
  OK(!event->GotoRecord(3));
  event->FindField("uid");
  EQUAL(event->Interpret(), "alice");
  event->FirstRecord();
  event->FindField("gid");
  EQUAL(event->Interpret(), "enriched");
}

TEST("Real paths are those of the C library, dots and all") {
  EQUAL(RealPath("../x"), "/home/x");
  EQUAL(RealPath("../../x"), "/home/x");
  EQUAL(RealPath(".."), "/home/u");
  EQUAL(RealPath("a/../../b"), "/home/u/b");
  EQUAL(RealPath("x/"), "/home/u/x/");
  EQUAL(RealPath("/a/../b"), "/b");
  EQUAL(RealPath("/a/b/../../c"), "/a/c");
  EQUAL(RealPath("/a/b/.."), "/a/b");
  EQUAL(RealPath("/a/./b"), "/a/./b");
  EQUAL(RealPath("/x/../y/"), "/y");
}

TEST("An event without a working directory has plain paths") {
  EventOf event({Line("PATH", "item=0 name=\"../x\" inode=2")});
  event->FindField("name");
  EQUAL(event->InterpretRealPath(), "../x");
  event->FindField("inode");
  OK(event->InterpretRealPath().data() == nullptr);
}

TEST("A rule's number is known after the field that says it is one") {
  EventOf event({Line("FANOTIFY", "resp=1 fan_type=1 fan_info=3137")});
  event->FindField("fan_info");
  EventOf asked({Line("FANOTIFY", "resp=1 fan_type=1 fan_info=3137")});
  EQUAL(asked.Text("fan_type"), "rule_info");
  EQUAL(asked.Text("fan_info"), "12599");
  EQUAL(event->Interpret(), "3137");
}

TEST("A hook's name depends on the family behind it") {
  EventOf arp({Line("NETFILTER_PKT", "hook=1 family=3 x=1")});
  EQUAL(arp.Text("hook"), "OUTPUT");
  EventOf inet({Line("NETFILTER_PKT", "hook=1 family=2 x=1")});
  EQUAL(inet.Text("hook"), "INPUT");
}

TEST("Of several families the next one counts") {
  EventOf event({Line("NETFILTER_PKT", "hook=1 hook=1 family=3 hook=1 hook=1 family=2 hook=1 x=1")});
  EQUAL(event->InterpretAt(0, 1), "OUTPUT");
  EQUAL(event->InterpretAt(0, 2), "OUTPUT");
  EQUAL(event->InterpretAt(0, 4), "INPUT");
  EQUAL(event->InterpretAt(0, 5), "INPUT");
  EQUAL(event->InterpretAt(0, 7), "INPUT");
}

TEST("A cursor is used for one event after the other") {
  EventOf event(ThreeRecords());
  event->FindField("name");
  event->Interpret();
  audit::Record record;
  const std::string line = Line("USER", "pid=1 name=\"" + std::string(40000, 'n') + "\"");
  audit::ParseHeader(line, audit::HeaderRules::kLibrary, &record);
  audit::Event other;
  other.records = &record;
  other.count = 1;
  event->Reset(other);
  OK(event->FindField("name"));
  EQUAL(event->Interpret().size(), 40000);
  event->Clear();
  OK(!event->HasRecord());
  OK(!event->FirstRecord());
}
