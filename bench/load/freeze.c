// freeze MOUNT SECONDS: nothing can be written to the file system for that long, as on a disk that has stalled. Ends
// early on SIGTERM, SIGINT and SIGHUP, and never without having thawed it. Prints "frozen" in between.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"

static volatile sig_atomic_t stopped;
static void Stop(int signal) {
  (void)signal;
  stopped = 1;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const struct sigaction action = {.sa_handler = Stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
  const int mount = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (mount < 0 || ioctl(mount, FIFREEZE, 0) != 0) {
    perror(argv[1]);
    return 1;
  }
  const int64_t end = Now(CLOCK_MONOTONIC) + (int64_t)(atof(argv[2]) * kSecond);
  puts("frozen");
  fflush(stdout);
  // A signal right before the sleep would be slept through: hence in short steps.
  // In short steps: a signal right before a long sleep would be slept through.
  while (!stopped && Now(CLOCK_MONOTONIC) < end) SleepUntil(CLOCK_MONOTONIC, Now(CLOCK_MONOTONIC) + kSecond / 100);
  if (ioctl(mount, FITHAW, 0) != 0) {
    perror("FITHAW");
    return 1;
  }
  return 0;
}
