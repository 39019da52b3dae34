// A report: events in, lines out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../interpret/interpreter.h"
#include "../scan/engine.h"
#include "../search/extract.h"
#include "report_kind.h"
#include "value_texts.h"

namespace audit {

enum class ReportFormat : uint8_t { kText, kCsv, kJson };

struct ReportOptions {
  ReportKind kind = ReportKind::kOverview;
  bool is_summary = false;
  bool is_interpreted = false;
  ReportFormat format = ReportFormat::kText;
  EscapeMode escape = EscapeMode::kTty;
  bool is_for_terminal = false;    // no control byte of a record reaches it, in whatever column
  Success only = Success::kUnset;  // --success, --failed; kUnset: both
  bool is_additions = false;       // --add
  bool is_deletions = false;       // --delete
  bool leaves_out_config = false;  // -nc
  std::vector<std::string> nodes;  // any of them; empty: all
};

// Whether an event can have a place in the report, judged by what needs no field: its node and its types. What cannot
// needs no extraction either.
bool MayConcern(const ReportOptions& options, const Event& event, uint32_t presence);
// Whether --success or --failed lets the event pass.
bool AgreesWithResult(const ReportOptions& options, const EventFields& fields);

// A record may say so; that is as if it said nothing.
inline constexpr int32_t kNoProcess = -1;

// One object a thread. What it counts is brought together by Merge.
class Report {
 public:
  virtual ~Report() = default;
  // Sees every event first, wanted or not.
  virtual void Watch(const Event&) {}
  // Takes an event that `MayConcern`. What can be printed at once is appended to `out`, with a mark where a row
  // begins. `order` ascends with delivery and differs between events.
  virtual void Add(const Event& event, uint32_t presence, const EventFields& fields, uint64_t order, Output* out) = 0;
  // Takes over what another report of the same options has counted.
  virtual void Merge(Report* other) = 0;
  // Prints what is known only at the end. False: nothing found its place in this report.
  virtual bool Finish(std::string* out) = 0;
};

// What must be extracted of an event for this report: a set of Want.
uint32_t WantedFields(const ReportOptions& options);

// Whether all events must go to one object, in order. It is then never merged.
constexpr bool NeedsOrder(const ReportOptions& options) { return options.kind == ReportKind::kPage; }

std::unique_ptr<Report> MakeReport(const ReportOptions& options, Names& names);

}  // namespace audit
