// kept DIRECTORY: a program for native/keeper to keep. In its Nth life it does what the lines of the file DIRECTORY/N
// say, and notes in DIRECTORY/noted what it was given and which signals it got.
//
//   say LINES        tells the keeper; `|` ends a line
//   child LINES      a child of it does
//   store NAME TEXT  has the keeper keep a file with this text
//   wait             until SIGTERM
//   abort            until SIGABRT, which is its end
//   exit CODE | die SIGNAL
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int noted;

static void Note(const char* format, long number, const char* text) {
  char line[512];
  const int size = snprintf(line, sizeof line, format, number, text);
  if (write(noted, line, (size_t)size) != size) exit(9);
}

static void Say(char* text, int descriptor) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", getenv("NOTIFY_SOCKET"));
  for (char* at = text; *at != '\0'; at++) {
    if (*at == '|') *at = '\n';
  }
  struct iovec vector = {text, strlen(text)};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof descriptor)];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof descriptor), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
  struct msghdr message = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &vector, .msg_iovlen = 1};
  if (descriptor >= 0) {
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
  }
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (sendmsg(fd, &message, 0) < 0) Note("%ldcannot say: %s\n", 0, strerror(errno));
  close(fd);
}

static void Store(char* name) {
  char* text = strchr(name, ' ');
  *text++ = '\0';
  const int fd = memfd_create(name, MFD_CLOEXEC);
  if (write(fd, text, strlen(text)) < 0) exit(9);
  char line[128];
  snprintf(line, sizeof line, "FDSTORE=1|FDNAME=%s", name);
  Say(line, fd);
}

// What sd_listen_fds(3) says: a name and what the file holds for each.
static void NoteGiven(void) {
  const char* pid = getenv("LISTEN_PID");
  if (pid == NULL || atoi(pid) != getpid()) return;
  char* names = strdup(getenv("LISTEN_FDNAMES"));
  char* name = strtok(names, ":");
  for (int fd = 3; fd < 3 + atoi(getenv("LISTEN_FDS")); fd++, name = strtok(NULL, ":")) {
    char held[64] = "";
    if (pread(fd, held, sizeof held - 1, 0) < 0) strcpy(held, "unreadable");
    char line[160];
    snprintf(line, sizeof line, "%s=%s", name, held);
    Note("given %ld %s\n", fd, line);
  }
  free(names);
}

int main(int argc, char** argv) {
  if (argc != 2 || chdir(argv[1]) != 0) return 9;
  noted = open("noted", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  char name[24];
  long life = 1;
  for (; snprintf(name, sizeof name, "%ld", life), access(name, F_OK) != 0; life++) {
    if (life > 1000) return 9;
  }
  FILE* steps = fopen(name, "re");
  unlink(name);
  Note("life %ld%s\n", life, "");
  NoteGiven();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  char line[512];
  while (fgets(line, sizeof line, steps) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    char* rest = strchr(line, ' ');
    if (rest != NULL) *rest++ = '\0';
    if (strcmp(line, "say") == 0) Say(rest, -1);
    if (strcmp(line, "store") == 0) Store(rest);
    if (strcmp(line, "exit") == 0) return atoi(rest);
    if (strcmp(line, "die") == 0 || strcmp(line, "abort") == 0) {
      sigprocmask(SIG_UNBLOCK, &all, NULL);
      if (rest != NULL) kill(getpid(), atoi(rest));
      for (;;) pause();
    }
    if (strcmp(line, "child") == 0 && fork() == 0) {
      Say(rest, -1);
      _exit(0);
    }
    while (strcmp(line, "child") == 0 && wait(NULL) < 0 && errno == EINTR) {
    }
    for (int signal = 0; strcmp(line, "wait") == 0 && signal != SIGTERM;) {
      sigwait(&all, &signal);
      Note("signal %ld%s\n", signal, "");
    }
  }
  return 0;
}
