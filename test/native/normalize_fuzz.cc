// Events of arbitrary lines through every writer. The JSON must be JSON.
#include <cstdlib>

#include "json_reader.h"
#include "normalize_support.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMostRecords = 40;
  LoggedEvent event;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (size_t count = 0; !rest.empty() && count < kMostRecords; count++) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    event.Line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  audit::CsvColumns columns;
  columns.keys = columns.labels = columns.object2 = columns.time = true;
  AsCsv(event, columns);
  AsText(event, true);
  const std::string line = AsJson(event);
  std::string fault;
  if (!line.empty() && (line.back() != '\n' || !IsJson(std::string_view(line).substr(0, line.size() - 1), &fault))) {
    std::abort();
  }
  return 0;
}
