// sink: registers as the audit daemon and reads records as fast as they come, 64 a call, into the void. What no daemon
// on this machine can beat. Until SIGTERM; then prints: records, SYSCALL records, and when the last of these came, in
// nanoseconds of CLOCK_REALTIME.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

enum { kBatch = 64, kMessage = 9216, kReceiveBuffer = 64 << 20 };

static volatile sig_atomic_t stopped;
static void Stop(int signal) {
  (void)signal;
  stopped = 1;
}

static void Fail(const char* what) {
  perror(what);
  exit(1);
}

// Without acknowledgement: the answer would arrive among the records. The registration shows in the kernel's status.
static void Set(int audit, struct audit_status status) {
  struct {
    struct nlmsghdr header;
    struct audit_status status;
  } request = {.status = status};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = AUDIT_SET;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (sendto(audit, &request, sizeof request, 0, (const struct sockaddr*)&kernel, sizeof kernel) < 0) Fail("sendto");
}

int main(void) {
  const int audit = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
  if (audit < 0) Fail("socket");
  const int bytes = kReceiveBuffer;
  const int yes = 1;
  if (setsockopt(audit, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) Fail("SO_RCVBUFFORCE");
  if (setsockopt(audit, SOL_NETLINK, NETLINK_NO_ENOBUFS, &yes, sizeof yes) != 0) Fail("NETLINK_NO_ENOBUFS");
  const struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  if (bind(audit, (const struct sockaddr*)&self, sizeof self) != 0) Fail("bind");

  const struct sigaction action = {.sa_handler = Stop};
  sigaction(SIGTERM, &action, NULL);
  Set(audit, (struct audit_status){.mask = AUDIT_STATUS_ENABLED, .enabled = 1});
  Set(audit, (struct audit_status){.mask = AUDIT_STATUS_PID, .pid = getpid()});

  static char buffers[kBatch][kMessage];
  struct iovec pieces[kBatch];
  struct mmsghdr messages[kBatch];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < kBatch; i++) {
    pieces[i] = (struct iovec){.iov_base = buffers[i], .iov_len = kMessage};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  long records = 0;
  long syscalls = 0;
  int64_t last = 0;
  while (!stopped) {
    const int got = recvmmsg(audit, messages, kBatch, MSG_WAITFORONE, NULL);
    if (got < 0 && errno != EINTR) Fail("recvmmsg");
    const long before = syscalls;
    for (int i = 0; i < got; i++) {
      records++;
      syscalls += ((const struct nlmsghdr*)buffers[i])->nlmsg_type == AUDIT_SYSCALL;
    }
    if (syscalls != before) last = Now(CLOCK_REALTIME);
  }
  printf("%ld %ld %lld\n", records, syscalls, (long long)last);
  return 0;
}
