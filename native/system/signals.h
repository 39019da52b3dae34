// Signals with their sender, which Node does not tell.
#pragma once

#include <signal.h>
#include <stdint.h>

namespace audit {

// What the pipe carries, in the machine's byte order.
struct SignalMessage {
  int32_t number;
  int32_t sender_pid;  // 0 when the kernel sent it
  uint32_t sender_uid;
};

// Takes `handled` out of Node's hands (SIGUSR1 opens Node's inspector) and ignores `ignored`. Returns the
// non-blocking, close-on-exec read end of a pipe that gets one SignalMessage for each signal, or -1 with errno set.
// Once per process.
int RouteSignals(const int* handled, int handled_count, const int* ignored, int ignored_count) noexcept;

}  // namespace audit
