// One search: which logs, which events of them, and how those are written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "../interpret/interpreter.h"
#include "../normalize/csv_writer.h"
#include "../scan/engine.h"
#include "checkpoint.h"
#include "criteria.h"

namespace audit {

enum class SearchFormat : uint8_t { kDefault, kRaw, kInterpret, kCsv, kText, kJson };

struct SearchOptions {
  Criteria criteria;
  SearchFormat format = SearchFormat::kDefault;
  CsvColumns csv;
  EscapeMode escape = EscapeMode::kTty;
  bool stops_after_first = false;
  bool reports_malformed = false;   // to `errors`
  std::optional<Checkpoint> after;  // output starts behind this event
  // Indexes are built where they are missing and the log is no longer written. Those that are there are used anyway.
  bool builds_index = false;
  bool notes_checkpoint = false;  // SearchResult::last is wanted
  int output = 1;
  int errors = 2;
  // A terminal gets no control bytes, whatever a record holds and the escape mode says.
  bool output_is_terminal = false;
  bool errors_is_terminal = false;
};

struct SearchResult {
  ScanResult scan;
  uint64_t matches = 0;
  uint64_t malformed_events = 0;
  int output_error = 0;  // why the output ended early: EPIPE, ENOSPC …
  // The last event that was delivered, matching or not; with stops_after_first the one before the first match.
  std::optional<Checkpoint> last;
  // An event later than the checkpoint's came before it: the log is not the one the checkpoint was made of.
  std::optional<Stamp> corrupted_by;
};

// Off the event loop; blocks until the log, or the wish for it, has ended. `scan` has its inputs, its time range and
// the rest of its fields set; needles, consumers and order are this function's.
SearchResult RunSearch(const SearchOptions& options, ScanOptions scan);

}  // namespace audit
