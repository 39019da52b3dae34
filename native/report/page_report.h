// What `aureport --html` shows: everything worth a look, counted in one pass and in bounded memory.
#pragma once

#include <array>
#include <set>
#include <string>

#include "continuity.h"
#include "report.h"
#include "timeline.h"
#include "top_values.h"

namespace audit {

// Events must come in order, all to the same object.
class PageReport final : public Report {
 public:
  explicit PageReport(Names& names) : names_(names) {}

  void Watch(const Event& event) override { continuity_.See(event); }
  void Add(const Event& event, uint32_t presence, const EventFields& fields, uint64_t order, Output* out) override;
  // Not to be called: one object sees everything.
  void Merge(Report*) override {}
  // A JSON object in which a character stands for a byte: PageCounts in src/tools/aureport/page/pageCounts.ts.
  bool Finish(std::string* out) override;

 private:
  template <typename Count>
  void AddTypes(const Event& event, const Count& count);
  // A view that the next call invalidates.
  std::string_view UserText(std::string_view key);
  void AppendLists(std::string* out);
  void AppendContinuity(std::string* out) const;

  Names& names_;
  std::string scratch_;
  uint64_t events_ = 0;
  uint64_t failed_ = 0;
  Timeline timeline_;
  std::array<std::set<int32_t>, kEventGroups> group_types_;  // there are some hundred types
  std::array<uint64_t, kEventGroups> group_found_{};         // events with a record of one of these types
  Continuity continuity_;
  // Of files there are many where of the rest there are few. All eight full can take some 35 MB.
  TopValues files_{50000, size_t{4} << 20};
  TopValues executables_, users_, syscalls_, keys_, types_, logins_, anomalies_;
};

}  // namespace audit
