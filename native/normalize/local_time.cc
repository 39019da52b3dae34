#include "local_time.h"

namespace audit {

LocalTime::LocalTime() noexcept : locale_(newlocale(LC_TIME_MASK, "", nullptr)) {
  if (locale_ == nullptr) locale_ = newlocale(LC_TIME_MASK, "C", nullptr);
  tzset();  // localtime_r(3) need not
}

LocalTime::~LocalTime() {
  if (locale_ != nullptr) freelocale(locale_);
}

bool LocalTime::Set(int64_t seconds) noexcept {
  if (is_set_ && seconds == seconds_) return date_length_ > 0;
  is_set_ = true;
  seconds_ = seconds;
  date_length_ = time_length_ = 0;
  const auto clock = static_cast<time_t>(seconds);
  if (localtime_r(&clock, &time_parts_) == nullptr) {
    time_parts_ = {};
    return false;
  }
  if (locale_ != nullptr) {
    date_length_ = strftime_l(date_, sizeof date_, "%x", &time_parts_, locale_);
    time_length_ = strftime_l(time_, sizeof time_, "%H:%M:%S", &time_parts_, locale_);
  } else {
    date_length_ = strftime(date_, sizeof date_, "%D", &time_parts_);
    time_length_ = strftime(time_, sizeof time_, "%H:%M:%S", &time_parts_);
  }
  return date_length_ > 0;
}

}  // namespace audit
