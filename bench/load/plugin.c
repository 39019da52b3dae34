// plugin RESULT: reads audit records, or events as JSON, from standard input, a line each, and checks the load's events:
// the n-th carries n in a0 of its SYSCALL record, and 1 begins another load. Writes to RESULT at the end of its input:
// events that came in order, events that came again, the last one's number, lines, bytes, ends of events, and the time
// of the last event in nanoseconds of CLOCK_REALTIME. SIGTERM is ignored: what was sent is read to its end.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

enum { kBuffer = 1 << 18 };
static const char kSyscall[] = "type=SYSCALL ";
static const char kArgument[] = " a0=";
static const char kJsonArgument[] = "\"a0\":\"";
static const char kEndOfEvent[] = "type=EOE ";
static const char kKey[] = "key=\"node-auditd-bench\"";
static const char kJsonKey[] = "\"keys\":[\"node-auditd-bench\"]";

static long in_order, repeated, last, records, ends;
static long long bytes;

static const char* After(const char* line, size_t length, const char* text) {
  const size_t size = strlen(text);
  const char* found = memmem(line, length, text, size);
  return found == NULL ? NULL : found + size;
}

static void TakeLine(const char* line, size_t length) {
  records++;
  if (length > sizeof kEndOfEvent && memcmp(line, kEndOfEvent, sizeof kEndOfEvent - 1) == 0) ends++;
  const char* argument = NULL;
  if (length > 0 && line[0] == '{') {
    argument = After(line, length, kJsonArgument);
    if (argument == NULL || After(line, length, kJsonKey) == NULL) return;
  } else {
    if (length < sizeof kSyscall || memcmp(line, kSyscall, sizeof kSyscall - 1) != 0) return;
    argument = After(line, length, kArgument);
    if (argument == NULL || After(line, length, kKey) == NULL) return;
  }
  const long number = strtol(argument, NULL, 16);
  if (number == 1) last = 0;  // another load
  if (number == last + 1) in_order++;
  if (number <= last) repeated++;
  if (number > last) last = number;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  signal(SIGTERM, SIG_IGN);
  static char buffer[kBuffer];
  size_t held = 0;
  int64_t end = 0;
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, buffer + held, sizeof buffer - held);
    if (got <= 0) break;
    bytes += got;
    held += (size_t)got;
    const long before = last;
    char* line = buffer;
    for (char* newline; (newline = memchr(line, '\n', held - (size_t)(line - buffer))) != NULL; line = newline + 1) {
      TakeLine(line, (size_t)(newline - line));
    }
    held -= (size_t)(line - buffer);
    memmove(buffer, line, held);
    if (last != before) end = Now(CLOCK_REALTIME);
  }
  FILE* result = fopen(argv[1], "w");
  if (result == NULL) return 1;
  fprintf(result, "%ld %ld %ld %ld %lld %ld %lld\n", in_order, repeated, last, records, bytes, ends, (long long)end);
  return fclose(result) == 0 ? 0 : 1;
}
