#include "check.h"
#include "native/scan/header.h"

using audit::HeaderFault;
using audit::HeaderRules;
using audit::ParseHeader;
using audit::Record;

namespace {

struct Parsed {
  HeaderFault fault;
  Record record;
};

Parsed Tool(std::string_view line) {
  Parsed parsed;
  parsed.fault = ParseHeader(line, HeaderRules::kTool, &parsed.record);
  return parsed;
}

Parsed Library(std::string_view line) {
  Parsed parsed;
  parsed.fault = ParseHeader(line, HeaderRules::kLibrary, &parsed.record);
  return parsed;
}

int64_t Seconds(std::string_view stamp) {
  const std::string line = "type=SYSCALL msg=audit(" + std::string(stamp) + "): x=1";
  const Parsed parsed = Tool(line);
  return parsed.fault == HeaderFault::kNone ? parsed.record.stamp.seconds : -99;
}

bool IsBadStamp(std::string_view stamp) {
  const std::string line = "type=SYSCALL msg=audit(" + std::string(stamp) + "): x=1";
  return Tool(line).fault == HeaderFault::kBadStamp && audit::StampText(line) == stamp;
}

}  // namespace

TEST("A whole line gives every part") {
  const std::string line = "node=web01 type=USER_LOGIN msg=audit(1700000000.123:45): pid=1\x1dUID=\"root\"";
  const Parsed parsed = Tool(line);
  const Record& record = parsed.record;
  OK(parsed.fault == HeaderFault::kNone);
  EQUAL(record.text, "node=web01 type=USER_LOGIN msg=audit(1700000000.123:45): pid=1");
  EQUAL(record.interpretation, "UID=\"root\"");
  OK(record.has_interpretation && record.has_node);
  EQUAL(record.node, "web01");
  EQUAL(record.type_name, "USER_LOGIN");
  EQUAL(record.type, 1112);
  EQUAL(record.stamp.seconds, 1700000000);
  EQUAL(record.stamp.milliseconds, 123);
  EQUAL(record.stamp.serial, 45);
  EQUAL(record.text.substr(record.body), "pid=1");
}

TEST("A line without node or enrichment has neither") {
  const Parsed parsed = Tool("type=SYSCALL msg=audit(1700000000.123:45):");
  OK(parsed.fault == HeaderFault::kNone);
  OK(!parsed.record.has_node && !parsed.record.has_interpretation);
  EQUAL(parsed.record.body, parsed.record.text.size());
  OK(Tool("type=SYSCALL msg=audit(1700000000.123:45): x\x1d").record.has_interpretation);
}

TEST("A node may have an empty name, which is not the same as none") {
  const Parsed parsed = Tool("node= type=CWD msg=audit(1700000000.123:45): x=1");
  OK(parsed.fault == HeaderFault::kNone && parsed.record.has_node);
  EQUAL(parsed.record.node, "");
  OK(!Tool("nod type=CWD msg=audit(1700000000.123:45): x=1").record.has_node);
}

TEST("A NUL ends the line") {
  const std::string line = std::string("type=CWD msg=audit(1700000000.123:45): a=1") + '\0' + "b=2\x1d" + "X=1";
  const Parsed parsed = Tool(line);
  EQUAL(parsed.record.text, "type=CWD msg=audit(1700000000.123:45): a=1");
  OK(!parsed.record.has_interpretation);
}

TEST("A line that has no stamp in its third token has no head") {
  for (const std::string_view line :
       {"", " ", "garbage", "type=CWD", "type=CWD msg=audit(1.1:1):", "type=CWD msg=audit-1700000000.123:45-:",
        "type=CWD x msg=audit(1700000000.123:45): x=1", "type=CWD\tmsg=audit(1700000000.123:45): x=1"}) {
    OK(Tool(line).fault == HeaderFault::kNoHead);
    OK(Library(line).fault == HeaderFault::kNoHead);
  }
  const std::string far = "type=" + std::string(80, 'A') + " msg=audit(1700000000.123:45): x=1";
  OK(Tool(far).fault == HeaderFault::kNoHead);
  // With a node the head may be longer.
  const std::string node = "node=" + std::string(200, 'a') + " type=CWD msg=audit(1700000000.123:45): x=1";
  OK(Tool(node).fault == HeaderFault::kNone);
}

TEST("Tokens may stand apart, and the parenthesis elsewhere") {
  OK(Tool("type=CWD   msg=audit(1700000000.123:45): x=1").fault == HeaderFault::kNone);
  EQUAL(Tool("type=CWD xxxxx=audit(1700000000.123:45): x=1").record.stamp.serial, 45);
  EQUAL(Tool("type=CWD audit(1700000000.123:46): x=1").record.stamp.serial, 46);
  EQUAL(Tool("type=CWD msg=audit(1700000000.123:47").record.stamp.serial, 47);
}

TEST("The usual head is read in one pass to the same end as any other") {
  const std::string usual = "type=USER msg=audit(1700000000.123:45): pid=1";
  // A blank in front takes the general way, and is no part of anything.
  const auto compare = [](const std::string& line) {
    const Parsed one = Tool(line);
    const std::string behind_blank = ' ' + line;
    const Parsed other = Tool(behind_blank);
    OK(one.fault == other.fault);
    if (one.fault != HeaderFault::kNone) return;
    EQUAL(one.record.type, other.record.type);
    EQUAL(one.record.type_name, other.record.type_name);
    EQUAL(one.record.stamp.seconds, other.record.stamp.seconds);
    EQUAL(one.record.stamp.milliseconds, other.record.stamp.milliseconds);
    EQUAL(one.record.stamp.serial, other.record.stamp.serial);
    EQUAL(one.record.body + 1, other.record.body);
    OK(!one.record.has_node && !other.record.has_node);
  };
  for (size_t at = 0; at < usual.size(); at++) {
    compare(usual.substr(0, at));
    for (const char c : std::string_view(" .:)(=0n\x1dx")) {
      if (at == 0 && c == 'n') continue;  // with a blank in front it is no node
      std::string changed = usual;
      changed[at] = c;
      compare(changed);
      changed.insert(at, 30, c);
      compare(changed);
      changed = usual;
      changed.erase(at, 1);
      if (at > 0) compare(changed);
    }
  }
}

TEST("Stamps are C numbers") {
  EQUAL(Seconds("1700000000.123:45"), 1700000000);
  EQUAL(Seconds("1700000000123"), 1700000000123);
  EQUAL(Seconds("abc.123:4500000"), 0);
  EQUAL(Seconds("+12.123:45000000"), 12);
  EQUAL(Seconds("-12.123:45000000"), -12);
  EQUAL(Tool("type=CWD msg=audit(1700000000:45):").record.stamp.serial, 45);
  EQUAL(Tool("type=CWD msg=audit(1700000000.1:4294967299):").record.stamp.serial, 3);
  EQUAL(Tool("type=CWD msg=audit(1700000000.1:-1):").record.stamp.serial, 4294967295u);
  EQUAL(Tool("type=CWD msg=audit(1700000000.7x:9):").record.stamp.milliseconds, 7);
}

TEST("Numbers out of range are a bad stamp, and its text is told") {
  OK(IsBadStamp("1700000000.1234:45"));
  OK(IsBadStamp("1700000000.-3:45"));
  OK(IsBadStamp("1700000000.123:99999999999999999999"));
  OK(IsBadStamp("99999999999999999999.123:45"));
  OK(IsBadStamp("9223372036854775807.12:45"));
}

TEST("A program takes the type unchecked, the library only from a field type") {
  EQUAL(Tool("typo:SYSCALL msg=audit(1700000000.123:45): x=1").record.type_name, "SYSCALL");
  EQUAL(Tool("abc msg=audit(1700000000.123:45): x=1").record.type, -1);
  EQUAL(Tool("type=UNKNOWN[1999] msg=audit(1700000000.123:45): x=1").record.type, 1999);
  EQUAL(Tool("type=1300 msg=audit(1700000000.123:45): x=1").record.type, 1300);
  EQUAL(Library("type=SYSCALL msg=audit(1700000000.123:45): x=1").record.type, 1300);
  EQUAL(Library("node=a type=CWD msg=audit(1700000000.123:45): x=1").record.type, 1307);
  EQUAL(Library("typo:SYSCALL msg=audit(1700000000.123:45): x=1").record.type, 0);
  EQUAL(Library("abc msg=audit(1700000000.123:45): type=CWD").record.type, 1307);
  EQUAL(Library("abc msg=audit(1700000000.123:45): x=1 type=CWD").record.type, 0);
  EQUAL(Library("(type=CWD, msg=audit(1700000000.123:45): x=1").record.type, 1307);
  EQUAL(Library("type=SYSCALL: msg=audit(1700000000.123:45): x=1").record.type, 1300);
  EQUAL(Library("nope=a type=CWD msg=audit(1700000000.123:45): x=1").record.type, 0);
}

TEST("For the library a line without any field is told apart") {
  const Parsed parsed = Library("abc msg=audit(1700000000.123:45): nothing here");
  OK(parsed.fault == HeaderFault::kNoField);
  EQUAL(parsed.record.stamp.serial, 45);
}

TEST("Final types are those of single and last records") {
  for (const int type : {1327, 1320, 1007, 1299, 1005, 2000, 1406, 1419, 2100, 2500}) OK(audit::IsFinalType(type));
  for (const int type : {-1, 0, 1006, 1300, 1400, 1405, 1420, 1701, 1999, 2001}) OK(!audit::IsFinalType(type));
}
