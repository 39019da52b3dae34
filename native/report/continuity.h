// What may be missing from a log: times without any record, serials that never came, clocks that went back, and what
// audit daemons said about themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../scan/record.h"

namespace audit {

// Gets every event of a log, in order. Memory is bounded: of each kind so many are kept, and all are counted.
class Continuity {
 public:
  static constexpr size_t kMostKept = 200;
  static constexpr size_t kMostSilences = 20;
  static constexpr size_t kMostNodes = 16;
  // Shorter ones are nothing to speak of.
  static constexpr int64_t kShortestSilence = 300;

  struct Silence {
    int64_t from;
    int64_t to;
  };
  // The clock was at `from` and then at `to`.
  struct BackStep {
    int64_t from;
    int64_t to;
  };
  // Serials that are missing between two that are there.
  struct Missing {
    uint32_t first;
    uint32_t last;
    int64_t after;  // the time of the one before
    int64_t before;
    std::string node;
  };
  // A record of a daemon: it started, ended, rotated …
  struct DaemonEvent {
    Stamp stamp;
    int32_t type;
    std::string node;
    std::string text;  // behind the head; the first so many bytes
  };

  void See(const Event& event);
  // Nothing comes any more.
  void Finish();

  // The longest, in order of time.
  const std::vector<Silence>& Silences() const noexcept { return silences_; }
  uint64_t BackStepCount() const noexcept { return back_step_count_; }
  const std::vector<BackStep>& BackSteps() const noexcept { return back_steps_; }
  uint64_t MissingSerials() const noexcept { return missing_serials_; }
  uint64_t MissingRuns() const noexcept { return missing_runs_; }
  const std::vector<Missing>& MissingList() const noexcept { return missing_; }
  uint64_t DaemonEventCount() const noexcept { return daemon_event_count_; }
  // The newest.
  const std::vector<DaemonEvent>& DaemonEvents() const noexcept { return daemon_events_; }
  // Machines whose serials were not looked at because there are too many.
  bool HasUnwatchedNodes() const noexcept { return has_unwatched_nodes_; }

 private:
  // Serials of one machine. They come nearly in order: the kernel numbers an event when its first record is made, and
  // stamps it when its system call began.
  class Serials;

  void SeeTime(int64_t seconds);
  void KeepDaemonEvent(const Event& event);
  void KeepMissing(std::string_view node, uint32_t first, uint32_t last, int64_t after, int64_t before);

  bool has_newest_ = false;
  int64_t newest_ = 0;
  std::vector<Silence> silences_;
  uint64_t back_step_count_ = 0;
  std::vector<BackStep> back_steps_;
  std::map<std::string, std::shared_ptr<Serials>, std::less<>> serials_;
  bool has_unwatched_nodes_ = false;
  uint64_t missing_serials_ = 0;
  uint64_t missing_runs_ = 0;
  std::vector<Missing> missing_;
  uint64_t daemon_event_count_ = 0;
  std::vector<DaemonEvent> daemon_events_;
};

}  // namespace audit
