#include <cstdlib>
#include <ctime>

#include "check.h"
#include "interpret_support.h"
#include "native/interpret/record_printer.h"

using interpret_support::Line;

namespace {

std::string Print(const std::string& line, audit::EscapeMode mode = audit::EscapeMode::kTty) {
  setenv("TZ", "UTC", 1);
  tzset();
  interpret_support::InterpretNames names;
  audit::InterpreterOptions options;
  options.escape = mode;
  audit::Interpreter interpreter(names, options);
  audit::LogTime time;
  audit::RecordPrinter printer(interpreter, time);
  audit::Record record;
  audit::ParseHeader(line, audit::HeaderRules::kTool, &record);
  std::string out;
  printer.Append(record, &out);
  return out;
}

// What stands behind the head.
std::string Body(std::string_view type, std::string_view body) {
  const std::string all = Print(Line(type, body));
  return all.substr(all.find(") : ") + 4);
}

}  // namespace

TEST("A record prints with its time and words, quotes protect blanks") {
  EQUAL(Print("node=h " + Line("USER_LOGIN", "pid=1 uid=0 auid=1001 msg='op=login exe=\"/a b\" res=success'")),
        "node=h type=USER_LOGIN msg=audit(11/14/23 22:13:20.123:45) : pid=1 uid=root auid=alice msg='op=login exe=/a b "
        "res=success' \n");
  EQUAL(Print(Line("UNKNOWN[1999]", "a=1")), "type=UNKNOWN[1999] msg=audit(11/14/23 22:13:20.123:45) : a=1 \n");
  EQUAL(Print(Line("1300", "a=1")), "type=SYSCALL msg=audit(11/14/23 22:13:20.123:45) : a=1 \n");
}

TEST("The call's machine and number are found by name") {
  EQUAL(Body("SECCOMP", "auid=0 arch=c000003e syscall=2 a1=0"), "auid=root arch=x86_64 syscall=open a1=O_RDONLY \n");
  EQUAL(Body("URINGOP", "uring_op=18 success=yes"), "uring_op=openat success=yes \n");
}

TEST("Commas end values, words behind the last one are left out") {
  EQUAL(Body("USER", "uid=0, addr=?, x=1"), "uid=root  addr=?  x=1 \n");
  EQUAL(Body("USER", "foo=1 bar"), "foo=1 \n");
  EQUAL(Body("USER", "foo=a,bar"), "foo=a,bar\n\n");
  EQUAL(Body("USER", "nothing here"), "nothing here\n\n");
  EQUAL(Body("USER", "foo=\"a b\"x bar=2"), "foo=\"a b\"  bar=2 \n");
  EQUAL(Body("USER", "subj=a,b,c foo=1"), "subj=a,b,c foo=1 \n");
}

TEST("Several keys print as several, tty data without a blank behind it") {
  EQUAL(Body("SYSCALL", "key=6B31016B32 x=1"), "key=k1 key=k2 x=1 \n");
  EQUAL(Body("TTY", "data=6C73 x=1"), "data=\"ls\"x=1 \n");
}

TEST("Control bytes reach no terminal, but as asked for") {
  EQUAL(Body("USER", "foo=a\033[2Jb comm=1B5B324A"), "foo=a\\033[2Jb comm=\\033[2J \n");
  const std::string raw = Print(Line("USER", "foo=\033x"), audit::EscapeMode::kRaw);
  OK(raw.find('\033') != std::string::npos);
}
