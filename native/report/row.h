// One row of a report: as text, as CSV, or as a JSON object.
#pragma once

#include <string>
#include <string_view>

#include "report.h"

namespace audit {

class Row {
 public:
  Row(const ReportOptions& options, std::string* out)
      : format_(options.format),
        escape_(options.escape),
        plain_(options.is_for_terminal ? EscapeMode::kTty : EscapeMode::kRaw),
        out_(out) {}

  // A cell without a name is for text alone. `is_number` says that JSON needs no quotes.
  void Cell(std::string_view name, std::string_view text, bool is_escaped, bool is_number);
  // An absent value: `missing` as text, escaped like any other, nothing in CSV, null in JSON.
  void Missing(std::string_view name, std::string_view missing, bool is_escaped);
  void End();

  // For the first cell of a row, which needs a form of its own in each format.
  std::string* Raw(std::string_view name);

 private:
  void Separate(std::string_view name);
  void KeepBytes(std::string_view name, std::string_view bytes);

  const ReportFormat format_;
  const EscapeMode escape_;
  const EscapeMode plain_;  // of cells that are printed as they are logged
  std::string* const out_;
  std::string odd_;  // strings of a JSON object that are no UTF-8: items of its not_utf8
  bool is_first_ = true;
};

// Quotes a field where it needs them: RFC 4180.
void AppendCsvField(std::string_view text, std::string* out);

}  // namespace audit
