// gaps LOG: looks at a growing log every millisecond, and measures the time between two looks that found more in it. A
// rotation puts a new file in its place, which counts once something is in it. Prints "watching"; on SIGTERM then how
// often it found more, the longest time between in nanoseconds, and how many of these times were longer than 50 ms.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "clock.h"

static const int64_t kInterval = 1000000;
static const int64_t kLong = 50000000;

static volatile sig_atomic_t stopped;
static void Stop(int signal) {
  (void)signal;
  stopped = 1;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const struct sigaction action = {.sa_handler = Stop};
  sigaction(SIGTERM, &action, NULL);
  prctl(PR_SET_TIMERSLACK, 1UL);
  struct stat last;
  if (stat(argv[1], &last) != 0) {
    perror(argv[1]);
    return 1;
  }
  puts("watching");
  fflush(stdout);

  long found = 0;
  long longer = 0;
  int64_t longest = 0;
  int64_t since = 0;  // 0 until more was found for the first time
  int64_t due = Now(CLOCK_MONOTONIC);
  while (!stopped) {
    struct stat now;
    if (stat(argv[1], &now) == 0) {
      const int is_more = now.st_size > 0 && (now.st_ino != last.st_ino || now.st_size != last.st_size);
      if (is_more) {
        const int64_t when = Now(CLOCK_MONOTONIC);
        const int64_t gap = since == 0 ? 0 : when - since;
        if (gap > longest) longest = gap;
        if (gap > kLong) longer++;
        since = when;
        last = now;
        found++;
      }
    } else if (errno != ENOENT) {  // between two steps of a rotation there is none
      perror(argv[1]);
      return 1;
    }
    const int64_t now_is = Now(CLOCK_MONOTONIC);
    due = due + kInterval > now_is ? due + kInterval : now_is;
    SleepUntil(CLOCK_MONOTONIC, due);
  }
  printf("%ld %lld %ld\n", found, (long long)longest, longer);
  return 0;
}
