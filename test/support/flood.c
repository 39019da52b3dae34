// flood FIRST COUNT: makes COUNT audited calls, getppid(2), numbered FIRST, FIRST + 1, ... in their first argument, which
// the kernel records as a0 although the call takes none.
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long first = atol(argv[1]);
  const long count = atol(argv[2]);
  for (long i = 0; i < count; i++) syscall(SYS_getppid, first + i);
  return 0;
}
