// How often each value occurs that a report is about: `COUNT  VALUE`, most frequent first.
#pragma once

#include "counter.h"
#include "report.h"

namespace audit {

class SummaryReport final : public Report {
 public:
  SummaryReport(const ReportOptions& options, Names& names)
      : options_(options), texts_(names, options.is_interpreted) {}

  void Add(const Event& event, uint32_t presence, const EventFields& fields, uint64_t order, Output* out) override;
  void Merge(Report* other) override;
  bool Finish(std::string* out) override;

 private:
  void Count(std::string_view text) { counter_.Add(text, order_++); }
  // Ties go by the number.
  void CountNumber(int32_t number);

  const ReportOptions options_;
  ValueTexts texts_;
  Counter counter_;
  int64_t order_ = 0;  // of the value at hand
};

}  // namespace audit
