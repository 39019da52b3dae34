#include "utc_time.h"

#include <ctime>

namespace audit {

std::string UtcTime(const Stamp& stamp) {
  const auto clock = static_cast<time_t>(stamp.seconds);
  tm parts;
  if (gmtime_r(&clock, &parts) == nullptr || parts.tm_year < -1900 || parts.tm_year > 9999 - 1900) return {};
  char text[32];
  std::string result(text, strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.", &parts));
  result.insert(0, result.find('-') < 4 ? 4 - result.find('-') : 0, '0');
  const int milliseconds = stamp.milliseconds;
  result += static_cast<char>('0' + milliseconds / 100 % 10);
  result += static_cast<char>('0' + milliseconds / 10 % 10);
  result += static_cast<char>('0' + milliseconds % 10);
  result += 'Z';
  return result;
}

}  // namespace audit
