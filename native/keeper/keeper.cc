#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

namespace audit {

namespace {

constexpr int kFirstListened = 3;
constexpr int64_t kAbortPatience = 5000;
constexpr int kMostReceived = 8;

// Passed on to the program as they are; the last two are its own: see auditd(8).
constexpr int kForwarded[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGCONT, 36, 37};

int64_t Now() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

sigset_t Handled() noexcept {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&handled, signal);
  for (const int signal : kForwarded) sigaddset(&handled, signal);
  return handled;
}

}  // namespace

Keeper::~Keeper() {
  if (notify_fd_ >= 0) {
    close(notify_fd_);
    unlink(options_.socket);
  }
  if (signal_fd_ >= 0) close(signal_fd_);
}

int Keeper::Run() noexcept {
  if (!Prepare()) return 1;
  Start();
  while (exit_code_ < 0) {
    pollfd ready[] = {{notify_fd_, POLLIN, 0}, {signal_fd_, POLLIN, 0}};
    poll(ready, 2, Timeout());
    // What a program said before it died was said before.
    HearNotices();
    HearSignals();
    if (child_ == 0 && exit_code_ < 0 && start_at_ >= 0 && Now() >= start_at_) Start();
    WatchDog();
  }
  return exit_code_;
}

bool Keeper::Prepare() noexcept {
  const sigset_t handled = Handled();
  sigprocmask(SIG_BLOCK, &handled, nullptr);
  signal_fd_ = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (signal_fd_ < 0 || strlen(options_.socket) >= sizeof address.sun_path) {
    syslog(LOG_ERR, "Cannot keep the daemon: %s", signal_fd_ < 0 ? strerror(errno) : "the socket's path is too long");
    return false;
  }
  memcpy(address.sun_path, options_.socket, strlen(options_.socket));  // the rest is NUL
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  unlink(options_.socket);            // of a keeper that was killed
  const mode_t before = umask(0177);  // nobody but root may speak here
  const bool is_bound = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0 &&
                        bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  umask(before);
  notify_fd_ = fd;
  if (!is_bound) syslog(LOG_ERR, "Cannot listen at %s: %s", options_.socket, strerror(errno));
  return is_bound;
}

void Keeper::Start() noexcept {
  start_at_ = -1;
  is_up_ = false;
  was_aborted_ = false;
  alive_until_ = -1;
  started_at_ = Now();
  const pid_t pid = fork();
  if (pid == 0) Become();
  if (pid < 0) {
    const int64_t wait = back_off_.After(0, false);
    syslog(LOG_ERR, "Cannot start the daemon: %s", strerror(errno));
    start_at_ = Now() + wait;
    return;
  }
  child_ = pid;
}

// In the child: the stored descriptors become 3 and on, and everything else is closed.
void Keeper::Become() noexcept {
  const int count = store_.count();
  const int above = kFirstListened + DescriptorStore::kMost;
  int moved[DescriptorStore::kMost];
  for (int i = 0; i < count; i++) moved[i] = fcntl(store_.descriptor(i), F_DUPFD, above);
  for (int i = 0; i < count; i++) dup2(moved[i], kFirstListened + i);
  close_range(static_cast<unsigned>(kFirstListened + count), ~0u, 0);

  char names[DescriptorStore::kMost * (kMostName + 1) + 1] = "";
  size_t length = 0;
  for (int i = 0; i < count; i++) {
    const int size = snprintf(names + length, sizeof names - length, "%s%s", i > 0 ? ":" : "", store_.name(i));
    length += static_cast<size_t>(size);
  }
  char number[24];
  const auto set = [&number](const char* name, int64_t value) {
    snprintf(number, sizeof number, "%lld", static_cast<long long>(value));
    setenv(name, number, 1);
  };
  setenv("NOTIFY_SOCKET", options_.socket, 1);
  if (count > 0) {
    set("LISTEN_PID", getpid());
    set("LISTEN_FDS", count);
    setenv("LISTEN_FDNAMES", names, 1);
  }
  if (options_.watchdog_milliseconds > 0) {
    set("WATCHDOG_PID", getpid());
    set("WATCHDOG_USEC", options_.watchdog_milliseconds * 1000);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv(options_.program[0], options_.program);
  syslog(LOG_ERR, "Cannot start %s: %s", options_.program[0], strerror(errno));
  _exit(1);
}

void Keeper::HearSignals() noexcept {
  signalfd_siginfo info;
  while (read(signal_fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    switch (info.ssi_signo) {
      case SIGCHLD:
        break;
      case SIGTERM:
      case SIGINT:
        is_stopping_ = true;
        Forward(SIGTERM);
        if (child_ == 0) exit_code_ = 1;  // between two lives: what waits for the next one is not written
        break;
      default:
        Forward(static_cast<int>(info.ssi_signo));
    }
  }
  Reap();
}

void Keeper::Forward(int signal) noexcept {
  if (child_ > 0) kill(child_, signal);
}

void Keeper::HearNotices() noexcept {
  for (;;) {
    char text[4096];
    iovec vector = {text, sizeof text};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(int) * kMostReceived)];
    msghdr message = {};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t size = recvmsg(notify_fd_, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0) return;
    ucred sender = {};
    int descriptors[kMostReceived];
    int count = 0;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET) continue;
      if (header->cmsg_type == SCM_CREDENTIALS) memcpy(&sender, CMSG_DATA(header), sizeof sender);
      if (header->cmsg_type != SCM_RIGHTS) continue;
      const size_t bytes = header->cmsg_len - CMSG_LEN(0);
      for (size_t at = 0; at + sizeof(int) <= bytes && count < kMostReceived; at += sizeof(int)) {
        memcpy(&descriptors[count++], CMSG_DATA(header) + at, sizeof(int));
      }
    }
    const bool is_whole = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
    // Only the daemon speaks for itself: not the programs that it starts.
    const bool is_heard = is_whole && child_ > 0 && sender.pid == child_;
    Take(count, descriptors, is_heard ? std::string_view(text, static_cast<size_t>(size)) : std::string_view());
  }
}

void Keeper::Take(int count, const int* descriptors, std::string_view text) noexcept {
  const Notice notice = ParseNotice(text);
  for (int i = 0; i < count; i++) {
    if (!notice.stores || notice.name.empty()) {
      close(descriptors[i]);
    } else if (!store_.Keep(descriptors[i], notice.name)) {
      syslog(LOG_WARNING, "No room to keep another descriptor");
    }
  }
  if (notice.removes && !notice.name.empty()) store_.Remove(notice.name);
  if (notice.is_ready) {
    is_up_ = was_ever_up_ = true;
    if (options_.ready_descriptor >= 0) {
      if (write(options_.ready_descriptor, "\0", 1) < 0) syslog(LOG_DEBUG, "Nobody waits for the daemon to be up");
      close(options_.ready_descriptor);
      options_.ready_descriptor = -1;
    }
  }
  if (notice.is_ready || notice.is_alive) alive_until_ = Now() + options_.watchdog_milliseconds;
  if (notice.is_stuck) alive_until_ = Now();
}

void Keeper::Reap() noexcept {
  int status = 0;
  // Also what a daemon that went to the background would leave behind: it is not the program that is kept.
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
    if (pid != child_) continue;
    HearNotices();  // while it still is the one that is heard
    child_ = 0;
    Ended(status);
  }
}

void Keeper::Ended(int status) noexcept {
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (is_stopping_ || code == 0 || (!was_ever_up_ && WIFEXITED(status) && code != kStartAgain)) {
    exit_code_ = code;
    return;
  }
  const int64_t wait = code == kStartAgain ? 0 : back_off_.After(Now() - started_at_, is_up_);
  start_at_ = Now() + wait;
  if (code == kStartAgain) return;
  syslog(LOG_ALERT, "The audit daemon %s %d: starting it again in %lld ms",
         WIFEXITED(status) ? "exited with" : "was ended by signal", WIFEXITED(status) ? code : code - 128,
         static_cast<long long>(wait));
}

void Keeper::WatchDog() noexcept {
  if (options_.watchdog_milliseconds == 0 || child_ == 0 || alive_until_ < 0 || Now() < alive_until_) return;
  syslog(LOG_ALERT, "The audit daemon does not record: %s", was_aborted_ ? "killing it" : "ending it");
  kill(child_, was_aborted_ ? SIGKILL : SIGABRT);
  was_aborted_ = true;
  alive_until_ = Now() + kAbortPatience;
}

int Keeper::Timeout() const noexcept {
  int64_t until = -1;
  if (child_ == 0) until = start_at_;
  if (child_ > 0 && options_.watchdog_milliseconds > 0) until = alive_until_;
  if (until < 0) return -1;
  const int64_t left = until - Now();
  return left < 0 ? 0 : static_cast<int>(left < 60000 ? left : 60000);
}

}  // namespace audit
