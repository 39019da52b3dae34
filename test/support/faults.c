// Loaded into the daemon with LD_PRELOAD: lets it die, or stand still, at moments that no signal from outside can hit.
// Each happens while a file of its name is in the directory that AUDITD_TEST_FAULTS names. One that ends the process
// takes its file away first, so that the process after it lives.
//
//   received      SIGSEGV when messages have been taken out of the audit socket and nothing was made of them
//   torn          SIGKILL when half of a write of records is in the log
//   written       SIGKILL when all of it is, and the process does not know yet
//   disconnected  SIGKILL in the take-over, when nobody is registered
//   registered    SIGKILL in the take-over, when the kernel has been asked to register this process
//   reader-stands no message is taken out of the audit socket
//   writer-stands no record is written to the log
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int At(const char* name, char* path, size_t size) {
  const char* directory = getenv("AUDITD_TEST_FAULTS");
  if (directory == NULL) return 0;
  snprintf(path, size, "%s/%s", directory, name);
  return access(path, F_OK) == 0;
}

static void WaitWhile(const char* name) {
  char path[4096];
  const struct timespec nap = {0, 1000000};
  while (At(name, path, sizeof path)) nanosleep(&nap, NULL);
}

// True once for each file that was made, whichever thread asks.
static int Takes(const char* name) {
  char path[4096];
  return At(name, path, sizeof path) && unlink(path) == 0;
}

static void DieAt(const char* name) {
  if (Takes(name)) kill(getpid(), SIGKILL);
}

int recvmmsg(int fd, struct mmsghdr* messages, unsigned count, int flags, struct timespec* timeout) {
  static int (*next)(int, struct mmsghdr*, unsigned, int, struct timespec*) = NULL;
  if (next == NULL) next = (int (*)(int, struct mmsghdr*, unsigned, int, struct timespec*))dlsym(RTLD_NEXT, "recvmmsg");
  WaitWhile("reader-stands");
  const int received = next(fd, messages, count, flags, timeout);
  if (received > 1 && Takes("received")) *(volatile int*)NULL = 0;
  return received;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static ssize_t (*next)(int, const void*, size_t) = NULL;
  if (next == NULL) next = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
  const char record[] = "type=SYSCALL ";
  if (size < sizeof record || memcmp(bytes, record, sizeof record - 1) != 0) return next(fd, bytes, size);
  WaitWhile("writer-stands");
  if (Takes("torn")) {
    const ssize_t half = next(fd, bytes, size / 2);
    (void)half;
    kill(getpid(), SIGKILL);
  }
  const ssize_t written = next(fd, bytes, size);
  DieAt("written");
  return written;
}

int connect(int fd, const struct sockaddr* address, socklen_t size) {
  static int (*next)(int, const struct sockaddr*, socklen_t) = NULL;
  if (next == NULL) next = (int (*)(int, const struct sockaddr*, socklen_t))dlsym(RTLD_NEXT, "connect");
  const int result = next(fd, address, size);
  // To another port than the kernel's: a dead daemon's socket.
  if (address->sa_family == AF_NETLINK && ((const struct sockaddr_nl*)address)->nl_pid != 0) DieAt("disconnected");
  return result;
}

ssize_t sendto(int fd, const void* bytes, size_t size, int flags, const struct sockaddr* to, socklen_t to_size) {
  typedef ssize_t (*SendTo)(int, const void*, size_t, int, const struct sockaddr*, socklen_t);
  static SendTo next = NULL;
  if (next == NULL) next = (SendTo)dlsym(RTLD_NEXT, "sendto");
  const ssize_t sent = next(fd, bytes, size, flags, to, to_size);
  const struct nlmsghdr* header = bytes;
  const struct audit_status* status = (const struct audit_status*)(header + 1);
  if (to != NULL && to->sa_family == AF_NETLINK && size >= sizeof *header + sizeof *status &&
      header->nlmsg_type == AUDIT_SET && status->mask == AUDIT_STATUS_PID && status->pid != 0) {
    DieAt("registered");
  }
  return sent;
}
