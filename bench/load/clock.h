// Time in nanoseconds.
#ifndef BENCH_LOAD_CLOCK_H_
#define BENCH_LOAD_CLOCK_H_

#include <stdint.h>
#include <time.h>

static const int64_t kSecond = 1000000000;

static inline int64_t Now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * kSecond + t.tv_nsec;
}

// Returns early when a signal is handled.
static inline void SleepUntil(clockid_t clock, int64_t when) {
  const struct timespec t = {.tv_sec = when / kSecond, .tv_nsec = when % kSecond};
  clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL);
}

#endif  // BENCH_LOAD_CLOCK_H_
