#include "log_set.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_source.h"

namespace audit {

namespace {

constexpr int kMostGenerations = 100000;  // of a set; auditd.conf allows 999
constexpr int kMostShifts = 8;            // rotations between listing a set and opening its files
constexpr size_t kFirstLine = 8192;       // bytes looked at for its time

std::string Generation(const std::string& file, int number) {
  return number == 0 ? file : file + '.' + std::to_string(number);
}

bool IsReadable(const std::string& path, LogInput* input) {
  struct stat status;
  if (access(path.c_str(), R_OK) != 0 || stat(path.c_str(), &status) != 0) return false;
  *input = LogInput::File(path);
  input->device = status.st_dev;
  input->inode = status.st_ino;
  return true;
}

// FILE of FILE.N and FILE.N.gz, and N; false for any other name.
bool SplitGeneration(std::string_view path, std::string_view* file, int* number) {
  if (path.size() > 3 && path.substr(path.size() - 3) == ".gz") path.remove_suffix(3);
  const size_t dot = path.rfind('.');
  const std::string_view digits = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  if (digits.empty() || digits.size() > 6) return false;
  *number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    *number = *number * 10 + (c - '0');
  }
  *file = path.substr(0, dot);
  return true;
}

int Open(const std::string& path) noexcept { return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); }

bool IsSame(int descriptor, const LogInput& input) noexcept {
  struct stat status;
  return fstat(descriptor, &status) == 0 && status.st_dev == input.device && status.st_ino == input.inode;
}

}  // namespace

LogInput LogInput::File(std::string path) {
  LogInput input;
  input.path = std::move(path);
  return input;
}

LogInput LogInput::Descriptor(int descriptor, std::string name) {
  LogInput input;
  input.kind = Kind::kDescriptor;
  input.descriptor = descriptor;
  input.path = std::move(name);
  return input;
}

LogInput LogInput::Buffer(std::string_view bytes, std::string name) {
  LogInput input;
  input.kind = Kind::kBuffer;
  input.bytes = bytes;
  input.path = std::move(name);
  return input;
}

std::vector<LogInput> FindLogSet(const std::string& file) {
  std::vector<LogInput> newest_first;
  for (int number = 0; number < kMostGenerations; number++) {
    const std::string path = Generation(file, number);
    LogInput input;
    if (!IsReadable(path, &input)) {
      const int error = errno;
      if (number == 0 || !IsReadable(path + ".gz", &input)) {
        errno = error;
        break;
      }
    }
    newest_first.push_back(std::move(input));
  }
  return {std::make_move_iterator(newest_first.rbegin()), std::make_move_iterator(newest_first.rend())};
}

size_t FirstWanted(const std::vector<LogInput>& set, int64_t start) {
  for (size_t index = 0; index < set.size(); index++) {
    const std::unique_ptr<LogSource> source = LogSource::Open(set[index]);
    if (source == nullptr) continue;  // whoever reads it reports it
    char line[kFirstLine];
    size_t size = 0;
    for (ssize_t count = 1; count > 0 && size < sizeof line; size += static_cast<size_t>(count)) {
      count = source->Read(line + size, sizeof line - size);
      if (count < 0) break;
    }
    std::string_view text(line, size);
    text = text.substr(0, text.find('\n'));
    constexpr std::string_view kOpening = "audit(";
    const size_t opening = text.find(kOpening);
    int64_t seconds = 0;
    if (opening != std::string_view::npos) {
      const char* at = text.data() + opening + kOpening.size();
      const char* const end = text.data() + text.size();
      while (at != end && *at >= '0' && *at <= '9' && seconds < INT64_MAX / 10 - 1)
        seconds = seconds * 10 + (*at++ - '0');
      if (at == end || *at != '.') seconds = 0;
    }
    if (seconds > start) return index == 0 ? 0 : index - 1;
  }
  return 0;
}

int OpenLog(const LogInput& input) noexcept {
  const int named = Open(input.path);
  if (input.inode == 0 || (named >= 0 && IsSame(named, input))) return named;
  std::string_view file = input.path;
  int number = 0;
  if (!SplitGeneration(input.path, &file, &number)) file = input.path;
  for (int shift = 1; shift <= kMostShifts; shift++) {
    const std::string path = Generation(std::string(file), number + shift);
    const int moved = Open(path);
    if (moved >= 0 && IsSame(moved, input)) {
      if (named >= 0) close(named);
      return moved;
    }
    if (moved >= 0) close(moved);
  }
  // Compressed meanwhile, or replaced by something else: what has the name is the best there is.
  if (named >= 0) return named;
  const int error = errno;
  const int compressed = Open(input.path + ".gz");
  if (compressed < 0) errno = error;
  return compressed;
}

}  // namespace audit
