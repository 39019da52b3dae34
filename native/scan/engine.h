// From a log to answers, on several threads: blocks are read one after the other, their lines parsed wherever a thread
// is free, records grouped to events in order, batches of complete events handed to consumers wherever a thread is
// free, and their output written in the order of the events.
//
//   read ─▶ parse ─▶ group ─▶ consume ─▶ write
//   one     any      one      any        one at a time; "one" is whichever thread comes by
//
// Scan() blocks: call it off the event loop. Memory is bounded: what open events hold (GroupLimits), a few blocks and
// batches in flight, and the output of those batches.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grouper.h"
#include "line_parser.h"
#include "log_set.h"
#include "log_source.h"
#include "record.h"

namespace audit {

// What a consumer makes of one batch of events.
struct Output {
  std::string bytes;
  // Offsets in `bytes` at which the sink is to insert what only it knows, such as running numbers.
  std::vector<size_t> marks;
  uint64_t matches = 0;  // summed up in ScanStats
  // Set by Consume(): nothing comes after this event. The bytes up to here are written, and the scan ends.
  bool stop = false;
};

// One object a thread: no lock is needed for what it counts. Merge them when Scan() has returned.
class Consumer {
 public:
  virtual ~Consumer() = default;
  // Worker threads; events of a batch in order, batches of other consumers in between. The event and all its views are
  // gone when the batch has been written, or earlier: copy what is kept.
  virtual void Consume(const Event& event, Output* output) = 0;
};

// Gets the output in the order of the events, one call at a time, on any worker thread. It may wait: the scan waits.
class Sink {
 public:
  virtual ~Sink() = default;
  // False ends the scan: nobody reads any more.
  virtual bool Write(const Output& output) = 0;
};

// Writes to a descriptor; waits while a pipe is full. Marks are ignored.
class DescriptorSink : public Sink {
 public:
  // `cancel`: ScanControl::CancelDescriptor(), so that a reader that is stuck does not keep the scan.
  DescriptorSink(int descriptor, int cancel);
  bool Write(const Output& output) override;
  // 0; or why Write() returned false: EPIPE, ECANCELED, ENOSPC, …
  int Error() const noexcept { return error_; }

 private:
  const int descriptor_;
  const int cancel_;
  bool is_file_;
  int error_ = 0;
};

// Lines whose time stamp is out of range: ausearch names them on stderr. In log order, one call at a time.
class BadStampWatcher {
 public:
  virtual ~BadStampWatcher() = default;
  // `stamp`: what stands in the parentheses.
  virtual void OnBadStamp(uint32_t file, uint64_t line, std::string_view stamp) = 0;
};

// Shared with other threads while a scan runs.
class ScanControl {
 public:
  ScanControl();
  ~ScanControl();
  ScanControl(const ScanControl&) = delete;
  ScanControl& operator=(const ScanControl&) = delete;

  // Any thread; also safe in a signal handler. The scan ends soon, with what was written until then.
  void Cancel() noexcept;
  bool IsCancelled() const noexcept { return is_cancelled_.load(std::memory_order_relaxed); }
  int CancelDescriptor() const noexcept { return cancel_; }

  // Progress, for whoever wants to look at it: bytes of the inputs as they are on disk; their size as far as it is
  // known, 0 for pipes; events handed on.
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> size{0};
  std::atomic<uint64_t> events{0};

 private:
  std::atomic<bool> is_cancelled_{false};
  int cancel_;
};

struct ScanOptions {
  std::vector<LogInput> inputs;  // the oldest first; grouped as if they were one
  GroupRules group = GroupRules::kTool;
  uint32_t end_of_event_timeout = 2;  // seconds
  LineRules lines;                    // heads, time range, needles
  // With needles: events none of whose lines holds one are grouped and counted, but not consumed. Make sure that no
  // such event can matter.
  GroupEnd end = GroupEnd::kCompleteAll;
  GroupLimits limits;
  unsigned threads = 0;   // 0: as many as there are processors, at most 8
  bool in_order = false;  // consumers[0] gets every event, in order
  bool follow = false;    // the last input goes on, across rotations, until it is cancelled
  // A pipe or a followed log without new lines for so long: open events are completed. 0: never.
  int pause_milliseconds = 3000;
  ScanControl* control = nullptr;
  BadStampWatcher* bad_stamps = nullptr;
  LineCounts passed_over;  // of what an index says need not be read: added to the result's
};

struct ScanStats {
  uint64_t bytes = 0;  // as on disk
  LineCounts lines;
  GroupStats groups;
  uint64_t consumed = 0;  // events
  uint64_t matches = 0;
};

struct ScanResult {
  enum class End : uint8_t {
    kComplete,
    kStopped,    // by a consumer
    kSinkEnded,  // by the sink
    kCancelled,
    kFailed,  // an input could not be opened or read: path, error; what came before it was written
  };

  struct DamagedInput {
    uint32_t file;
    LogSource::Damage damage;
  };

  End end = End::kComplete;
  std::string path;
  int error = 0;
  bool failed_to_open = false;
  uint32_t file = 0;                  // index of the input that failed, else of the last one that was begun
  std::vector<DamagedInput> damaged;  // what was good in it was used
  ScanStats stats;
  // The last event in order, for checkpoints. After kStopped and kSinkEnded it may be one that was not written.
  bool has_last = false;
  Stamp last_stamp;
  bool last_has_node = false;
  std::string last_node;
  int32_t last_type = 0;  // of its first record
};

// Threads that Scan() uses when it has so many consumers, or one and in_order.
unsigned ScanThreads(const ScanOptions& options) noexcept;

// At least one consumer; with fewer than threads there are as many threads as consumers. `sink` may be null: nothing
// is written.
ScanResult Scan(const ScanOptions& options, const std::vector<Consumer*>& consumers, Sink* sink);

}  // namespace audit
