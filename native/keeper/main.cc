// auditd-keeper [--background] [--watchdog MILLISECONDS] --socket PATH -- PROGRAM [ARGUMENT...]
//
// What `auditd --supervise` becomes: see auditd(8). Returns the daemon's exit code.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "keeper.h"

namespace {

// The one that is waited for: ends once the daemon is up, or with what the daemon ended with.
int WaitUntilReady(int descriptor) {
  char code = 1;
  return read(descriptor, &code, 1) == 1 ? code : 1;
}

void LeaveTerminal() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++) dup2(null, fd);
  if (null > STDERR_FILENO) close(null);
  if (chdir("/") != 0) syslog(LOG_WARNING, "Cannot leave the working directory");
  setsid();
}

// The keeper is the last that may be ended for want of memory: the records are with it.
void ProtectFromOomKiller() {
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, "-1000", 5) < 0) syslog(LOG_NOTICE, "Unable to adjust out of memory score");
  close(fd);
}

}  // namespace

int main(int count, char** arguments) {
  audit::KeeperOptions options;
  bool in_background = false;
  int at = 1;
  for (; at < count && strcmp(arguments[at], "--") != 0; at++) {
    if (strcmp(arguments[at], "--background") == 0) {
      in_background = true;
    } else if (strcmp(arguments[at], "--socket") == 0 && at + 1 < count) {
      options.socket = arguments[++at];
    } else if (strcmp(arguments[at], "--watchdog") == 0 && at + 1 < count) {
      options.watchdog_milliseconds = strtoll(arguments[++at], nullptr, 10);
    } else {
      break;
    }
  }
  if (at + 1 >= count || strcmp(arguments[at], "--") != 0 || options.socket == nullptr) {
    fputs("Usage: auditd-keeper [--background] [--watchdog MILLISECONDS] --socket PATH -- PROGRAM [ARGUMENT...]\n",
          stderr);
    return 2;
  }
  options.program = &arguments[at + 1];
  openlog("auditd-keeper", LOG_PID, LOG_DAEMON);

  int ends[2];
  if (in_background) {
    if (pipe2(ends, O_CLOEXEC) != 0) return 1;
    const pid_t pid = fork();
    if (pid < 0) return 1;
    if (pid > 0) {
      close(ends[1]);
      return WaitUntilReady(ends[0]);
    }
    close(ends[0]);
    LeaveTerminal();
    options.ready_descriptor = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
  }
  ProtectFromOomKiller();
  audit::Keeper keeper(options);
  const auto code = static_cast<char>(keeper.Run());
  // Nobody hears it once the daemon was up.
  if (in_background && write(ends[1], &code, 1) < 0) syslog(LOG_DEBUG, "Nobody waits for the daemon's end");
  return static_cast<unsigned char>(code);
}
