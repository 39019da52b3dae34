// Nanoseconds that Formatter::Format takes for a record, with names in the cache: make -C test/native bench
//
// Without an argument: one SYSCALL record as Linux 6.18 sends it. With a log in enriched format: every record of it,
// in its order. Each figure is the best of several rounds, since other work on the machine only ever adds time.
#include "native/format/format.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "native/format/name_cache.h"
#include "native/tables/tables.h"

namespace {

struct Record {
  uint16_t type;
  std::string payload;
};

constexpr uint16_t kSyscall = 1300;
constexpr char kSyscallPayload[] =
    "audit(1795336186.111:4340042): arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7ffd51c6c210 a2=0 "
    "a3=0 items=1 ppid=14091 pid=14691 auid=1001 uid=1001 gid=1001 euid=1001 suid=1001 fsuid=1001 egid=1001 sgid=1001 "
    "fsgid=1001 tty=pts0 ses=266 comm=\"cat\" exe=\"/usr/bin/cat\" subj=unconfined key=\"access\"";

std::vector<Record> ReadLog(const char* path) {
  std::vector<std::pair<std::string, uint16_t>> types;
  for (uint32_t type = 0; type <= UINT16_MAX; type++) {
    const std::string_view name = audit::RecordTypeName(static_cast<uint16_t>(type));
    if (!name.empty()) types.emplace_back(name, static_cast<uint16_t>(type));
  }
  std::vector<Record> records;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t name = line.find("type=") + 5;
    const size_t message = line.find(" msg=");
    if (message == std::string::npos) continue;
    for (const auto& [known, type] : types) {
      if (line.compare(name, message - name, known) != 0) continue;
      records.push_back({type, line.substr(message + 5, line.find('\x1d') - message - 5)});
      break;
    }
  }
  return records;
}

void Measure(const char* what, const std::vector<Record>& records, bool enriched) {
  const audit::NameResolver resolver = {
      [](uint32_t, char* out, size_t room) noexcept { return audit::CopyName("alice", out, room); },
      [](uint32_t, char* out, size_t room) noexcept { return audit::CopyName("staff", out, room); },
  };
  auto names = std::make_unique<audit::NameCache>(resolver);
  audit::Formatter formatter({enriched, {}}, *names);
  static char line[audit::kMaxLine];
  constexpr int kRounds = 20;
  const size_t repeats = std::max<size_t>(1, 200000 / records.size());
  double best = 1e18;
  size_t bytes = 0;
  for (int round = 0; round < kRounds; round++) {
    bytes = 0;
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < repeats; i++) {
      for (const Record& record : records) {
        const audit::Formatted formatted = formatter.Format(record.type, record.payload, line);
        names->Tick(formatted.stamp.milliseconds);
        bytes += formatted.length;
      }
    }
    const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
    best = std::min(best, elapsed.count() / static_cast<double>(repeats * records.size()));
  }
  std::printf("{\"what\":\"%s\",\"format\":\"%s\",\"nsPerRecord\":%.0f,\"bytesPerLine\":%zu}\n", what,
              enriched ? "enriched" : "raw", best, bytes / (repeats * records.size()));
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<Record> syscall = {{kSyscall, kSyscallPayload}};
  Measure("SYSCALL", syscall, false);
  Measure("SYSCALL", syscall, true);
  for (int i = 1; i < count; i++) {
    const std::vector<Record> records = ReadLog(arguments[i]);
    if (records.empty()) {
      std::fprintf(stderr, "no records in %s\n", arguments[i]);
      return 1;
    }
    Measure(arguments[i], records, false);
    Measure(arguments[i], records, true);
  }
  return 0;
}
