// A file of one int64_t per event number, shared between who writes times and who compares them.
#ifndef BENCH_LOAD_STAMPS_H_
#define BENCH_LOAD_STAMPS_H_

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Stamps of the events 0 to `events`, all 0. The file belongs to this run alone: O_EXCL.
static inline int64_t* CreateStamps(const char* path, long events) {
  const size_t bytes = (events + 1) * sizeof(int64_t);
  const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, bytes) != 0) {
    perror(path);
    exit(1);
  }
  // Populated: a page fault in the middle of the load would be measured as latency.
  void* memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  close(fd);
  return memory;
}

#endif  // BENCH_LOAD_STAMPS_H_
