// One sentence for each event: ausearch --format text.
#pragma once

#include <string>
#include <vector>

#include "../interpret/event_cursor.h"
#include "local_time.h"
#include "normalizer.h"

namespace audit {

// Used by one thread.
class TextWriter {
 public:
  // All three must outlive the writer. `debug`: events without an action say so, where the sentence stops making sense.
  TextWriter(EventCursor& cursor, Normalizer& normalizer, LocalTime& time, bool debug) noexcept
      : cursor_(cursor), normalizer_(normalizer), time_(time), debug_(debug) {}

  // Appends the lines of an event as the tools group it, mostly one. `errors` gets nothing: what is not understood, the
  // line says. It is there so that writers can stand for one another.
  void Append(const Event& event, std::string* out, std::string* errors);

 private:
  void AppendLine(std::string* out);
  void AppendSubject(const Normalized& normalized, std::string* out);
  void AppendObject(const Normalized& normalized, std::string* out);
  std::string_view ObjectText(const Normalized& normalized);
  void AppendProcesses(const NormalizedObject& object, std::string* out);

  EventCursor& cursor_;
  Normalizer& normalizer_;
  LocalTime& time_;
  bool debug_;
  std::vector<Record> heads_;
};

}  // namespace audit
