// Whole records as `ausearch -i` prints them: fields found by its own scan, in which quotes protect blanks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../scan/record.h"
#include "enrichment_list.h"
#include "interpreter.h"
#include "log_time.h"

namespace audit {

// Keeps a0 and a1 from record to record, as the reference does: records are handed over in the order of printing.
class RecordPrinter {
 public:
  // Both must outlive the printer.
  RecordPrinter(Interpreter& interpreter, LogTime& time) noexcept : interpreter_(interpreter), time_(time) {}

  // Appends one record, its newline included.
  void Append(const Record& record, std::string* out);

  // Forgets a0 and a1, so that what follows does not depend on what came before.
  void Reset() noexcept { context_ = {}; }

 private:
  void AppendHead(const Record& record, std::string* out);
  void AppendPlain(std::string_view text, std::string* out);
  void AppendBody(std::string_view body, const Record& record, std::string* out);
  size_t AppendValue(std::string_view body, size_t start, std::string_view name, int32_t record_type,
                     bool* ends_at_comma, std::string* out);
  void AppendInterpreted(FieldType type, std::string_view name, std::string_view value, std::string* out);
  void AppendKeys(std::string_view value, std::string* out);

  Interpreter& interpreter_;
  LogTime& time_;
  FieldContext context_;
  EnrichmentList enrichment_;
  std::string scratch_;
};

}  // namespace audit
