#include "log_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace audit {

namespace {

constexpr char kMagic[] = {'\x1f', '\x8b', '\x08'};  // gzip, deflate
constexpr size_t kMagicBytes = sizeof kMagic;
constexpr size_t kInputBytes = size_t{64} << 10;
constexpr int kGzipWindow = 15 + 16;  // the largest, with gzip's head and checksum

}  // namespace

struct LogSource::Gzip {
  z_stream stream{};
  bool is_open = false;    // inflateInit2 was called
  bool is_inside = false;  // of a stream: the end would be too early
  bool has_ended = false;  // damaged or trailing bytes: nothing more comes
  char input[kInputBytes];

  ~Gzip() {
    if (is_open) inflateEnd(&stream);
  }
};

std::unique_ptr<LogSource> LogSource::Open(const LogInput& input) {
  std::unique_ptr<LogSource> source(new LogSource);
  if (input.kind == LogInput::Kind::kBuffer) {
    source->bytes_ = input.bytes;
    source->size_ = input.bytes.size();
    return source;
  }
  source->descriptor_ = input.kind == LogInput::Kind::kFile ? OpenLog(input) : input.descriptor;
  if (source->descriptor_ < 0) return nullptr;
  source->owns_descriptor_ = input.kind == LogInput::Kind::kFile;
  struct stat status;
  if (fstat(source->descriptor_, &status) != 0) return nullptr;
  if (S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return nullptr;
  }
  source->is_regular_ = S_ISREG(status.st_mode);
  if (source->is_regular_) {
    source->size_ = static_cast<uint64_t>(status.st_size);
    if (!source->owns_descriptor_) {
      const off_t at = lseek(source->descriptor_, 0, SEEK_CUR);
      source->offset_ = at < 0 ? 0 : at;
    }
    if (input.ranges != nullptr) {
      source->ranges_ = input.ranges;
      source->has_started_ = true;  // an index is for text
      source->size_ = 0;
      for (const LogInput::Range& range : *input.ranges) source->size_ += range.size;
      return source;
    }
    posix_fadvise(source->descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  return source;
}

LogSource::~LogSource() {
  if (owns_descriptor_ && descriptor_ >= 0) close(descriptor_);
}

bool LogSource::HasBuffered() const noexcept { return gzip_ != nullptr && gzip_->stream.avail_in > 0; }

void LogSource::Seek(uint64_t offset) noexcept {
  offset_ = static_cast<off_t>(offset);
  has_started_ = true;
}

ssize_t LogSource::Read(char* to, size_t size) {
  if (gzip_ != nullptr) return ReadGzip(to, size);
  return has_started_ ? ReadRaw(to, size) : ReadStart(to, size);
}

bool LogSource::NextRange() noexcept {
  if (next_range_ == ranges_->size()) return false;
  const LogInput::Range& range = (*ranges_)[next_range_++];
  passed_over_ += range.offset - static_cast<uint64_t>(offset_);
  offset_ = static_cast<off_t>(range.offset);
  left_in_range_ = range.size;
  return true;
}

// Never by mapping: a file that is truncated while it is read ends early, and does not end this process.
ssize_t LogSource::ReadRaw(char* to, size_t size) noexcept {
  ssize_t count;
  if (ranges_ != nullptr) {
    while (left_in_range_ == 0) {
      if (!NextRange()) return 0;
    }
    size = std::min<uint64_t>(size, left_in_range_);
  }
  if (descriptor_ < 0) {
    const auto at = static_cast<size_t>(offset_);
    count = static_cast<ssize_t>(bytes_.size() - at < size ? bytes_.size() - at : size);
    std::memcpy(to, bytes_.data() + at, static_cast<size_t>(count));
  } else {
    do {
      count = is_regular_ ? pread(descriptor_, to, size, offset_) : read(descriptor_, to, size);
    } while (count < 0 && errno == EINTR);
  }
  if (count > 0) offset_ += count;
  if (count > 0 && ranges_ != nullptr) left_in_range_ -= static_cast<uint64_t>(count);
  return count;
}

// The first bytes tell gzip from text.
ssize_t LogSource::ReadStart(char* to, size_t size) {
  size_t have = 0;
  while (have < kMagicBytes) {
    const ssize_t count = ReadRaw(to + have, (size < kInputBytes ? size : kInputBytes) - have);
    if (count < 0 && have > 0 && errno == EAGAIN) break;  // no gzip file comes in such pieces
    if (count < 0) return count;
    if (count == 0) break;
    have += static_cast<size_t>(count);
    if (std::memcmp(to, kMagic, have < kMagicBytes ? have : kMagicBytes) != 0) break;
  }
  if (have == 0) return 0;
  has_started_ = true;
  if (have < kMagicBytes || std::memcmp(to, kMagic, kMagicBytes) != 0) return static_cast<ssize_t>(have);
  gzip_.reset(new Gzip);
  if (inflateInit2(&gzip_->stream, kGzipWindow) != Z_OK) {
    errno = ENOMEM;
    return -1;
  }
  gzip_->is_open = true;
  gzip_->is_inside = true;
  std::memcpy(gzip_->input, to, have);
  gzip_->stream.next_in = reinterpret_cast<Bytef*>(gzip_->input);
  gzip_->stream.avail_in = static_cast<uInt>(have);
  return ReadGzip(to, size);
}

ssize_t LogSource::ReadGzip(char* to, size_t size) {
  Gzip& gzip = *gzip_;
  z_stream& stream = gzip.stream;
  stream.next_out = reinterpret_cast<Bytef*>(to);
  stream.avail_out = static_cast<uInt>(size);
  while (stream.avail_out == size && !gzip.has_ended) {
    if (stream.avail_in == 0) {
      const ssize_t count = ReadRaw(gzip.input, kInputBytes);
      if (count < 0) return count;
      if (count == 0) {
        if (gzip.is_inside) damage_ = Damage::kTruncatedGzip;
        gzip.has_ended = true;
        break;
      }
      stream.next_in = reinterpret_cast<Bytef*>(gzip.input);
      stream.avail_in = static_cast<uInt>(count);
    }
    if (!gzip.is_inside) {
      // Another stream, as `cat a.gz b.gz` makes them; gzip itself passes over zeros, of tapes.
      if (*stream.next_in == 0) {
        ++stream.next_in;
        --stream.avail_in;
        continue;
      }
      inflateReset(&stream);
      gzip.is_inside = true;
      if (*stream.next_in != static_cast<Bytef>(kMagic[0])) {
        damage_ = Damage::kTrailingBytes;
        gzip.has_ended = true;
        break;
      }
    }
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      gzip.is_inside = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      damage_ = Damage::kDamagedGzip;
      gzip.has_ended = true;
    }
  }
  return static_cast<ssize_t>(size - stream.avail_out);
}

}  // namespace audit
