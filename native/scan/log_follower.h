// Tells what became of a log that is read while it is written: grown, cut, or rotated away. One thread at a time.
#pragma once

#include <memory>
#include <string>

#include "log_source.h"

namespace audit {

class LogFollower {
 public:
  enum class State : uint8_t {
    kSame,     // the source is still the file that has the name
    kCut,      // it is, and shorter than what was read
    kRotated,  // another file has the name, or none
  };

  // Watches the directory of `path`; without inotify it is looked at four times a second.
  explicit LogFollower(std::string path);
  ~LogFollower();
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  State Look(const LogSource& source) const noexcept;
  // What was begun after `source`: the generation before the name it has now, or the log itself. Null: not there yet.
  std::unique_ptr<LogSource> OpenSuccessor(const LogSource& source) const;

  // Becomes readable when something happens in the directory; -1: there is no such descriptor.
  int Descriptor() const noexcept { return watch_; }
  void Drain() noexcept;

  static constexpr int kLookMilliseconds = 250;

 private:
  const std::string path_;
  int watch_;
};

}  // namespace audit
