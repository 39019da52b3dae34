// Starts a program, holds the descriptors that it wants kept, and starts it again when it dies: what a service manager
// does for a daemon, where there is none. Speaks sd_notify(3) and sd_listen_fds(3). Static memory, one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "back_off.h"
#include "descriptor_store.h"

namespace audit {

struct KeeperOptions {
  const char* socket = nullptr;       // where the notification socket is made; a path
  int64_t watchdog_milliseconds = 0;  // 0: none
  char* const* program = nullptr;     // its path, then its arguments
  int ready_descriptor = -1;          // gets one byte once the program is up, then is closed
};

class Keeper {
 public:
  explicit Keeper(const KeeperOptions& options) noexcept : options_(options) {}
  ~Keeper();

  // Until the program has ended in order, failed before it ever was up, or was ended on request. Returns the exit code.
  int Run() noexcept;

  // A program that exits with this wants to be started again at once: EX_TEMPFAIL of sysexits.h.
  static constexpr int kStartAgain = 75;

 private:
  bool Prepare() noexcept;
  void Start() noexcept;
  [[noreturn]] void Become() noexcept;
  void HearSignals() noexcept;
  void HearNotices() noexcept;
  void Take(int count, const int* descriptors, std::string_view text) noexcept;
  void Reap() noexcept;
  void Ended(int status) noexcept;
  void Forward(int signal) noexcept;
  void WatchDog() noexcept;
  int Timeout() const noexcept;

  KeeperOptions options_;
  DescriptorStore store_;
  BackOff back_off_;
  int notify_fd_ = -1;
  int signal_fd_ = -1;
  pid_t child_ = 0;           // 0: none runs
  int64_t started_at_ = 0;    // milliseconds, monotonic
  int64_t start_at_ = -1;     // when the next one is due; -1: not
  int64_t alive_until_ = -1;  // watchdog; -1: it has not come up
  bool was_aborted_ = false;
  bool is_up_ = false;
  bool was_ever_up_ = false;
  bool is_stopping_ = false;
  int exit_code_ = -1;
};

}  // namespace audit
