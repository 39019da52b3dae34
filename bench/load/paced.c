// paced EVENTS RATE STAMPS: RATE audited calls a second, evenly spaced. The n-th call, from 1, carries n as its first
// argument; STAMPS[n] is the CLOCK_REALTIME right before it. A call that is late is made at once. SIGTERM ends it early.
// Prints: events made, start and end in nanoseconds of CLOCK_REALTIME.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "clock.h"
#include "stamps.h"

static volatile sig_atomic_t is_over = 0;

static void End(int signal) {
  (void)signal;
  is_over = 1;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const long events = atol(argv[1]);
  const int64_t interval = kSecond / atol(argv[2]);
  int64_t* stamps = CreateStamps(argv[3], events);
  signal(SIGTERM, End);
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default of 50 us is half the interval at 10,000 a second

  const int64_t begin = Now(CLOCK_REALTIME);
  const int64_t origin = Now(CLOCK_MONOTONIC);
  long n = 1;
  for (; n <= events && !is_over; n++) {
    const int64_t due = origin + n * interval;
    if (Now(CLOCK_MONOTONIC) < due) SleepUntil(CLOCK_MONOTONIC, due);
    stamps[n] = Now(CLOCK_REALTIME);
    syscall(SYS_getppid, n);
  }
  printf("%ld %lld %lld\n", n - 1, (long long)begin, (long long)Now(CLOCK_REALTIME));
  return 0;
}
