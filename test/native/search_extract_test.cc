#include <string>

#include "check.h"
#include "native/search/extract.h"
#include "search_support.h"

using namespace audit;

namespace {

constexpr uint32_t kEverything = ~0u;

// Runs the extraction and keeps what it found; the code of the malformation, 0 for a good event.
struct Extracted {
  Extracted(const EventUnderTest& source, uint32_t wanted) : extractor(wanted) {
    if (!extractor.Extract(source.event())) code = extractor.malformation().code;
  }
  Extracted(int type, std::string_view body, uint32_t wanted) : extractor(wanted) {
    source.Add(type, body);
    if (!extractor.Extract(source.event())) code = extractor.malformation().code;
  }
  const EventFields* operator->() const { return &extractor.fields(); }

  EventUnderTest source;
  Extractor extractor;
  int code = 0;
};

std::string Without(std::string_view body, std::string_view field) {
  const size_t at = body.find(field);
  const size_t end = body.find(' ', at + 1);
  std::string rest(body.substr(0, at));
  if (end != std::string_view::npos) rest += body.substr(end + 1);
  return rest;
}

}  // namespace

TEST("A system call's fields are found in their order") {
  const Extracted found(kSyscallType, kSyscallBody, kEverything);
  EQUAL(found.code, 0);
  EQUAL(found->arch.value_or(0), 0xc000003eu);
  EQUAL(found->syscall, 2);
  OK(found->success == Success::kNo);
  EQUAL(found->exit.value_or(0), -2);
  EQUAL(found->ppid.value_or(0), 10);
  EQUAL(found->pid.value_or(0), 300);
  EQUAL(found->auid.value_or(0), 1001u);
  EQUAL(found->uid.value_or(0), 5u);
  EQUAL(found->gid.value_or(0), 6u);
  EQUAL(found->euid.value_or(0), 7u);
  EQUAL(found->egid.value_or(0), 11u);
  EQUAL(found->terminal, "pts0");
  EQUAL(found->session.value_or(0), 3u);
  EQUAL(found->comm, "tool");
  EQUAL(found->exe, "/usr/bin/tool");
  EQUAL(found->contexts.at(0).subject, "sub:a");
  EQUAL(found->keys.at(0), "k1");
}

TEST("What is not wanted may be missing") {
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, "pid=300"), kWantComm).code, 0);
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, " pid=300"), kWantPid).code, 16);
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, "exit=-2"), kWantExit).code, 8);
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, "comm="), kWantComm).code, 38);
}

TEST("A system call without its number or its first arguments is malformed whatever is wanted") {
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, "syscall="), 0).code, 4);
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, "a0="), 0).code, 11);
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, "a1="), 0).code, 11);
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, "arch="), 0).code, 0);
  EQUAL(Extracted(kSyscallType, Without(kSyscallBody, "arch="), kWantArch).code, 1);
}

TEST("The uid of a system call is not the end of its auid") {
  const Extracted found(kSyscallType, "arch=1 syscall=2 a0=0 a1=0 pid=3 auid=1001 uid=5 gid=6 ", kWantUid);
  EQUAL(found->uid.value_or(0), 5u);
}

TEST("Several keys of one rule stand hexadecimal in one value") {
  const Extracted found(kSyscallType, "syscall=2 a0=0 a1=0 key=6B31016B32", kWantKey);
  EQUAL(found->keys.size(), 2u);
  EQUAL(found->keys.at(0), "k1");
  EQUAL(found->keys.at(1), "k2");
  EQUAL(Extracted(kSyscallType, "syscall=2 a0=0 a1=0 key=(null)", kWantKey)->keys.at(0), "(null)");
  EQUAL(Extracted(kSyscallType, "syscall=2 a0=0 a1=0 key=\"k", kWantKey).code, 44);
  EQUAL(Extracted(kSyscallType, "syscall=2 a0=0 a1=0 key=k1", kWantKey).code, 45);
}

TEST("Names that start with dots stand below the working directory that came before them") {
  EventUnderTest event;
  event.Add(1302, "item=0 name=\"./early\" nametype=NORMAL");
  event.Add(1307, "cwd=2F746D70");
  event.Add(1302, "item=1 name=\"../late\" nametype=PARENT");
  event.Add(1302, "item=2 name=2F6574 nametype=NORMAL cap_fp=0");
  event.Add(1302, "item=3 name=(null) inode=1");
  const Extracted found(event, kWantFile);
  EQUAL(found->cwd, "/tmp");
  EQUAL(found->files.at(0).name, "./early");
  EQUAL(found->files.at(1).name, "/tmp/../late");
  EQUAL(found->files.at(1).kind, "PARENT");
  EQUAL(found->files.at(2).name, "/et");
  EQUAL(found->files.at(3).name, "(null)");
  OK(!IsPresent(found->files.at(3).kind));
}

TEST("A name that is neither quoted nor hexadecimal makes its event malformed") {
  EQUAL(Extracted(1302, "item=0 name=xyz inode=1", kWantFile).code, 4);
  EQUAL(Extracted(1302, "item=0 name=\"/x inode=1", kWantFile).code, 2);
  EQUAL(Extracted(1302, "item=0 name=2F78", kWantFile).code, 5);
}

TEST("A user message's own uid replaces the sender's") {
  constexpr std::string_view kAlone =
      "pid=5 uid=0 auid=1 ses=3 msg='op=x acct=\"a\" exe=\"x\" hostname=h addr=? "
      "terminal=t res=success'";
  EQUAL(Extracted(1100, kAlone, kWantUid)->uid.value_or(9), 0u);
  EQUAL(Extracted(1100, "pid=5 uid=0 auid=1 msg='op=x uid=77 exe=\"x\"'", kWantUid)->uid.value_or(9), 77u);
  EQUAL(Extracted(1100, "pid=5 uid=0 auid=1 msg='uid=77 exe=\"x\"'", kWantUid)->uid.value_or(9), 77u);
  EQUAL(Extracted(1100, "pid=5 uid=0 auid=1 msg='op=x sauid=77 x'", kWantUid)->uid.value_or(9), 0u);
}

TEST("A host name runs on to a comma wherever that is, and an unknown one is replaced by the address") {
  const std::string head = "pid=5 uid=0 auid=1 ses=3 msg='op=x exe=\"x\" ";
  EQUAL(Extracted(1100, head + "hostname=h addr=1,2 terminal=t'", kWantHost)->host, "h addr=1");
  EQUAL(Extracted(1100, head + "hostname=h addr=1 terminal=t'", kWantHost)->host, "h");
  EQUAL(Extracted(1100, head + "hostname=? addr=1.2.3.4 terminal=t'", kWantHost)->host, "1.2.3.4");
  EQUAL(Extracted(1100, head + "hostname=h'", kWantHost).code, 17);
}

TEST("The result of a user message ends at a quote, or in old records at a parenthesis") {
  const std::string head = "pid=5 uid=0 auid=1 msg='op=x ";
  OK(Extracted(1100, head + "res=success'", kWantSuccess)->success == Success::kYes);
  OK(Extracted(1100, head + "res=failed'", kWantSuccess)->success == Success::kNo);
  OK(Extracted(1100, head + "result=Success)'", kWantSuccess)->success == Success::kYes);
  OK(Extracted(1100, head + "'", kWantSuccess)->success == Success::kUnset);
  EQUAL(Extracted(1100, head + "res=success", kWantSuccess).code, 21);
}

TEST("A login says old and new in two ways") {
  constexpr std::string_view kOld = "login pid=1 uid=3 old auid=4294967295 new auid=5 old ses=9 new ses=6";
  constexpr std::string_view kNew = "pid=1 uid=3 old-auid=4294967295 auid=5 tty=(none) old-ses=9 ses=6 res=0";
  for (const std::string_view body : {kOld, kNew}) {
    const Extracted found(1006, body, kWantAuid | kWantSession | kWantSuccess);
    EQUAL(found.code, 0);
    EQUAL(found->auid.value_or(0), 5u);
    EQUAL(found->session.value_or(0), 6u);
    OK(found->success == (body == kOld ? Success::kYes : Success::kNo));
  }
  EQUAL(Extracted(1006, "pid=1 uid=3 x", kWantAuid).code, 7);
}

TEST("An AVC record needs its class, and says how it went only when nothing else has") {
  constexpr std::string_view kDenied =
      "avc:  denied  { read write } for  pid=11 comm=\"httpd\" name=\"n\" "
      "scontext=s:a tcontext=t:b tclass=file permissive=0";
  EventUnderTest event;
  event.Add(1400, kDenied);
  const Extracted found(event, kEverything);
  EQUAL(found.code, 0);
  OK(found->success == Success::kNo);
  EQUAL(found->comm, "httpd");
  EQUAL(found->contexts.at(0).permissions, "read write");
  EQUAL(found->contexts.at(0).subject, "s:a");
  EQUAL(found->contexts.at(0).object, "t:b");
  EQUAL(found->contexts.at(0).object_class, "file");
  EQUAL(Extracted(1400, "apparmor=\"DENIED\" operation=\"open\" pid=13 comm=\"cupsd\"", 0).code, 9);

  EventUnderTest with_call;
  with_call.Add(kSyscallType, "syscall=2 success=yes exit=0 a0=0 a1=0 ");
  with_call.Add(1400, kDenied);
  const Extracted second(with_call, kWantSuccess);
  OK(second->success == Success::kYes);
  OK(second->contexts.at(0).result == Success::kUnset);
}

TEST("Of a daemon's AVC message the sender's context counts, and what it leaves out late is forgiven") {
  const std::string head =
      "pid=5 uid=0 auid=1 ses=3 subj=u:s msg='avc:  denied  { send_msg } for scontext=s:a "
      "tcontext=t:b tclass=dbus ";
  const Extracted found(1107, head + "exe=\"/x\" sauid=81 hostname=? addr=? terminal=? '", kEverything & ~kWantGid);
  EQUAL(found.code, 0);
  EQUAL(found->contexts.at(0).object, "t:b");
  EQUAL(found->contexts.at(0).subject, "u:s");
  EQUAL(Extracted(1107, head + "exe=\"/x", kWantExe).code, 0);
  EQUAL(Extracted(1107, head + "exe=\"/x\" terminal=?'", kWantTerminal).code, 19);
}

TEST("In SECCOMP records the uid is read from auid, unless that is wanted too") {
  constexpr std::string_view kBody =
      "auid=1001 uid=5 gid=6 ses=3 pid=80 comm=\"c\" exe=\"/c\" sig=31 arch=c000003e "
      "syscall=2 compat=0 ip=0x7f00 code=0x0";
  EQUAL(Extracted(1326, kBody, kWantUid)->uid.value_or(0), 1001u);
  EQUAL(Extracted(1326, kBody, kWantUid | kWantAuid)->uid.value_or(0), 5u);
  EQUAL(Extracted(1326, kBody, kWantArch)->syscall, 2);
  EQUAL(Extracted(1326, "auid=1 pid=80 arch=c000003e compat=0 ", 0).code, 17);
}

TEST("In terminal and integrity records the uid is always 0") {
  EQUAL(Extracted(1319, "tty pid=97 uid=5 auid=1 ses=3 comm=\"b\" data=00", kWantUid)->uid.value_or(9), 0u);
  EQUAL(Extracted(1800, "pid=97 uid=5 auid=1 ses=3 res=0", kWantUid)->uid.value_or(9), 0u);
}

TEST("What listeners leave out has a value all the same") {
  const Extracted found(1325, "table=filter family=2 entries=4 pid=70 subj=s comm=\"iptables\"",
                        kEverything & ~kWantSubject);
  EQUAL(found.code, 0);
  EQUAL(found->pid.value_or(0), 70);
  EQUAL(found->uid.value_or(9), 0u);
  EQUAL(found->auid.value_or(0), 4294967295u);
  EQUAL(found->session.value_or(0), 4294967295u);
  EQUAL(found->terminal, "(none)");
  EQUAL(found->exe, "(null)");
  EQUAL(Extracted(1325, "table=filter family=2 entries=0", kWantPid).code, 54);
}

TEST("Socket addresses give hosts and files") {
  EQUAL(Extracted(1306, "saddr=0200115C7F0000010000000000000000", kWantHost)->host, "127.0.0.1");
  EQUAL(Extracted(1306, "saddr=0A00115C000000000000000000000000000000000000000100000000", kWantHost)->host, "::1");
  EQUAL(Extracted(1306, "saddr=01002F746D702F7800", kWantFile)->files.at(0).name, "/tmp/x");
  EQUAL(Extracted(1306, "saddr=0100002F746D70", kWantFile)->files.at(0).name, "/tmp");
  EQUAL(Extracted(1306, "saddr=0200115C7F000001", kWantHost).code, 1);
  EQUAL(Extracted(1306, "saddr=01", kWantHost).code, 4);
  EQUAL(Extracted(1306, "saddr=0", kWantHost).code, 3);
  // A socket without a name has no file, and one with a scope says it.
  EQUAL(Extracted(1306, "saddr=0100", kWantFile).code, 0);
  EQUAL(Extracted(1306, "saddr=0100", kWantFile)->files.size(), 0u);
  EQUAL(Extracted(1306, "saddr=0A00115C0000000020010DB800000000000000000000000107000000", kWantHost)->host,
        "2001:db8::1%7");
}

TEST("In a user message neither host, program nor terminal decides where the result is looked for") {
  const Extracted found(1138,
                        "pid=1 uid=0 auid=0 ses=1 msg='gpg_res=0 exe=\"/x\" hostname=? addr=? terminal=? res=failed'",
                        kWantSuccess | kWantExe | kWantHost | kWantTerminal);
  EQUAL(found.code, 0);
  OK(found->success == Success::kYes);  // of gpg_res, which comes first
  const Extracted doubled(1005, "pid=1 uid=0 auid=0 msg='hostname=h1 addr=1.2.3.4 exe=\"/x\" hostname=? res=success'",
                          kWantExe | kWantHost);
  EQUAL(doubled->host, "h1");
}

TEST("What a daemon leaves out, or writes in another order, is found all the same") {
  const Extracted end(1201, "op=terminate auid=0 uid=7 ses=1 pid=5 res=success", kWantAuid | kWantPid | kWantDaemonUid);
  EQUAL(end->uid.value_or(0), 7u);
  EQUAL(Extracted(1207, "addr=10.0.0.5:60 port=60 res=success", kWantAuid | kWantPid).code, 0);
}

TEST("A broken (null) is no key, and unquoted text that is no hexadecimal is no name") {
  EQUAL(Extracted(kSyscallType, "syscall=2 a0=0 a1=0 key=(nu ll)", kWantKey).code, 45);
  const Extracted found(kSyscallType, "syscall=2 a0=0 a1=0 comm=tool\" exe=\"/x\" ", kWantComm);
  EQUAL(IsPresent(found->comm), false);
}

TEST("One hexadecimal digit is no text; a last one of several counts as the upper half of a byte") {
  const Extracted found(kSyscallType, "syscall=2 a0=0 a1=0 comm=4 exe=4142434 ", kWantComm | kWantExe);
  EQUAL(IsPresent(found->comm), false);
  EQUAL(found->exe, "ABC@");
  EQUAL(Extracted(1302, "item=0 name=4 inode=1 nametype=NORMAL", kWantFile)->files.size(), 0u);
  EQUAL(IsPresent(Extracted(1112, "pid=1 uid=0 auid=0 ses=1 msg='op=login acct=4 exe=4 res=success'", kWantExe)->exe),
        false);
}

TEST("A malformed record ends its event: what comes after is not looked at") {
  EventUnderTest event;
  event.Add(1307, "cwd=\"/open");
  event.Add(1302, "item=0 name=\"/x\" inode=1");
  const Extracted found(event, kWantFile);
  EQUAL(found.code, 1);
  EQUAL(found.extractor.malformation().record, 0u);
  EQUAL(found->files.size(), 0u);
}

TEST("Types that nothing is known of are told from those that hold nothing to search for") {
  OK(Extractor::IsUnparsed(1320));
  OK(Extractor::IsUnparsed(1209));
  OK(Extractor::IsUnparsed(-1));
  OK(Extractor::IsUnparsed(3000));
  OK(!Extractor::IsUnparsed(1309));
  OK(!Extractor::IsUnparsed(1327));
  OK(!Extractor::IsUnparsed(2500));
}
