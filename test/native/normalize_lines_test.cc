// The lines for people and spreadsheets. That they are those of the reference for every recorded log is shown by
// test/conformance/eventLines.conformance.ts; here stands what each rule is.
#include <cstdlib>

#include "check.h"
#include "native/normalize/library_events.h"
#include "native/normalize/type_meaning.h"
#include "native/tables/tables.h"
#include "normalize_support.h"

namespace {

// Times are printed for the zone of the machine.
const bool kUtc = [] {
  setenv("TZ", "UTC", 1);
  setenv("LC_ALL", "C", 1);
  return true;
}();

constexpr std::string_view kTime = "At 22:13:20 11/14/23 ";

std::string Sentence(const LoggedEvent& logged) {
  const std::string line = AsText(logged);
  return line.substr(0, kTime.size()) == kTime ? line.substr(kTime.size()) : line;
}

struct NumberedRow {
  int32_t number;
  std::string_view name;
  std::string_view action;
};
constexpr NumberedRow kActionRows[] = {
#include "native/normalize/tables/actions.inc"
};
struct NumberedType {
  int32_t number;
  std::string_view name;
};
constexpr NumberedType kTypeRows[] = {
#define AUDIT_RECORD_TYPE(number, name) {number, #name},
#include "native/normalize/tables/record_types.inc"
#undef AUDIT_RECORD_TYPE
};

}  // namespace

TEST("Types in the tables have the numbers they are known by, in order") {
  int32_t last = 0;
  for (const NumberedRow& row : kActionRows) {
    // The only one that readers do not know by name.
    if (row.name != "DAEMON_RECONFIG") EQUAL(audit::RecordTypeName(row.number), row.name);
    EQUAL(audit::ActionOf(row.number), row.action);
    OK(row.number > last);
    last = row.number;
  }
  for (const NumberedType& row : kTypeRows) EQUAL(audit::RecordTypeName(row.number), row.name);
}

TEST("Kinds of events go by ranges of types, and what is in none is unknown") {
  EQUAL(audit::EventKindOf(1112), "user-login");
  EQUAL(audit::EventKindOf(1107), "mac-decision");
  EQUAL(audit::EventKindOf(1299), "audit-daemon");
  EQUAL(audit::EventKindOf(2109), "integrity");
  EQUAL(audit::EventKindOf(2599), "virt");
  EQUAL(audit::EventKindOf(1327), "unknown");
  EQUAL(audit::EventKindOf(-1), "unknown");
  EQUAL(audit::EventKindOf(INT32_MAX), "unknown");
}

TEST("A file that was opened has its full path") {
  LoggedEvent event;
  event.Syscall(2).Cwd("/home/u").Path("../v/file", "NORMAL");
  EQUAL(Sentence(event), "alice, acting as root, successfully opened-file /home/v/file using /usr/bin/tool\n");
}

TEST("A parent directory is the object only when records follow it") {
  LoggedEvent last, followed;
  last.Syscall(87).Cwd("/").Path("/etc", "PARENT");
  EQUAL(Sentence(last), "alice, acting as root, successfully deleted using /usr/bin/tool\n");
  followed.Syscall(87).Cwd("/").Path("/etc", "PARENT", "040755").Add("PROCTITLE", "proctitle=\"rm\"");
  EQUAL(Sentence(followed), "alice, acting as root, successfully deleted /etc using /usr/bin/tool\n");
}

TEST("Actions that begin with e say nothing of how") {
  LoggedEvent event;
  event.Syscall(59).Add("EXECVE", "argc=1 a0=\"ls\"").Cwd("/").Path("/bin/ls", "NORMAL");
  EQUAL(Sentence(event), "alice, acting as root, successfully executed /bin/ls \n");
}

TEST("An interpreter gives way to the script's name only when comm stands right before exe") {
  LoggedEvent before, away;
  before.Add("USER_CMD",
             "pid=1 uid=0 auid=1000 ses=1 msg='cmd=\"ls\" comm=\"job\" exe=\"/usr/bin/python3\" res=success'");
  away.Add("USER_CMD",
           "pid=1 uid=0 auid=1000 ses=1 msg='comm=\"job\" cmd=\"ls\" exe=\"/usr/bin/python3\" res=success'");
  EQUAL(Sentence(before), "alice, acting as root, successfully ran-command ls using job\n");
  EQUAL(Sentence(away), "alice, acting as root, successfully ran-command ls using /usr/bin/python3\n");
}

TEST("An auid before the uid of a user message is not found") {
  LoggedEvent event;
  event.Add("USER_START", "pid=1 auid=1000 uid=0 ses=1 msg='op=x terminal=ssh res=failed'");
  EQUAL(Sentence(event), " unsuccessfully started-session ssh \n");
}

TEST("Three processes that got a signal look like more") {
  LoggedEvent event;
  event.Syscall(62);
  for (const char* pid : {"5", "6", "7"}) event.Add("OBJ_PID", "opid=" + std::string(pid) + " oauid=0");
  EQUAL(Sentence(event), "alice, acting as root, successfully killed-list-of-pids (5,6,7,...) using /usr/bin/tool\n");
}

TEST("With a record before the call's, objects found by record number are others") {
  LoggedEvent event;
  event.Add("AVC", "avc:  denied  { name_connect } for  pid=2 comm=\"tool\" scontext=a tcontext=b tclass=c")
      .Syscall(42)
      .Add("SOCKADDR", "saddr=020000357F0000350000000000000000");
  EQUAL(AsCsv(event).lines,
        ",AVC,11/14/23,22:13:20,7,mac-decision,3,alice,root,privileged-acct,accessed-mac-policy-controlled-object,"
        "success,x86_64,,socket,/usr/bin/tool\n");
}

TEST("An event without a call is not understood and says so once") {
  LoggedEvent event;
  event.Cwd("/").Path("/x", "NORMAL");
  EQUAL(AsCsv(event).lines, ",CWD,11/14/23,22:13:20,7,,,,,,,,,,\n");
  EQUAL(AsCsv(event).errors, "error normalizing CWD\n");
  EQUAL(AsText(event), std::string(kTime) + " did-unknown \n");
  EQUAL(AsText(event, true), std::string(kTime) + " error on type:1307\ndid-unknown \n");
}

TEST("Records behind a final one are an event of their own, and EOE is none") {
  LoggedEvent event;
  event.Syscall(2)
      .Add("PROCTITLE", "proctitle=\"x\"")
      .Add("EOE", "")
      .Add("USER_END", "pid=1 uid=0 auid=1000 ses=1 msg='op=x terminal=ssh res=success'")
      .Add("USER_START", "pid=1 uid=0 auid=1000 ses=1 msg='op=x terminal=ssh res=success'");
  EQUAL(AsText(event), std::string(kTime) + "alice, acting as root, successfully opened-file using /usr/bin/tool\n" +
                           std::string(kTime) + "alice, acting as root, successfully ended-session ssh \n" +
                           std::string(kTime) + "alice, acting as root, successfully started-session ssh \n");
}

TEST("A node of no name is no record to the library") {
  LoggedEvent event;
  event.Line("node= type=USER msg=audit(1700000000.123:7): addr=1.1.1.1");
  EQUAL(AsText(event), "");
  LoggedEvent named;
  named.Line("node=h1 type=USER msg=audit(1700000000.123:7): addr=1.1.1.1");
  EQUAL(AsText(named), "On h1 at 22:13:20 11/14/23  sent-message 1.1.1.1 \n");
}

TEST("Names behind 0x1D do not count when a NUL ends them") {
  constexpr char kHead[] = "type=USER_AUTH msg=audit(1700000000.123:7): uid=0 auid=1000 ses=1 acct=\"x\" res=success";
  LoggedEvent whole, cut;
  whole.Line(std::string(kHead) +
             "\x1D"
             "AUID=\"bob\"");
  cut.Line(std::string(kHead) +
           "\x1D"
           "AUID=\"bob\"" +
           std::string(1, '\0') + "\"");
  EQUAL(Sentence(whole), "bob, acting as root, successfully authenticated x \n");
  EQUAL(Sentence(cut), "alice, acting as root, successfully authenticated x \n");
}

TEST("At time 0 types are all that is known") {
  LoggedEvent event;
  event.Line("type=USER_LOGIN msg=audit(0.000:7): pid=1 uid=0 auid=1000 ses=1 msg='id=1000 terminal=ssh res=success'");
  EQUAL(AsText(event), "At 00:00:00 01/01/70  logged-in \n");
}

TEST("A change of the configuration that names no operation is not understood") {
  LoggedEvent event;
  event.Add("CONFIG_CHANGE", "auid=1000 ses=3 key=\"k1\" list=4 res=1").Syscall(44);
  EQUAL(Sentence(event), "alice, acting as root, successfully did-unknown \n");
}

TEST("Times beyond every calendar leave their columns empty") {
  LoggedEvent event;
  event.Line("type=USER msg=audit(9000000000000000000.000:7): addr=1.1.1.1");
  EQUAL(AsCsv(event).lines, ",USER,,,7,unknown,,,,,sent-message,,1.1.1.1,,unknown,\n");
}
