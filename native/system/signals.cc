#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

namespace audit {

namespace {

int write_end = -1;

// Any thread, async-signal-safe. A full pipe holds thousands of unread signals; one more says nothing new.
void Forward(int number, siginfo_t* info, void*) {
  const int saved = errno;
  const SignalMessage message = {number, info->si_pid, info->si_uid};
  const ssize_t written = write(write_end, &message, sizeof message);
  (void)written;
  errno = saved;
}

}  // namespace

int RouteSignals(const int* handled, int handled_count, const int* ignored, int ignored_count) noexcept {
  int ends[2];
  if (write_end >= 0) {
    errno = EBUSY;
    return -1;
  }
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
  write_end = ends[1];

  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigfillset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  action.sa_sigaction = Forward;
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int i = 0; i < handled_count; i++) {
    if (sigaction(handled[i], &action, nullptr) != 0) return -1;
    sigaddset(&wanted, handled[i]);
  }
  action.sa_flags = 0;
  action.sa_handler = SIG_IGN;
  for (int i = 0; i < ignored_count; i++) {
    if (sigaction(ignored[i], &action, nullptr) != 0) return -1;
  }
  // A parent may have left them blocked.
  pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
  return ends[0];
}

}  // namespace audit
