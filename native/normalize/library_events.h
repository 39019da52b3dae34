// How the library groups the records of one of the tools' events. The reference's tools group records by a rule of
// their own and then hand each event, record by record, to the library, which has another: there, PROCTITLE, EOE and
// every record that stands alone end an event, and what follows begins the next, of the same time and serial.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../scan/record.h"

namespace audit {

class LibraryEvents {
 public:
  // The event must outlive this object.
  explicit LibraryEvents(const Event& event) noexcept : event_(event) {}

  // The next of them, which lives until the next call; false: there are no more.
  bool Next(Event* part);

 private:
  const Event& event_;
  size_t next_ = 0;
  std::vector<Record> kept_;  // when some of the records between were no records to the library
};

// The event as the library sees it when its time is 0, which it takes for having none: the records have their types,
// and not one field can be read. `heads` keeps the records.
Event WithoutFields(const Event& event, std::vector<Record>* heads);

}  // namespace audit
