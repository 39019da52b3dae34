// Megabytes of log a second, on one thread, for splitting records into fields, interpreting all of them, and printing
// records as `ausearch -i`: make -C test/native bench
//
// Without an argument: one event as Linux 6.18 sends it. With a log: every record of it. Each figure is the best of
// several rounds, since other work on the machine only ever adds time.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "native/format/name_cache.h"
#include "native/interpret/event_cursor.h"
#include "native/interpret/record_printer.h"
#include "native/scan/line_parser.h"

namespace {

constexpr char kEvent[] =
    "type=SYSCALL msg=audit(1795336186.111:4340042): arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c "
    "a1=7ffd51c6c210 a2=0 a3=0 items=1 ppid=14091 pid=14691 auid=1001 uid=1001 gid=1001 euid=1001 suid=1001 "
    "fsuid=1001 egid=1001 sgid=1001 fsgid=1001 tty=pts0 ses=266 comm=\"cat\" exe=\"/usr/bin/cat\" subj=unconfined "
    "key=\"access\"\n"
    "type=PATH msg=audit(1795336186.111:4340042): item=0 name=\"/etc/shadow\" inode=2490450 dev=fe:00 mode=0100640 "
    "ouid=0 ogid=42 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0\n"
    "type=PROCTITLE msg=audit(1795336186.111:4340042): proctitle=636174002F6574632F736861646F77\n";

// Runs `work` over the records and says how fast it went through `bytes` of log.
template <typename Work>
void Measure(const char* what, size_t bytes, Work work) {
  constexpr int kRounds = 10;
  double best = 1e18;
  for (int round = 0; round < kRounds; round++) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    best = std::min(best, elapsed.count());
  }
  std::printf("{\"what\":\"%s\",\"megabytesPerSecond\":%.0f}\n", what, static_cast<double>(bytes) / best / 1e6);
}

}  // namespace

int main(int count, char** arguments) {
  std::string log;
  if (count > 1) {
    std::ifstream file(arguments[1]);
    log.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  } else {
    while (log.size() < 10'000'000) log += kEvent;
  }
  const audit::BlockRef block = audit::BlockPool::New()->Take(log.size());
  std::memcpy(block->bytes.get(), log.data(), log.size());
  block->size = log.size();
  audit::ParsedLines parsed;
  audit::ParseLines(block.get(), 0, true, {}, &parsed);
  if (block->records.empty()) {
    std::fprintf(stderr, "no records in %s\n", arguments[1]);
    return 1;
  }

  const audit::NameResolver resolver = {
      [](uint32_t, char* out, size_t room) noexcept { return audit::CopyName("alice", out, room); },
      [](uint32_t, char* out, size_t room) noexcept { return audit::CopyName("staff", out, room); },
  };
  const auto names = std::make_unique<audit::NameCache>(resolver);
  audit::Interpreter interpreter(*names);
  audit::RecordFields fields;
  Measure("fields", log.size(), [&] {
    for (const audit::Record& record : block->records) fields.Split(record.text);
  });

  audit::EventCursor cursor(interpreter);
  Measure("interpreted fields", log.size(), [&] {
    for (const audit::Record& record : block->records) {
      audit::Event event;
      event.records = &record;
      event.count = 1;
      cursor.Reset(event);
      for (size_t field = 0; field < cursor.field_count(); field++) cursor.InterpretAt(0, field);
    }
  });

  audit::LogTime time;
  audit::RecordPrinter printer(interpreter, time);
  std::string out;
  Measure("printed records", log.size(), [&] {
    for (const audit::Record& record : block->records) {
      if (out.size() > size_t{1} << 16) out.clear();
      printer.Append(record, &out);
    }
  });
  return 0;
}
