// The keeper's parts: what a program may say, what is held of it, how long it waits. The whole of it:
// test/keeper.test.ts.
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <random>
#include <string>

#include "check.h"
#include "native/keeper/back_off.h"
#include "native/keeper/descriptor_store.h"
#include "native/keeper/notice.h"

namespace audit {
namespace {

TEST("Lines of a notice are heard, and others are nothing") {
  const Notice notice = ParseNotice("READY=1\nSTATUS=up\nFDSTORE=1\nFDNAME=audit-ring\nWATCHDOG=1");
  OK(notice.is_ready && notice.stores && notice.is_alive && !notice.removes && !notice.is_stuck);
  EQUAL(std::string(notice.name), "audit-ring");
  const Notice none = ParseNotice("\n\nREADY=10\nREADY\n=\nFDNAME=\nready=1");
  OK(!none.is_ready && none.name.empty());
}

TEST("A name that the environment could not carry is none") {
  for (const char* name : {"a:b", "a b", "a\tb", "\x01", ""})
    OK(ParseNotice(std::string("FDNAME=") + name).name.empty());
  OK(ParseNotice("FDNAME=" + std::string(kMostName, 'x')).name.size() == kMostName);
  OK(ParseNotice("FDNAME=" + std::string(kMostName + 1, 'x')).name.empty());
}

TEST("Random bytes are read to their end") {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; round++) {
    std::string text(random() % 300, '\0');
    for (char& byte : text) byte = "READY=1\nFDNAME:WATCHDOG"[random() % 23];
    OK(ParseNotice(text).name.size() <= kMostName);
  }
}

TEST("A descriptor is held once, by name, until it is let go") {
  DescriptorStore store;
  int ends[2];
  OK(pipe2(ends, O_CLOEXEC) == 0);
  OK(store.Keep(dup(ends[0]), "one"));
  OK(store.Keep(dup(ends[0]), "one"));  // the same file under the same name
  EQUAL(store.count(), 1);
  OK(store.Keep(dup(ends[0]), "two"));
  OK(store.Keep(dup(ends[1]), "one"));
  EQUAL(store.count(), 3);
  store.Remove("one");
  EQUAL(store.count(), 1);
  OK(strcmp(store.name(0), "two") == 0);
  store.Remove("three");
  EQUAL(store.count(), 1);
  for (int i = 0; i < DescriptorStore::kMost; i++) store.Keep(dup(ends[0]), std::string("n") + std::to_string(i));
  EQUAL(store.count(), DescriptorStore::kMost);
  OK(!store.Keep(dup(ends[1]), "another"));
  close(ends[0]);
  close(ends[1]);
}

TEST("The first death and that after a good life are answered at once, others ever later") {
  BackOff back_off;
  EQUAL(back_off.After(10, true), 0);
  EQUAL(back_off.After(10, true), 100);
  EQUAL(back_off.After(5000, false), 200);
  EQUAL(back_off.After(5000, true), 0);
  EQUAL(back_off.After(10, true), 100);
  for (int i = 0; i < 20; i++) OK(back_off.After(10, false) <= BackOff::kMost);
  EQUAL(back_off.After(10, false), BackOff::kMost);
  EQUAL(back_off.After(5000, true), 0);
}

}  // namespace
}  // namespace audit
