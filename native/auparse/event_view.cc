#include "event_view.h"

#include <algorithm>

#include "../scan/header.h"

namespace audit {

void EventView::Load(std::string lines) {
  cursor_.Clear();
  records_.clear();
  lines_ = std::move(lines);
  for (size_t at = 0; at < lines_.size();) {
    const size_t end = std::min(lines_.find('\n', at), lines_.size());
    Record record;
    const HeaderFault fault =
        ParseHeader(std::string_view(lines_).substr(at, end - at), HeaderRules::kLibrary, &record);
    if (fault == HeaderFault::kNone || fault == HeaderFault::kNoField) records_.push_back(record);
    at = end + 1;
  }
  Event event;
  event.records = records_.data();
  event.count = records_.size();
  if (!records_.empty()) {
    event.stamp = records_[0].stamp;
    event.has_node = records_[0].has_node;
    event.node = records_[0].node;
  }
  cursor_.Reset(event);
}

}  // namespace audit
