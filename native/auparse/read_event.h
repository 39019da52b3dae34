// An event that left the reader: whoever has it needs nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../scan/grouper.h"
#include "../scan/line_parser.h"

namespace audit {

struct ReadEvent {
  struct Place {
    uint32_t file;  // index of the input
    uint64_t line;  // from 1
  };

  Stamp stamp;
  bool has_node = false;
  std::string node;
  std::string lines;  // as logged, a newline between two
  std::vector<Place> places;
};

// Copies what `batch` holds to the end of `events`, and empties it.
void TakeEvents(EventBatch* batch, std::vector<ReadEvent>* events);

struct ReadCounts {
  LineCounts lines;
  GroupStats groups;
  uint64_t open_events = 0;
  uint64_t slots = 0;  // how many events were open at once
  uint64_t ready_events = 0;
};

void AddCounts(const LineCounts& from, LineCounts* to) noexcept;

}  // namespace audit
