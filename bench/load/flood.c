// flood EVENTS SECONDS: audited calls as fast as the kernel lets one process make them, until EVENTS are made or
// SECONDS are over, or SIGTERM comes. The n-th call, from 1, carries n as its first argument: a0 of its record.
// Prints: events made, start and end in nanoseconds of CLOCK_REALTIME.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
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
  const long events = atol(argv[1]);
  const int64_t start = Now(CLOCK_REALTIME);
  const int64_t deadline = start + atol(argv[2]) * kSecond;
  long made = 0;
  // The clock costs little beside an audited call, and one call may wait for as long as the kernel's backlog is full.
  while (!stopped && made < events && Now(CLOCK_REALTIME) < deadline) syscall(SYS_getppid, ++made);
  printf("%ld %lld %lld\n", made, (long long)start, (long long)Now(CLOCK_REALTIME));
  return 0;
}
