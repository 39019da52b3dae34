#include "check.h"
#include "interpret_support.h"

using audit::CallContext;
using audit::RecordFields;
using interpret_support::FieldsOf;
using interpret_support::Line;

namespace {

// Without the field `type`, which every line has.
std::string Body(std::string_view type, std::string_view body) {
  const std::string all = FieldsOf(Line(type, body));
  const size_t first = all.find('|');
  return first == std::string::npos ? "" : all.substr(first + 1);
}

}  // namespace

TEST("Words without an equals sign are no fields, quotes protect nothing") {
  EQUAL(Body("SYSCALL", "a=1 word b=2"), "a=1|b=2");
  EQUAL(Body("SYSCALL", "exe=\"/a b\" c=3"), "exe=\"/a|c=3");
  EQUAL(Body("SYSCALL", "a=  b=2   c=3 "), "b=2|c=3");
  EQUAL(FieldsOf("node=h type=USER msg=audit(1.0:1): a=1"), "node=h|type=USER|a=1");
}

TEST("A user message's words are fields of its record") {
  EQUAL(Body("USER_AUTH", "pid=1 msg='op=login acct=\"root\" (hostname=?, addr=?, res=success)'"),
        "pid=1|op=login|acct=\"root\"|hostname=?|addr=?|res=success");
  EQUAL(Body("USER", "msg=login acct=7465: msg='nothing' msg=about"), "msg=login|acct=7465");
}

TEST("One of each closing character goes, in order") {
  EQUAL(Body("USER", "x=v,:"), "x=v");
  EQUAL(Body("USER", "x=v:,"), "x=v:");
  EQUAL(Body("USER", "x=v))"), "x=v)");
  EQUAL(Body("USER", "x=(none) y=(null) z=(no)"), "x=(none)|y=(null)|z=(no");
  EQUAL(Body("USER", "x=: y=1"), "x=|y=1");
}

TEST("A key of several parts becomes several fields") {
  EQUAL(Body("SYSCALL", "key=6B657931016B657932"), "key=\"key1\"|key=\"key2\"");
  EQUAL(Body("SYSCALL", "key=\"plain\" key=(null)"), "key=\"plain\"|key=(null)");
  EQUAL(Body("SYSCALL", "key=612062016322"), "key=612062|key=6322");
  EQUAL(Body("SYSCALL", "key=0101 key=zz a=1"), "a=1");
  EQUAL(Body("SYSCALL", "key=61016201630164"), "key=\"a\"|key=\"b\"|key=\"c\"|key=\"d\"");
}

TEST("An AVC record's words are its result and permissions") {
  EQUAL(Body("AVC", "avc:  denied  { read write } for  pid=1"), "seresult=denied|seperms=read,write|pid=1");
  EQUAL(Body("USER_AVC", "pid=1 uid=0 msg='avc:  denied  { read } for'"), "pid=1|uid=0");
  RecordFields fields;
  fields.Split(Line("AVC", "avc: denied { " + std::string(300, 'x') + " } for pid=1"));
  OK(fields.is_cut());
  EQUAL(fields.count(), 2);
}

TEST("What a record says of its system call counts by position") {
  RecordFields fields;
  fields.Split(Line("SYSCALL", "arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=80000"));
  OK(fields.call().arch == CallContext::Arch::kKnown);
  EQUAL(fields.call().machine->name, "x86_64");
  EQUAL(fields.call().syscall, 257);
  EQUAL(fields.call().a0, 0xffffff9c);
  EQUAL(fields.call().a1, 0x7f);
  fields.Split("node=h " + Line("SYSCALL", "arch=c000003e syscall=257 success=yes exit=3 a0=1 a1=2"));
  EQUAL(fields.call().syscall, 257);
  EQUAL(fields.call().a1, 2);
  fields.Split(Line("SYSCALL", "arch=c000003e syscall=257 per=400000 success=yes exit=3 a0=1 a1=2"));
  EQUAL(fields.call().a0, 0);
  fields.Split(Line("USER", "x=1 arch=c000003e syscall=257"));
  OK(fields.call().arch == CallContext::Arch::kAbsent);
  EQUAL(fields.call().syscall, -1);
  fields.Split(Line("SYSCALL", "arch=fffffffffffffffff syscall=1"));
  OK(fields.call().arch == CallContext::Arch::kInvalid);
}

TEST("Machines that the reference build lacks have names when asked for") {
  const std::string line = Line("SYSCALL", "arch=c00000b7 syscall=1");
  if (audit::NativeMachine() == audit::MachineOfArch(0xC00000B7)) return;
  RecordFields reference;
  reference.Split(line);
  OK(reference.call().arch == CallContext::Arch::kUnknown);
  RecordFields all(audit::KnownMachines::kAll);
  all.Split(line);
  EQUAL(all.call().machine->name, "aarch64");
}

TEST("A zero byte ends a record") {
  EQUAL(FieldsOf(std::string("type=USER msg=audit(1.0:1): a=1 b=2\0c d=3", 40)), "type=USER|a=1|b=2");
}
