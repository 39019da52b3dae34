// The summary of everything: how much of each kind a log holds.
#pragma once

#include <array>

#include "counter.h"
#include "report.h"

namespace audit {

class OverviewReport final : public Report {
 public:
  explicit OverviewReport(const ReportOptions& options) : options_(options) {}

  void Add(const Event& event, uint32_t presence, const EventFields& fields, uint64_t order, Output* out) override;
  void Merge(Report* other) override;
  // From "Number of changes in configuration" on; what comes before is known to who reads the log.
  bool Finish(std::string* out) override;

 private:
  const ReportOptions options_;
  // How many of each; the last is their number.
  enum Count : size_t {
    kConfigurations,
    kModifications,
    kLogins,
    kFailedLogins,
    kAuthentications,
    kFailedAuthentications,
    kAvcs,
    kMacs,
    kFailedSyscalls,
    kAnomalies,
    kResponses,
    kCryptos,
    kIntegrities,
    kVirtualizations,
    kEvents,
    kCounts,
  };
  std::array<uint64_t, kCounts> counts_{};
  Counter users_, terminals_, hosts_, executables_, commands_, files_, keys_, processes_;
};

}  // namespace audit
