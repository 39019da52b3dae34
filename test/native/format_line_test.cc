// How a line is put together: types, prefix, payload, limits.
#include <vector>

#include "check.h"
#include "format_support.h"
#include "native/tables/tables.h"

using audit::Treatment;
using namespace format_support;

TEST("Every type number has the treatment that the daemon gives it") {
  for (int type = 0; type <= UINT16_MAX; type++) {
    Treatment expected = Treatment::kLog;
    if (type >= 1 && type <= 3) expected = Treatment::kIgnore;
    if (type == 1000 || (type >= 1007 && type <= 1009) || (type >= 1011 && type <= 1019)) expected = Treatment::kIgnore;
    if (type == 1010) expected = Treatment::kReply;
    if (type >= 1200 && type <= 1299) expected = Treatment::kIgnore;
    if (type == 1320) expected = Treatment::kDispatchOnly;
    if (type == 1329) expected = Treatment::kIgnore;
    if (audit::TreatmentOf(static_cast<uint16_t>(type)) != expected) {
      check::Fail(__FILE__, __LINE__, "type " + std::to_string(type));
    }
  }
}

TEST("Types have the names of the reference, and gaps have none") {
  EQUAL(audit::RecordTypeName(1005), "USER");
  EQUAL(audit::RecordTypeName(1006), "LOGIN");
  EQUAL(audit::RecordTypeName(1300), "SYSCALL");
  EQUAL(audit::RecordTypeName(1336), "URINGOP");
  EQUAL(audit::RecordTypeName(1339), "DM_EVENT");
  EQUAL(audit::RecordTypeName(1423), "LANDLOCK_ACCESS");
  EQUAL(audit::RecordTypeName(1424), "LANDLOCK_DOMAIN");
  EQUAL(audit::RecordTypeName(1503), "APPARMOR_DENIED");
  EQUAL(audit::RecordTypeName(2000), "KERNEL");
  EQUAL(audit::RecordTypeName(2507), "VIRT_MIGRATE_OUT");
  for (const int type : {0, 1000, 1004, 1007, 1204, 1301, 1308, 1329, 1950, 2508, 3000, UINT16_MAX}) {
    EQUAL(audit::RecordTypeName(static_cast<uint16_t>(type)), "");
  }
}

TEST("A raw line is type and payload") {
  EQUAL(Raw(1300, "audit(1700000000.123:45): arch=c000003e syscall=257"),
        "type=SYSCALL msg=audit(1700000000.123:45): arch=c000003e syscall=257");
}

TEST("A node stands in front, in both formats") {
  FakeNames names;
  EQUAL(Format(1006, std::string(kStamp) + "uid=1001", {false, "web01"}, names).line,
        "node=web01 type=LOGIN msg=audit(1700000000.123:45): uid=1001");
  EQUAL(Format(1006, std::string(kStamp) + "uid=1001", {true, "web01"}, names).line,
        "node=web01 type=LOGIN msg=audit(1700000000.123:45): uid=1001\x1dUID=\"alice\"");
}

TEST("A node longer than kMaxNode is cut to it") {
  FakeNames names;
  const std::string node(audit::kMaxNode + 50, 'n');
  const Result result = Format(1300, kStamp, {false, node}, names);
  EQUAL(result.line.substr(0, result.line.find(' ')), "node=" + node.substr(0, audit::kMaxNode));
}

TEST("A type without a name is UNKNOWN[number] and keeps its payload (the reference writes lost)") {
  for (const uint16_t type : {1900, 1950, 1999, 2001, 2099, 3000, 65535}) {
    EQUAL(Raw(type, std::string(kStamp) + "a=1"),
          "type=UNKNOWN[" + std::to_string(type) + "] msg=" + std::string(kStamp) + "a=1");
  }
  EQUAL(Raw(0, "x"), "type=UNKNOWN[0] msg=x");
  EQUAL(Raw(2600, "x"), "type=UNKNOWN[2600] msg=x");
}

TEST("A missing payload is lost, in every format, and is not interpreted") {
  EQUAL(Raw(1300, ""), "type=SYSCALL msg=lost");
  EQUAL(Enriched(1300, ""), "type=SYSCALL msg=lost");
  EQUAL(Raw(1300, std::string_view("\0\0\0", 3)), "type=SYSCALL msg=lost");
  FakeNames names;
  const Result result = Format(1300, "", {true, "n"}, names);
  EQUAL(result.line, "node=n type=SYSCALL msg=lost");
  OK(result.Has(audit::kNoStamp));
  OK(!result.formatted.stamp.valid);
}

TEST("Each newline becomes one blank") {
  FakeNames names;
  const Result result = Format(1300, std::string(kStamp) + "a=1\n\nb=2\nc", {false, {}}, names);
  EQUAL(result.line, "type=SYSCALL msg=" + std::string(kStamp) + "a=1  b=2 c");
  EQUAL(result.formatted.flags, audit::kHadNewline);
}

TEST("NUL and 0x1D become blanks too, so that a payload cannot hide its rest or pose as interpreted") {
  FakeNames names;
  const std::string payload = std::string(kStamp) + "a=1" + '\0' + "b=2\x1dUID=\"alice\"";
  const Result result = Format(1300, payload, {true, {}}, names);
  EQUAL(result.line, "type=SYSCALL msg=" + std::string(kStamp) + "a=1 b=2 UID=\"alice\"");
  EQUAL(result.formatted.flags, audit::kHadNewline);
}

TEST("Other control bytes and bytes above 0x7F stay") {
  std::string payload = kStamp;
  for (int byte = 1; byte < 256; byte++) {
    if (byte != '\n' && byte != 0x1d) payload += static_cast<char>(byte);
  }
  EQUAL(Raw(1300, payload + '.'), "type=SYSCALL msg=" + payload + '.');
}

TEST("Exactly one trailing blank goes") {
  FakeNames names;
  EQUAL(Raw(1300, "a=1"), "type=SYSCALL msg=a=1");
  EQUAL(Raw(1300, "a=1 "), "type=SYSCALL msg=a=1");
  EQUAL(Raw(1300, "a=1  "), "type=SYSCALL msg=a=1 ");
  EQUAL(Raw(1300, " "), "type=SYSCALL msg=");
  OK(Format(1300, "a=1 ", {false, {}}, names).Has(audit::kHadTrailingBlank));
  OK(!Format(1300, "a=1", {false, {}}, names).Has(audit::kHadTrailingBlank));
}

TEST("A trailing newline is a blank, and goes as one") {
  FakeNames names;
  const Result result = Format(1300, "a=1\n", {false, {}}, names);
  EQUAL(result.line, "type=SYSCALL msg=a=1");
  EQUAL(result.formatted.flags, audit::kHadTrailingBlank | audit::kHadNewline | audit::kNoStamp);
}

TEST("Trailing NULs go, however many, and the blank before them") {
  FakeNames names;
  const std::string payload = std::string(kStamp) + "a=1 " + std::string(5, '\0');
  const Result result = Format(1300, payload, {false, {}}, names);
  EQUAL(result.line, "type=SYSCALL msg=" + std::string(kStamp) + "a=1");
  EQUAL(result.formatted.flags, audit::kHadTrailingBlank);
}

TEST("The end of an event loses the blank behind its stamp and is never interpreted") {
  EQUAL(Enriched(1320, kStamp), "type=EOE msg=audit(1700000000.123:45):");
  EQUAL(Enriched(1320, std::string(kStamp) + "uid=1001"), "type=EOE msg=audit(1700000000.123:45): uid=1001");
}

TEST("Without a node the line before its interpreted part ends at 8937 bytes") {
  const std::string prefix = "type=SYSCALL msg=";
  for (const bool enriched : {false, true}) {
    FakeNames names;
    const std::string fits = kStamp + std::string(8937 - prefix.size() - sizeof kStamp + 1, 'x');
    Result result = Format(1300, fits, {enriched, {}}, names);
    EQUAL(result.line, prefix + fits);
    OK(!result.Has(audit::kWasCut));
    result = Format(1300, fits + "y", {enriched, {}}, names);
    EQUAL(result.line, prefix + fits);
    OK(result.Has(audit::kWasCut));
  }
}

TEST("With a node the line ends at 8969 bytes") {
  FakeNames names;
  const std::string prefix = "node=web01 type=SYSCALL msg=";
  const std::string fits = kStamp + std::string(8969 - prefix.size() - sizeof kStamp + 1, 'x');
  Result result = Format(1300, fits, {false, "web01"}, names);
  EQUAL(result.line, prefix + fits);
  OK(!result.Has(audit::kWasCut));
  result = Format(1300, fits + "y", {true, "web01"}, names);
  EQUAL(result.line, prefix + fits);
  OK(result.Has(audit::kWasCut));
}

TEST("An enriched line is cut at 8969 bytes, in the middle of a field") {
  FakeNames names;
  std::string payload = std::string(kStamp) + "uid=1001 auid=1002 gid=4 ";
  payload += std::string(8937 - 17 - payload.size(), 'x');
  const Result result = Format(1300, payload, {true, {}}, names);
  EQUAL(result.line.size(), 8969u);
  EQUAL(result.line.substr(8937), "\x1dUID=\"alice\" AUID=\"bob\" GID=\"adm");
  OK(result.Has(audit::kWasCut));
  OK(result.Has(audit::kHasEnrichment));
}

TEST("A payload longer than the kernel sends is cut and said to be") {
  FakeNames names;
  const Result result = Format(1300, kStamp + std::string(1000000, 'x'), {true, {}}, names);
  EQUAL(result.line.size(), 8937u);
  OK(result.Has(audit::kWasCut));
}

TEST("The stamp is handed out, and its absence flagged") {
  FakeNames names;
  Result result = Format(1300, std::string(kStamp) + "a=1", {false, {}}, names);
  OK(result.formatted.stamp.valid);
  EQUAL(result.formatted.stamp.milliseconds, 1700000000123u);
  EQUAL(result.formatted.stamp.serial, 45u);
  EQUAL(result.formatted.flags, 0);
  result = Format(1300, "hello uid=1001", {true, {}}, names);
  EQUAL(result.line, "type=SYSCALL msg=hello uid=1001");
  EQUAL(result.formatted.flags, audit::kNoStamp);
}

TEST("Without enrichment no name is ever asked for") {
  FakeNames names;
  Format(1114, std::string(kStamp) + "uid=1001 gid=4", {false, {}}, names);
  EQUAL(names.calls, "");
}
