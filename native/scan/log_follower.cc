#include "log_follower.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace audit {

namespace {

constexpr int kMostGenerations = 1000;

bool SameFile(const struct stat& left, const struct stat& right) noexcept {
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

}  // namespace

LogFollower::LogFollower(std::string path) : path_(std::move(path)), watch_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (watch_ < 0) return;
  const size_t slash = path_.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path_.substr(0, slash == 0 ? 1 : slash);
  if (inotify_add_watch(watch_, directory.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM) >= 0) return;
  close(watch_);
  watch_ = -1;
}

LogFollower::~LogFollower() {
  if (watch_ >= 0) close(watch_);
}

LogFollower::State LogFollower::Look(const LogSource& source) const noexcept {
  struct stat mine, named;
  if (fstat(source.Descriptor(), &mine) != 0 || stat(path_.c_str(), &named) != 0 || !SameFile(mine, named)) {
    return State::kRotated;
  }
  return static_cast<uint64_t>(mine.st_size) < source.RawBytes() ? State::kCut : State::kSame;
}

std::unique_ptr<LogSource> LogFollower::OpenSuccessor(const LogSource& source) const {
  struct stat mine;
  if (fstat(source.Descriptor(), &mine) != 0) return nullptr;
  std::string newer = path_;
  for (int number = 1; number < kMostGenerations; number++) {
    const std::string older = path_ + '.' + std::to_string(number);
    struct stat status;
    if (stat(older.c_str(), &status) != 0) break;
    if (SameFile(mine, status)) return LogSource::Open(LogInput::File(newer));
    newer = older;
  }
  // Deleted or compressed: nobody can say what came between.
  return LogSource::Open(LogInput::File(path_));
}

void LogFollower::Drain() noexcept {
  alignas(struct inotify_event) char events[4096];
  while (watch_ >= 0 && read(watch_, events, sizeof events) > 0) {
  }
}

}  // namespace audit
