// Local dates and times as audit tools print them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

namespace audit {

// Remembers the last second it was asked for: a log's records come by the thousand a second, and localtime_r(3) and
// strftime(3) are slow. Used by one thread.
class LogTime {
 public:
  // `date_format` as strftime(3), which may be %x: the locale's date.
  explicit LogTime(const char* date_format = "%x") noexcept : date_format_(date_format) {}

  // Appends "01/28/07 22:00:01", local time.
  void AppendDateTime(int64_t seconds, std::string* out);
  // Appends ".123:45", unpadded serial.
  static void AppendMilliAndSerial(uint16_t milliseconds, uint32_t serial, std::string* out);

 private:
  const char* date_format_;
  int64_t seconds_ = INT64_MIN;
  char text_[64];
  size_t length_ = 0;
};

}  // namespace audit
