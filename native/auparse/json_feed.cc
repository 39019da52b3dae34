#include "json_feed.h"

#include <time.h>

#include "../system/accounts.h"

namespace audit {

namespace {

constexpr char kSeparator = '\x1d';

}  // namespace

JsonFeed::JsonFeed(uint32_t timeout_seconds)
    : feed_(timeout_seconds),
      names_(kSystemAccounts),
      interpreter_(names_, {EscapeMode::kRaw, KnownMachines::kAll}),
      cursor_(interpreter_),
      normalizer_(users_, NotedPlaces::kTrue),
      writer_(cursor_, normalizer_) {}

void JsonFeed::Feed(std::string_view bytes, std::string* lines) { Write(*feed_.Feed(bytes), lines); }
void JsonFeed::Age(int64_t now, std::string* lines) { Write(*feed_.Age(now), lines); }
void JsonFeed::End(std::string* lines) { Write(*feed_.End(), lines); }

void JsonFeed::TakeOpen(std::string* records) {
  const EventBatch* batch = feed_.Flush();
  for (const Event& event : batch->events) {
    for (size_t i = 0; i < event.count; i++) {
      const Record& record = event.records[i];
      records->append(record.text);
      if (record.has_interpretation) records->append(1, kSeparator).append(record.interpretation);
      records->append(1, '\n');
    }
  }
}

void JsonFeed::Write(const EventBatch& batch, std::string* lines) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  names_.Tick(static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000 + 1);
  for (const Event& event : batch.events) writer_.Append(event, lines);
}

}  // namespace audit
