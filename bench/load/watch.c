// watch LOG KEY EVENTS STAMPS: looks at a growing log every 100 us, and notes in STAMPS[n] the CLOCK_REALTIME at which
// the first byte of the SYSCALL record with this key and a0 = n could be read. From the log's end on; the log is not
// rotated meanwhile. Ends once all EVENTS were seen, or on SIGTERM. Prints "watching", then how many events it saw.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "clock.h"
#include "stamps.h"

static const int64_t kInterval = 100000;
enum { kBuffer = 4 << 20 };

static volatile sig_atomic_t stopped;
static void Stop(int signal) {
  (void)signal;
  stopped = 1;
}

struct Watch {
  const char* key;
  long events;
  int64_t* stamps;
  long seen;
};

// A record is one line; its newline is already a NUL.
static void Note(struct Watch* watch, const char* line, int64_t when) {
  if (strstr(line, "type=SYSCALL ") == NULL || strstr(line, watch->key) == NULL) return;
  const char* a0 = strstr(line, " a0=");
  if (a0 == NULL) return;
  const long n = strtol(a0 + 4, NULL, 16);
  if (n < 1 || n > watch->events || watch->stamps[n] != 0) return;
  watch->stamps[n] = when;
  watch->seen++;
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  struct Watch watch = {.key = argv[2], .events = atol(argv[3]), .stamps = CreateStamps(argv[4], atol(argv[3]))};
  const struct sigaction action = {.sa_handler = Stop};
  sigaction(SIGTERM, &action, NULL);
  prctl(PR_SET_TIMERSLACK, 1UL);
  const int log = open(argv[1], O_RDONLY | O_CLOEXEC);
  char* buffer = malloc(kBuffer + 1);
  if (log < 0 || lseek(log, 0, SEEK_END) < 0 || buffer == NULL) {
    perror(argv[1]);
    return 1;
  }
  puts("watching");
  fflush(stdout);

  size_t held = 0;         // bytes of a line that is not complete yet
  int64_t held_since = 0;  // when the first of them could be read
  int64_t due = Now(CLOCK_MONOTONIC);
  while (!stopped && watch.seen < watch.events) {
    const ssize_t got = read(log, buffer + held, kBuffer - held);
    if (got < 0 && errno != EINTR) {
      perror("read");
      return 1;
    }
    if (got <= 0) {
      const int64_t now = Now(CLOCK_MONOTONIC);
      due = due + kInterval > now ? due + kInterval : now;
      SleepUntil(CLOCK_MONOTONIC, due);
      continue;
    }
    const int64_t when = Now(CLOCK_REALTIME);
    if (held == 0) held_since = when;
    char* line = buffer;
    char* const end = buffer + held + got;
    for (char* newline; (newline = memchr(line, '\n', end - line)) != NULL; line = newline + 1) {
      *newline = '\0';
      Note(&watch, line, held_since);
      held_since = when;  // what follows the first newline came with this read
    }
    held = end - line;
    if (held == kBuffer) {
      fputs("a line is longer than the buffer\n", stderr);
      return 1;
    }
    memmove(buffer, line, held);
  }
  printf("%ld\n", watch.seen);
  return 0;
}
