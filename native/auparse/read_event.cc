#include "read_event.h"

namespace audit {

void TakeEvents(EventBatch* batch, std::vector<ReadEvent>* events) {
  for (const Event& event : batch->events) {
    ReadEvent read;
    read.stamp = event.stamp;
    read.has_node = event.has_node;
    read.node.assign(event.node);
    size_t bytes = 0;
    for (size_t i = 0; i < event.count; i++) {
      bytes += event.records[i].text.size() + event.records[i].interpretation.size() + 2;
    }
    read.lines.reserve(bytes);
    read.places.reserve(event.count);
    for (size_t i = 0; i < event.count; i++) {
      const Record& record = event.records[i];
      if (i > 0) read.lines += '\n';
      read.lines.append(record.text);
      if (record.has_interpretation) read.lines.append(1, '\x1d').append(record.interpretation);
      read.places.push_back({record.file, record.line});
    }
    events->push_back(std::move(read));
  }
  batch->Clear();
}

void AddCounts(const LineCounts& from, LineCounts* to) noexcept {
  to->lines += from.lines;
  to->records += from.records;
  to->out_of_range += from.out_of_range;
  to->malformed += from.malformed;
  to->cut += from.cut;
}

}  // namespace audit
