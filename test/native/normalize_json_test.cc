// The JSON of events, and that no bytes make it anything but one line of JSON.
#include <cstdlib>
#include <random>

#include "check.h"
#include "json_reader.h"
#include "native/normalize/json_string.h"
#include "normalize_support.h"

namespace {

bool Holds(const std::string& line, std::string_view part) { return line.find(part) != std::string::npos; }

// What must hold for every line, whatever the records were.
void CheckLine(const std::string& line) {
  if (line.empty()) return;
  OK(line.back() == '\n');
  const std::string_view object(line.data(), line.size() - 1);
  std::string fault;
  if (!IsJson(object, &fault)) check::Fail(__FILE__, __LINE__, fault + " in " + check::Printable(line));
  for (const char c : object) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) check::Fail(__FILE__, __LINE__, "a control byte");
  }
  OK(audit::IsUtf8(line));
}

}  // namespace

TEST("An event is one object with its story, its arguments, its paths and its records") {
  LoggedEvent event;
  event.Syscall(59)
      .Add("EXECVE", "argc=3 a0=\"ls\" a1=2D2D78003D a2_len=8 a2[0]=6162 a2[1]=6364")
      .Cwd("/home/u")
      .Path("../bin/ls", "NORMAL")
      .Add("PROCTITLE", "proctitle=6C73002D6C")
      .Add("EOE", "");
  const std::string line = AsJson(event);
  CheckLine(line);
  OK(Holds(line, R"({"version":1,"id":"1700000000.123:7","time":"2023-11-14T22:13:20.123Z","serial":7,"node":null,)"));
  OK(Holds(line, R"("type":"SYSCALL","kind":"audit-rule","action":"executed","result":"success","session":"3",)"));
  OK(Holds(line, R"("subject":{"primary":"alice","secondary":"root","kind":"privileged-acct",)"));
  OK(Holds(line, R"("object":{"primary":"/home/bin/ls","secondary":"9","primary2":null,"kind":"file",)"));
  OK(Holds(line, R"("how":"/usr/bin/tool","keys":["k1"],"argv":["ls","--x\u0000=","abcd"],"proctitle":"ls -l",)"));
  OK(Holds(line, R"("cwd":"/home/u","paths":[{"name":"../bin/ls","path":"/home/bin/ls","nametype":"NORMAL",)"));
  OK(Holds(line, R"("auid":"1000")"));
  OK(Holds(line, R"("auid":"alice")"));
  OK(!Holds(line, "EOE"));
}

TEST("The address of a call is its object, whatever record comes first") {
  LoggedEvent event;
  event.Add("AVC", "avc:  denied  { name_connect } for  pid=2 comm=\"tool\" scontext=a tcontext=b tclass=c")
      .Syscall(42)
      .Add("SOCKADDR", "saddr=020000357F0000350000000000000000");
  const std::string line = AsJson(event);
  CheckLine(line);
  OK(Holds(line, R"("object":{"primary":"{ saddr_fam=inet laddr=127.0.0.53 lport=53 }")"));
  OK(Holds(line, R"("sockaddr":{"family":"inet","address":"127.0.0.53","port":"53","path":null,"abstract":null,)"));
}

TEST("Processes that got a signal are all there") {
  LoggedEvent event;
  event.Syscall(62);
  for (const char* pid : {"5", "6", "7", "8"}) event.Add("OBJ_PID", "opid=" + std::string(pid) + " oauid=0");
  OK(Holds(AsJson(event), R"("kind":"process-group","label":null,"pids":["5","6","7","8"]})"));
}

TEST("Names of local sockets are paths, or abstract") {
  LoggedEvent path, abstract;
  path.Syscall(42).Add("SOCKADDR", "saddr=01002F72756E2F7800");
  abstract.Syscall(42).Add("SOCKADDR", "saddr=0100006162");
  OK(Holds(AsJson(path), R"("path":"/run/x","abstract":null)"));
  OK(Holds(AsJson(abstract), R"("path":null,"abstract":"ab")"));
}

TEST("Bytes that are not UTF-8 are replaced and kept in base64, with their place") {
  LoggedEvent event;
  event.Syscall(59).Add("EXECVE", "argc=2 a0=\"ls\" a1=636166E9").Add("PROCTITLE", "proctitle=\"ls\"");
  const std::string line = AsJson(event);
  CheckLine(line);
  OK(Holds(line, R"("argv":["ls","caf\ufffd"])"));
  OK(Holds(line, R"({"at":"/argv/1","base64":"Y2Fm6Q=="})"));
}

TEST("Escape sequences, and characters that turn the direction of text, are escaped") {
  LoggedEvent event;
  // ESC [ 2 J, right-to-left override, C1 control CSI, byte order mark, then an e with accent that stays
  event.Syscall(59).Add("EXECVE", "argc=1 a0=1B5B324AE280AEC29BEFBBBFC3A9");
  const std::string line = AsJson(event);
  CheckLine(line);
  OK(Holds(line, "\"argv\":[\"\\u001b[2J\\u202e\\u009b\\ufeff\xC3\xA9\"]"));
  OK(!Holds(line, "not_utf8"));
}

TEST("Names that stand more than once, or are no text, go into a list") {
  LoggedEvent event;
  event.Add("LOGIN", "login pid=1 uid=0 old auid=4294967295 new auid=1000 \xFFx=1 old ses=1 new ses=2");
  const std::string line = AsJson(event);
  CheckLine(line);
  OK(Holds(line, R"("fields":{"pid":"1","uid":"0","auid":"4294967295","ses":"1"})"));
  OK(Holds(line, R"({"name":"auid","raw":"1000","text":"alice"})"));
  OK(Holds(line, R"({"name":"\ufffdx","raw":"1","text":"1"})"));
}

TEST("Names that are alike stand beside one another, and each is a list's when it comes again") {
  LoggedEvent event;
  event.Add("UNKNOWN[1999]", "a1xc=1 a2xc=2 a3xc=3 a2xc=4 a1xc=5");
  const std::string line = AsJson(event);
  CheckLine(line);
  OK(Holds(line, R"("fields":{"a1xc":"1","a2xc":"2","a3xc":"3"})"));
  OK(Holds(line, R"({"name":"a2xc","raw":"4","text":"4"},{"name":"a1xc","raw":"5","text":"5"})"));
}

TEST("Events that no rule understands keep their records") {
  LoggedEvent event;
  event.Cwd("/").Add("UNKNOWN[1999]", "x=1");
  const std::string line = AsJson(event);
  CheckLine(line);
  OK(Holds(line, R"("action":null,"result":null)"));
  OK(Holds(line, R"({"type":"UNKNOWN[1999]","fields":{"x":"1"},"interpreted":{}})"));
}

TEST("Times beyond the year 9999 are null, and the id keeps them") {
  LoggedEvent event;
  event.Line("type=USER msg=audit(9000000000000000000.007:7): addr=1.1.1.1");
  OK(Holds(AsJson(event), R"("id":"9000000000000000000.007:7","time":null)"));
}

TEST("Any bytes give JSON") {
  std::mt19937 random(1);
  const std::string_view words[] = {
      "key=",     "name=", "saddr=", "a0=",   "a1[0]=",         "proctitle=", "cwd=", "auid=",  "\x1d",
      "msg='op=", "\"",    "(",      "\\",    "4142FF",         " ",          "=",    "\x1b[m", "\xE2\x80\xAE",
      "{",        "}",     "01",     "mode=", "nametype=PARENT"};
  const std::string_view types[] = {"SYSCALL", "EXECVE", "PATH", "CWD", "SOCKADDR", "PROCTITLE", "AVC", "USER_LOGIN"};
  for (int round = 0; round < 2000; round++) {
    LoggedEvent event;
    const size_t records = 1 + random() % 5;
    for (size_t record = 0; record < records; record++) {
      std::string body;
      for (size_t i = random() % 12; i > 0; i--) {
        if (random() % 3 == 0) {
          body += static_cast<char>(random());
        } else {
          body += words[random() % std::size(words)];
        }
      }
      body.erase(std::remove(body.begin(), body.end(), '\n'), body.end());
      event.Add(types[random() % std::size(types)], body);
    }
    CheckLine(AsJson(event));
  }
}
