// The thread that keeps the kernel's pace: receive, format, push, wake. It waits for nothing else; how the records
// reach the disk, and when, is the consumer's affair. Builds without Node.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "../format/format.h"
#include "../format/name_cache.h"
#include "../ring/ring.h"
#include "serials.h"
#include "source.h"

namespace audit {

// How lines are made: log_format and name_format.
struct LineFormat {
  bool enriched = true;
  std::string node;  // empty: no node= prefix
};

struct ReaderOptions {
  // Once records come fast, the thread sleeps this long between two rounds instead of being woken for each record:
  // fewer switches for this thread and for the kernel's, against that much delay. In a flood it is half of it, so that
  // what waits still fits the processor's cache. 0: never.
  uint32_t coalesce_microseconds = 1000;
  // At the end, how long nothing must have come: the kernel's thread goes on with the records it has at hand under the
  // registration it found when it took them up (kauditd_send_queue).
  int linger_milliseconds = 10;
};

class Reader {
 public:
  // Called on the reader thread when there is something new to see, and once at the end: must not block. It is not
  // called again before Acknowledge().
  using Wake = void (*)(void* context);

  Reader(std::shared_ptr<Ring> ring, std::unique_ptr<Source> source, LineFormat format,
         std::unique_ptr<NameCache> names, ReaderOptions options, Wake wake, void* context) noexcept;
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Starts the thread, also again after Leave(). 0, or an errno.
  int Start() noexcept;

  // Records that are received from now on get lines of this form. Any thread.
  void Reformat(LineFormat format) noexcept;

  // The wake-up was seen; the next change wakes again. Call before looking at the ring.
  void Acknowledge() noexcept { wake_pending_.store(false); }

  // Lets the thread end after the batch it is at: the source stays as it is, for another process or another Start().
  // Any thread.
  void Leave() noexcept;
  // Asks the source for no more and lets the thread end once everything that is on its way is in the ring. Any thread.
  void Stop() noexcept;
  // With Stop(): what does not fit into the full ring is counted as abandoned instead of waited for.
  void Abandon() noexcept { abandon_.store(true); }
  // True once the thread has pushed its last record. Everything is then published.
  bool finished() const noexcept { return finished_.load(); }

  Source& source() noexcept { return *source_; }

 private:
  void Run() noexcept;
  void Accept(const Message& message) noexcept;
  void Interrupt() noexcept;
  char* RoomForLine() noexcept;
  void WakeConsumer() noexcept;
  void WaitForSource() noexcept;
  bool IsReadableWithin(int milliseconds) noexcept;
  void ApplyFormat() noexcept;

  std::shared_ptr<Ring> ring_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<NameCache> names_;
  std::unique_ptr<LineFormat> format_;  // the formatter keeps a view on its node
  std::atomic<LineFormat*> next_format_{nullptr};
  Formatter formatter_;
  Serials serials_;
  ReaderOptions options_;
  Wake wake_;
  void* context_;
  int stop_fd_ = -1;
  pthread_t thread_ = 0;
  bool started_ = false;
  std::atomic<bool> wake_pending_{false};
  std::atomic<bool> stop_{false};
  std::atomic<bool> leave_{false};
  std::atomic<bool> abandon_{false};
  std::atomic<bool> finished_{false};
};

}  // namespace audit
