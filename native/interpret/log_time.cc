#include "log_time.h"

#include <cstring>

#include "number_texts.h"

namespace audit {

void LogTime::AppendDateTime(int64_t seconds, std::string* out) {
  if (seconds != seconds_) {
    const time_t time = seconds;
    tm local;
    length_ = 0;
    if (localtime_r(&time, &local) != nullptr) {
      length_ = strftime(text_, sizeof text_, date_format_, &local);
      if (length_ + 1 < sizeof text_) {
        text_[length_++] = ' ';
        length_ += strftime(text_ + length_, sizeof text_ - length_, "%H:%M:%S", &local);
      }
    }
    seconds_ = seconds;
  }
  out->append(text_, length_);
}

void LogTime::AppendMilliAndSerial(uint16_t milliseconds, uint32_t serial, std::string* out) {
  *out += '.';
  if (milliseconds < 100) *out += '0';
  if (milliseconds < 10) *out += '0';
  AppendDecimal(milliseconds, out);
  *out += ':';
  AppendDecimal(serial, out);
}

}  // namespace audit
