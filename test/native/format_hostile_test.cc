// Input that nobody should send.
#include <random>

#include "check.h"
#include "format_support.h"
#include "native/tables/tables.h"

using namespace format_support;

namespace {

// What holds for every input.
void CheckLine(const Result& result, const std::string& prefix) {
  const std::string& line = result.line;
  OK(line.size() <= audit::kMaxLine);
  OK(line.substr(0, prefix.size()) == prefix);
  OK(line.find('\n') == std::string::npos);
  OK(line.find('\0') == std::string::npos);
  const size_t separator = line.find('\x1d');
  OK(separator == std::string::npos || line.find('\x1d', separator + 1) == std::string::npos);
  OK((separator != std::string::npos) == result.Has(audit::kHasEnrichment));
}

void CheckPayload(uint16_t type, std::string_view payload) {
  FakeNames names;
  names.users[5] = "\n\x1d\xff";
  const std::string name(audit::RecordTypeName(type));
  const std::string suffix = "type=" + (name.empty() ? "UNKNOWN[" + std::to_string(type) + "]" : name) + " msg=";
  for (const bool enriched : {false, true}) {
    CheckLine(Format(type, payload, {enriched, {}}, names), suffix);
    CheckLine(Format(type, payload, {enriched, "web01"}, names), "node=web01 " + suffix);
  }
}

}  // namespace

TEST("Every byte value is harmless at every place of a small record") {
  const std::string record = std::string(kStamp) + "arch=c000003e syscall=1 uid=5 msg='saddr=0100 id=5'";
  for (size_t at = 0; at < record.size(); at++) {
    for (int byte = 0; byte < 256; byte++) {
      std::string changed = record;
      changed[at] = static_cast<char>(byte);
      CheckPayload(1300, changed);
    }
  }
}

TEST("A record may be cut off anywhere") {
  const std::string record = std::string(kStamp) +
                             "arch=40000003 syscall=102 success=yes exit=0 a0=3 uid=1001 "
                             "saddr=02000035C0A80101 msg='(id=5,' gid=4)'";
  for (size_t length = 0; length <= record.size(); length++) CheckPayload(1300, record.substr(0, length));
}

TEST("Payloads of all lengths around the limits are harmless") {
  for (const size_t length : {63u,   64u,   65u,   127u,  128u,  129u,  8900u, 8918u, 8919u, 8920u, 8921u,
                              8936u, 8937u, 8938u, 8950u, 8960u, 8968u, 8969u, 8970u, 8971u, 9000u, 100000u}) {
    for (const std::string word :
         {"x", "uid=1001 ", "=", " ", "id=5 ", "saddr=0100 ", "arch=c000003e ", "a\n", "msg='"}) {
      std::string payload = kStamp;
      while (payload.size() < length) payload += word;
      payload.resize(length);
      CheckPayload(1306, payload);
    }
  }
}

TEST("As many fields as fit are found, and all that fit the line are written") {
  std::string payload = kStamp;
  while (payload.size() + 5 <= audit::kMaxPayload) payload += "id=0 ";
  const Result result = [&] {
    FakeNames names;
    return Format(1300, payload, {true, {}}, names);
  }();
  EQUAL(result.line.size(), audit::kMaxLine);
  payload = kStamp;
  for (int i = 0; i < 500; i++) payload += "id=0 ";
  std::string expected;
  for (int i = 0; i < 500; i++) expected += i == 0 ? "ID=\"root\"" : " ID=\"root\"";
  EQUAL(Interpreted(1300, payload.substr(sizeof kStamp - 1)), expected.substr(0, 8969));
}

TEST("Numbers of any length are read once, in time") {
  const std::string digits(1000000, '9');
  for (const std::string name : {"uid=", "arch=", "syscall=", "a0=", "saddr="}) {
    CheckPayload(1300, kStamp + name + digits);
    CheckPayload(1300, kStamp + name + digits.substr(0, 8800));
  }
  CheckPayload(1300, "audit(" + digits + ".000:1): uid=0");
  CheckPayload(1300, "audit(1.000:" + digits + "): uid=0");
}

TEST("A name as long as the cache allows is written whole") {
  FakeNames names;
  names.users[5] = std::string(255, '\xff');
  const Result result = Format(1300, std::string(kStamp) + "uid=5", {true, {}}, names);
  EQUAL(result.line.size(), 17 + sizeof kStamp - 1 + 5 + 5 + 510);
}

TEST("Random records of the pieces that records are made of are harmless") {
  const char* const pieces[] = {" ",          "=",          "\n",    "uid=",   "gid=",     "arch=", "c000003e",
                                "syscall=",   "'",          "msg='", "msg=",   "saddr=",   "0100",  "02000035",
                                "0A00",       ")",          "(",     ",",      ":",        "1001",  "5",
                                "4294967295", "\x1d",       "\"",    "audit(", "1.000:1)", "a0=",   "uring_op=",
                                "old-auid=",  "inode_uid=", "-",     "\xff"};
  std::mt19937 random(1);
  for (int round = 0; round < 20000; round++) {
    std::string payload = random() % 8 == 0 ? "" : kStamp;
    for (unsigned count = random() % 60; count > 0; count--)
      payload += pieces[random() % (sizeof pieces / sizeof *pieces)];
    if (random() % 50 == 0) payload.append(random() % 9000, 'z');
    const uint16_t types[] = {1300, 1306, 1326, 1336, 1309, 1114, 1132, 1105, 1400, 1320, 1950};
    CheckPayload(types[random() % 11], payload);
  }
}
