// flood FIRST COUNT [RATE]: makes COUNT audited calls, getppid(2), numbered FIRST, FIRST + 1, ... in their first
// argument, which the kernel records as a0 although the call takes none. As fast as it goes, or RATE a second; a call
// that is late is made at once. SIGTERM ends it before. Prints how many it made.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t is_over = 0;

static void End(int signal) {
  (void)signal;
  is_over = 1;
}

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 2;
  const long first = atol(argv[1]);
  const long count = atol(argv[2]);
  const long interval = argc == 4 ? 1000000000 / atol(argv[3]) : 0;
  signal(SIGTERM, End);
  prctl(PR_SET_TIMERSLACK, 1UL);
  struct timespec due;
  clock_gettime(CLOCK_MONOTONIC, &due);
  long made = 0;
  for (; made < count && !is_over; made++) {
    syscall(SYS_getppid, first + made);
    if (interval == 0) continue;
    due.tv_nsec += interval;
    if (due.tv_nsec >= 1000000000) {
      due.tv_nsec -= 1000000000;
      due.tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
  }
  printf("%ld\n", made);
  return 0;
}
