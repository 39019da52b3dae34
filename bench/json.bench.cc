// Nanoseconds an event, on one thread, from its records to its line of JSON, as the daemon's JSON plugins make it:
// make -C test/native bench
//
// Without an argument: one event of two records as Linux 6.18 sends it in a flood, enriched. With a log: all of it. The
// figure is the best of several rounds, since other work on the machine only ever adds time.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "native/auparse/json_feed.h"

namespace {

constexpr size_t kEvents = 20'000;
constexpr size_t kBytesAtOnce = 1 << 20;

std::string Flood() {
  std::string log;
  for (size_t i = 0; i < kEvents; i++) {
    const std::string stamp = " msg=audit(1795336186.111:" + std::to_string(4340042 + i) + "): ";
    log +=
        "type=SYSCALL" + stamp + "arch=c000003e syscall=110 success=yes exit=14091 a0=" + std::to_string(i) +
        " a1=7ffd51c6c210 a2=0 a3=0 items=0 ppid=14091 pid=14691 auid=1001 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 "
        "sgid=0 fsgid=0 tty=pts0 ses=266 comm=\"flood\" exe=\"/usr/local/bin/flood\" subj=unconfined key=\"flood\"\x1d"
        "ARCH=x86_64 SYSCALL=getppid AUID=\"alice\" UID=\"root\" GID=\"root\" EUID=\"root\" SUID=\"root\" "
        "FSUID=\"root\" "
        "EGID=\"root\" SGID=\"root\" FSGID=\"root\"\n";
    log += "type=PROCTITLE" + stamp + "proctitle=666C6F6F64003100333030303030\n";
    log += "type=EOE" + stamp + "\n";
  }
  return log;
}

size_t CountLines(std::string_view text) {
  size_t lines = 0;
  for (size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos; at++) lines++;
  return lines;
}

}  // namespace

int main(int count, char** arguments) {
  constexpr int kRounds = 10;
  std::string log;
  if (count > 1) {
    std::ifstream file(arguments[1]);
    log.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  } else {
    log = Flood();
  }
  double best = 1e18;
  size_t events = 0;
  for (int round = 0; round < kRounds; round++) {
    audit::JsonFeed feed(2);
    std::string lines;
    events = 0;
    const auto start = std::chrono::steady_clock::now();
    for (size_t at = 0; at < log.size(); at += kBytesAtOnce) {
      lines.clear();
      feed.Feed(std::string_view(log).substr(at, kBytesAtOnce), &lines);
      events += CountLines(lines);
    }
    lines.clear();
    feed.End(&lines);
    events += CountLines(lines);
    const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
    best = std::min(best, elapsed.count());
  }
  if (events == 0) {
    std::fprintf(stderr, "no events in %s\n", arguments[1]);
    return 1;
  }
  std::printf("{\"what\":\"events as JSON\",\"events\":%zu,\"nanosecondsPerEvent\":%.0f}\n", events,
              best / static_cast<double>(events));
  return 0;
}
