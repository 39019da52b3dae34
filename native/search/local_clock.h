// The C library's view of dates and times: the time zone and the locale of the environment (LC_ALL, LC_TIME, LANG),
// which Node.js itself never sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>

namespace audit {

// For the strftime(3) of all threads. Main thread, before others use it.
void UseTimeLocale() noexcept;

// How much of a word strptime(3) takes in the locale's form, and what it says; 0: it does not start with one.
size_t ReadDate(const char* word, tm* parts) noexcept;       // %x
size_t ReadTimeOfDay(const char* word, tm* parts) noexcept;  // %X

// mktime(3). False: there is no such time.
bool MakeTime(tm* parts, int64_t* seconds) noexcept;

}  // namespace audit
