#include "continuity.h"

#include <algorithm>
#include <utility>

namespace audit {

namespace {

constexpr int32_t kKernel = 2000;
constexpr int32_t kFirstDaemon = 1200;
constexpr int32_t kLastDaemon = 1299;
constexpr size_t kMostText = 400;
// Events that are held back are at most so much out of order: a system call that waited.
constexpr int64_t kBackStep = 60;

bool IsDaemon(int32_t type) { return type >= kFirstDaemon && type <= kLastDaemon; }

}  // namespace

class Continuity::Serials {
 public:
  // Calls `miss` with runs of serials that are known to be missing, in order.
  template <typename Miss>
  void See(uint32_t serial, int64_t seconds, const Miss& miss) {
    if (times_.empty()) {
      times_.assign(kWindow, kAbsent);
      Start(serial, seconds);
      return;
    }
    const auto ahead = static_cast<int64_t>(serial) - newest_;
    if (ahead <= -kWindow) {
      // Far back: the machine has started anew.
      Finish(miss);
      Start(serial, seconds);
      return;
    }
    if (ahead > 0) {
      // Never more than the window is walked through, whatever a record claims its serial to be.
      const int64_t walked = std::min<int64_t>(ahead, kWindow);
      for (int64_t leaving = newest_ - kWindow + 1; leaving <= newest_ - kWindow + walked; leaving++) {
        Leave(leaving, miss);
      }
      swept_ = std::max(swept_, static_cast<int64_t>(serial) - kWindow);
      newest_ = serial;
    }
    if (serial > swept_) Time(serial) = seconds;
  }

  template <typename Miss>
  void Finish(const Miss& miss) {
    if (times_.empty()) return;
    for (int64_t serial = newest_ - kWindow + 1; serial <= newest_; serial++) Leave(serial, miss);
  }

 private:
  static constexpr int64_t kWindow = 8192;
  static constexpr int64_t kAbsent = INT64_MIN;

  int64_t& Time(int64_t serial) { return times_[static_cast<size_t>(serial) % kWindow]; }

  void Start(uint32_t serial, int64_t seconds) {
    newest_ = serial;
    swept_ = static_cast<int64_t>(serial) - 1;
    last_ = swept_;
    last_time_ = seconds;
    Time(serial) = seconds;
  }

  // What is between this one and the last that was there has not come, and will not.
  template <typename Miss>
  void Leave(int64_t serial, const Miss& miss) {
    if (serial < 0 || Time(serial) == kAbsent) return;
    const int64_t seconds = std::exchange(Time(serial), kAbsent);
    if (serial > last_ + 1)
      miss(static_cast<uint32_t>(last_ + 1), static_cast<uint32_t>(serial - 1), last_time_, seconds);
    last_ = serial;
    last_time_ = seconds;
    swept_ = std::max(swept_, serial);
  }

  std::vector<int64_t> times_;  // of the window's serials
  int64_t newest_ = 0;
  int64_t swept_ = 0;  // nothing up to here counts any more
  int64_t last_ = 0;   // the highest that was there and has left the window
  int64_t last_time_ = 0;
};

void Continuity::See(const Event& event) {
  if (event.count == 0) return;
  const int32_t type = event.records[0].type;
  SeeTime(event.stamp.seconds);
  if (IsDaemon(type)) {
    // Numbered by the daemon itself, beside the kernel's count.
    KeepDaemonEvent(event);
    return;
  }
  const std::string_view node = event.has_node ? event.node : std::string_view();
  auto found = serials_.find(node);
  if (found == serials_.end()) {
    if (serials_.size() == kMostNodes) {
      has_unwatched_nodes_ = true;
      return;
    }
    found = serials_.emplace(std::string(node), std::make_shared<Serials>()).first;
  }
  const auto miss = [&](uint32_t first, uint32_t last, int64_t after, int64_t before) {
    KeepMissing(node, first, last, after, before);
  };
  if (type == kKernel) {
    // "audit: initialized": the first record of a machine that has started.
    found->second->Finish(miss);
    found->second = std::make_shared<Serials>();
  }
  found->second->See(event.stamp.serial, event.stamp.seconds, miss);
}

void Continuity::Finish() {
  for (const auto& [node, serials] : serials_) {
    serials->Finish([&name = node, this](uint32_t first, uint32_t last, int64_t after, int64_t before) {
      KeepMissing(name, first, last, after, before);
    });
  }
  std::sort(silences_.begin(), silences_.end(),
            [](const Silence& one, const Silence& other) { return one.from < other.from; });
}

void Continuity::SeeTime(int64_t seconds) {
  const int64_t before = std::exchange(newest_, seconds);
  if (!std::exchange(has_newest_, true)) return;
  // Stamps are an attacker's to choose; a difference of two need not fit.
  int64_t passed;
  if (__builtin_sub_overflow(seconds, before, &passed)) passed = seconds > before ? INT64_MAX : INT64_MIN;
  if (passed <= -kBackStep) {
    back_step_count_++;
    if (back_steps_.size() < kMostKept) back_steps_.push_back({before, seconds});
    return;
  }
  if (passed < 0) {
    newest_ = before;
    return;
  }
  if (passed < kShortestSilence) return;
  if (silences_.size() < kMostSilences) {
    silences_.push_back({before, seconds});
    return;
  }
  const auto length = [](const Silence& silence) {
    return static_cast<uint64_t>(silence.to) - static_cast<uint64_t>(silence.from);
  };
  const auto shortest =
      std::min_element(silences_.begin(), silences_.end(),
                       [&](const Silence& one, const Silence& other) { return length(one) < length(other); });
  if (length(*shortest) < static_cast<uint64_t>(passed)) *shortest = {before, seconds};
}

void Continuity::KeepDaemonEvent(const Event& event) {
  daemon_event_count_++;
  if (daemon_events_.size() == kMostKept) daemon_events_.erase(daemon_events_.begin());
  const Record& record = event.records[0];
  const size_t body = std::min<size_t>(record.body, record.text.size());
  daemon_events_.push_back({event.stamp, record.type, event.has_node ? std::string(event.node) : std::string(),
                            std::string(record.text.substr(body, kMostText))});
}

void Continuity::KeepMissing(std::string_view node, uint32_t first, uint32_t last, int64_t after, int64_t before) {
  missing_runs_++;
  missing_serials_ += uint64_t{last} - first + 1;
  if (missing_.size() < kMostKept) missing_.push_back({first, last, after, before, std::string(node)});
}

}  // namespace audit
