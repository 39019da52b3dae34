// One line for each event, or each of its denials.
#pragma once

#include "../interpret/log_time.h"
#include "columns.h"
#include "report.h"
#include "row.h"

namespace audit {

class DetailReport final : public Report {
 public:
  DetailReport(const ReportOptions& options, Names& names);

  void Add(const Event& event, uint32_t presence, const EventFields& fields, uint64_t order, Output* out) override;
  void Merge(Report* other) override;
  bool Finish(std::string*) override { return has_rows_; }

 private:
  bool Concerns(uint32_t presence, const EventFields& fields) const;
  // `denial` holds nothing but in the AVC report.
  void AddRow(const Event& event, const EventFields& fields, const AccessContext& denial, Output* out);
  void AddCell(const Column& column, const Event& event, const EventFields& fields, const AccessContext& denial,
               Row* row);
  // False: the line ends here, without an end.
  bool AddKeystrokes(std::string_view record, Row* row);

  const ReportOptions options_;
  const std::vector<Column>& columns_;
  ValueTexts texts_;
  LogTime dates_;
  Interpreter interpreter_;
  std::string scratch_;
  bool has_rows_ = false;
};

}  // namespace audit
