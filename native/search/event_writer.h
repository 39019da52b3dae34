// Writes the events of a search in one of its formats.
#pragma once

#include <memory>
#include <string>

#include "../format/names.h"
#include "../normalize/user_numbers.h"
#include "search.h"

namespace audit {

// Used by one thread.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  // Appends the event; what is to be told about it beside the output goes to `errors`.
  virtual void Append(const Event& event, std::string* out, std::string* errors) = 0;
  // Appends what comes once, before the first event.
  virtual void AppendHeader(std::string*) {}
};

// All three must outlive the writer.
std::unique_ptr<EventWriter> NewEventWriter(const SearchOptions& options, Names& names, UserNumbers& users);

}  // namespace audit
