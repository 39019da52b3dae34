// Local dates and times of events, in the words of the user's locale.
#pragma once

#include <locale.h>

#include <cstdint>
#include <ctime>
#include <string_view>

namespace audit {

// Events come in the order of time, thousands in a second: what was worked out for the last second is kept. Used by one
// thread. Asks the environment for the locale (LC_ALL, LC_TIME, LANG), since Node.js never sets one.
class LocalTime {
 public:
  LocalTime() noexcept;
  ~LocalTime();
  LocalTime(const LocalTime&) = delete;
  LocalTime& operator=(const LocalTime&) = delete;

  // All that follows is about this second. False: it is beyond every calendar, and the texts are empty.
  bool Set(int64_t seconds) noexcept;
  std::string_view date() const noexcept { return {date_, date_length_}; }  // strftime(3) %x
  std::string_view time() const noexcept { return {time_, time_length_}; }  // %H:%M:%S
  const tm& broken_down() const noexcept { return time_parts_; }

 private:
  locale_t locale_;  // null: the "C" locale's texts
  int64_t seconds_ = 0;
  bool is_set_ = false;
  tm time_parts_ = {};
  char date_[64];
  size_t date_length_ = 0;
  char time_[16];
  size_t time_length_ = 0;
};

}  // namespace audit
