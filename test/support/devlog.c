// devlog FILE: takes /dev/log, and appends what programs say to it to FILE, a line each.
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
  if (bind(fd, (struct sockaddr*)&address, sizeof address) != 0) return 1;
  FILE* file = fopen(argv[1], "a");
  static char message[1 << 16];
  for (ssize_t got; file != NULL && (got = recv(fd, message, sizeof message, 0)) > 0; fflush(file)) {
    fwrite(message, 1, strnlen(message, (size_t)got), file);
    fputc('\n', file);
  }
  return 1;
}
