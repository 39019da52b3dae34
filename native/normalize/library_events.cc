#include "library_events.h"

#include "../scan/header.h"
#include "record_type.h"

namespace audit {

namespace {

// The library takes the type from the record's first field, or the one behind `node`; the tools take it from the head,
// and are content with a node of no name. Nearly always both see the same, and the record need not be read again.
bool ReadsAlike(const Record& record) noexcept {
  constexpr std::string_view kType = "type=";
  const size_t at = static_cast<size_t>(record.type_name.data() - record.text.data());
  if (record.type <= 0 || at < kType.size() || record.text.substr(at - kType.size(), kType.size()) != kType) {
    return false;
  }
  if (record.has_node) return !record.node.empty() && record.text.substr(0, 5) == "node=";
  return at == kType.size();
}

struct LibraryRecord {
  HeaderFault fault;
  int32_t type;
};

LibraryRecord ReadAsLibrary(const Record& record) noexcept {
  if (ReadsAlike(record)) return {HeaderFault::kNone, record.type};
  if (record.has_node && record.node.empty()) return {HeaderFault::kNoHead, 0};
  Record read;
  const HeaderFault fault = ParseHeader(record.text, HeaderRules::kLibrary, &read);
  return {fault, fault == HeaderFault::kNone ? read.type : 0};
}

}  // namespace

bool LibraryEvents::Next(Event* part) {
  kept_.clear();
  bool is_run = true;  // of neighbours, as nearly always: then they need not be copied
  size_t first = next_;
  for (; next_ < event_.count; next_++) {
    const Record& record = event_.records[next_];
    const LibraryRecord read = ReadAsLibrary(record);
    const bool is_first = next_ == first;
    // Without a head it is no record; EOE and a record without fields end or extend an event, and begin none.
    const bool is_refused = read.fault == HeaderFault::kNoHead || read.fault == HeaderFault::kBadStamp;
    if (is_refused || (is_first && (read.fault == HeaderFault::kNoField || read.type == record_type::EOE))) {
      if (is_first) {
        first++;
        continue;
      }
      if (is_run) kept_.assign(event_.records + first, event_.records + next_);
      is_run = false;
      continue;
    }
    // The tools hand such a line on without what stood between 0x1D and the NUL.
    const bool loses_names = record.ends_at_nul && record.has_interpretation;
    if (is_run && loses_names) {
      kept_.assign(event_.records + first, event_.records + next_);
      is_run = false;
    }
    if (!is_run) kept_.push_back(record);
    if (loses_names) {
      kept_.back().interpretation = {};
      kept_.back().has_interpretation = false;
    }
    if (IsFinalType(read.type)) {
      next_++;
      break;
    }
  }
  *part = event_;
  part->records = is_run ? event_.records + first : kept_.data();
  part->count = is_run ? next_ - first : kept_.size();
  return part->count > 0;
}

Event WithoutFields(const Event& event, std::vector<Record>* heads) {
  heads->assign(event.records, event.records + event.count);
  for (Record& record : *heads) {
    record.text = record.text.substr(0, record.body);
    record.interpretation = {};
    record.has_interpretation = false;
  }
  Event bare = event;
  bare.has_node = false;
  bare.records = heads->data();
  return bare;
}

}  // namespace audit
