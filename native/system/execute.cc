#include "execute.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace audit {

namespace {

void SetCloseOnExec(const int* descriptors, int count, int flag) noexcept {
  for (int i = 0; i < count; i++) fcntl(descriptors[i], F_SETFD, flag);
}

}  // namespace

int Execute(const char* path, char* const* arguments, char* const* environment, const int* kept, int count) noexcept {
  for (int i = 0; i < count; i++) {
    if (fcntl(kept[i], F_GETFD) < 0) return errno;
  }
  SetCloseOnExec(kept, count, 0);
  // Node closes these too (uv_disable_stdio_inheritance); the program would get its first files under their numbers.
  const int standard[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  SetCloseOnExec(standard, 3, 0);
  sigset_t none, before;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, &before);
  execve(path, arguments, environment);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  SetCloseOnExec(kept, count, FD_CLOEXEC);
  SetCloseOnExec(standard, 3, FD_CLOEXEC);
  return error;
}

}  // namespace audit
