// One line of comma separated values for each event: ausearch --format csv.
#pragma once

#include <string>
#include <vector>

#include "../interpret/event_cursor.h"
#include "local_time.h"
#include "normalizer.h"

namespace audit {

// Columns that are there only when asked for.
struct CsvColumns {
  bool keys = false;
  bool labels = false;
  bool object2 = false;
  bool time = false;
};

// Used by one thread. Nothing is quoted: commas inside values appear as they are, which readers of these lines expect.
class CsvWriter {
 public:
  // All three must outlive the writer.
  CsvWriter(EventCursor& cursor, Normalizer& normalizer, LocalTime& time, CsvColumns columns) noexcept
      : cursor_(cursor), normalizer_(normalizer), time_(time), columns_(columns) {}

  // Appends the line that names the columns.
  void AppendHeader(std::string* out) const;
  // Appends the lines of an event as the tools group it, mostly one. What goes to stderr, whole lines, to `errors`.
  void Append(const Event& event, std::string* out, std::string* errors);

 private:
  void AppendLine(std::string* out, std::string* errors);
  void AppendTime(std::string* out);
  void AppendSubject(const Normalized& normalized, std::string* out);
  void AppendObject(const Normalized& normalized, std::string* out);
  void AppendLabel(const std::vector<FieldPlace>& attributes, std::string_view name, std::string* out);

  EventCursor& cursor_;
  Normalizer& normalizer_;
  LocalTime& time_;
  CsvColumns columns_;
  std::vector<Record> heads_;
};

}  // namespace audit
