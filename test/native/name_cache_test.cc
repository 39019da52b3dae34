#include "native/format/name_cache.h"

#include <memory>
#include <string>

#include "check.h"

namespace {

int asked = 0;

size_t Resolve(char kind, uint32_t number, char* out, size_t room) {
  asked++;
  if (number % 10 == 9) return 0;  // unknown
  const std::string name = number == 5 ? std::string(300, 'n') : kind + std::to_string(number);
  return audit::CopyName(name.c_str(), out, room);
}

const audit::NameResolver kResolver = {
    [](uint32_t uid, char* out, size_t room) noexcept { return Resolve('u', uid, out, room); },
    [](uint32_t gid, char* out, size_t room) noexcept { return Resolve('g', gid, out, room); },
    [](uint32_t index, char* out, size_t room) noexcept { return Resolve('i', index, out, room); },
};

std::unique_ptr<audit::NameCache> Cache(const audit::NameResolver& resolver = kResolver) {
  asked = 0;
  return std::make_unique<audit::NameCache>(resolver);
}

}  // namespace

TEST("A name is asked for once; users, groups and interfaces do not mix") {
  const auto names = Cache();
  for (int round = 0; round < 3; round++) {
    EQUAL(names->User(7), "u7");
    EQUAL(names->Group(7), "g7");
    EQUAL(names->Interface(7), "i7");
  }
  EQUAL(asked, 3);
}

TEST("Account 0 is an account like any other to the cache") {
  const auto names = Cache();
  EQUAL(names->User(0), "u0");
  EQUAL(names->User(0), "u0");
  EQUAL(asked, 1);
}

TEST("Without a resolver for interfaces there are none") {
  const auto names = Cache({kResolver.user, kResolver.group});
  EQUAL(names->Interface(7), "");
}

TEST("An unknown account is remembered as such") {
  const auto names = Cache();
  EQUAL(names->User(19), "");
  EQUAL(names->User(19), "");
  EQUAL(asked, 1);
}

TEST("A name too long is cut") {
  const auto names = Cache();
  EQUAL(names->User(5), std::string(audit::kMaxName, 'n'));
}

TEST("A thousand accounts in a row stay") {
  const auto names = Cache();
  for (uint32_t uid = 1000; uid < 1900; uid++) names->User(uid);
  asked = 0;
  for (uint32_t uid = 1000; uid < 1900; uid++) names->User(uid);
  OK(asked < 90);  // a few sets are full by chance
}

TEST("More accounts than there is room for give right names, and the one in use stays") {
  const auto names = Cache();
  for (uint32_t uid = 0; uid < 100000; uid++) {
    if (uid % 10 != 9 && uid != 5) EQUAL(names->User(uid), "u" + std::to_string(uid));
    EQUAL(names->User(4000000000u), "u4000000000");
  }
  EQUAL(asked, 90000 - 1 + 1);
}

TEST("A flush forgets all") {
  const auto names = Cache();
  names->User(7);
  names->Flush();
  EQUAL(names->User(7), "u7");
  EQUAL(asked, 2);
}

TEST("All is forgotten five minutes of record time after the first name") {
  const auto names = Cache();
  const uint64_t start = 1700000000000;
  names->Tick(start);
  names->User(7);
  names->Tick(start + 299999);
  names->User(7);
  EQUAL(asked, 1);
  names->Tick(start + 300000);
  names->User(7);
  EQUAL(asked, 2);
  names->Tick(start + 599999);
  names->User(7);
  EQUAL(asked, 2);
  names->Tick(start + 600000);
  names->User(7);
  EQUAL(asked, 3);
}

TEST("A clock set back forgets too, once") {
  const auto names = Cache();
  names->Tick(1700000000000);
  names->User(7);
  names->Tick(1600000000000);
  names->User(7);
  EQUAL(asked, 2);
  names->Tick(1600000000001);
  names->User(7);
  EQUAL(asked, 2);
}
