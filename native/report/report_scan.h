// A report over a log: events from the scan, fields from the extractor, rows and counts in the report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../scan/engine.h"
#include "report.h"

namespace audit {

struct ReportRun {
  ReportOptions report;
  bool reports_malformed = false;  // events that are left out because of it, and unknown record types, to `errors`
  int output = 1;
  int errors = 2;
  bool errors_is_terminal = false;
};

// What was delivered while one of the inputs was read.
struct LogRange {
  bool has_events = false;
  Stamp first;
  Stamp last;
};

struct ReportResult {
  ScanResult scan;
  bool has_rows = false;
  int output_error = 0;           // why the output ended early: EPIPE, ENOSPC …
  uint64_t malformed_events = 0;  // a record lacks what the report needs of it
  std::string rest;               // what comes behind the rows
  std::vector<LogRange> ranges;   // by input
};

// Off the event loop; blocks until the log, or the wish for it, has ended. Rows are written as they come. `scan` has
// its inputs, its time range and the rest of its fields set; watchers are this function's.
ReportResult RunReport(const ReportRun& run, ScanOptions scan);

}  // namespace audit
