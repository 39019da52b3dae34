#include "local_clock.h"

#include <errno.h>
#include <locale.h>

namespace audit {

namespace {

size_t Read(const char* word, const char* form, tm* parts) noexcept {
  const locale_t locale = newlocale(LC_TIME_MASK, "", nullptr);
  // A locale that is not installed is none.
  const char* const end = locale == nullptr ? strptime(word, form, parts) : strptime_l(word, form, parts, locale);
  if (locale != nullptr) freelocale(locale);
  return end == nullptr ? 0 : static_cast<size_t>(end - word);
}

}  // namespace

void UseTimeLocale() noexcept {
  if (setlocale(LC_TIME, "") == nullptr) setlocale(LC_TIME, "C");
}

size_t ReadDate(const char* word, tm* parts) noexcept { return Read(word, "%x", parts); }
size_t ReadTimeOfDay(const char* word, tm* parts) noexcept { return Read(word, "%X", parts); }

bool MakeTime(tm* parts, int64_t* seconds) noexcept {
  errno = 0;
  const time_t time = mktime(parts);
  *seconds = time;
  return time != -1 || errno == 0;
}

}  // namespace audit
