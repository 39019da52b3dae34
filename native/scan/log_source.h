// The bytes of one input, decompressed. One thread at a time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "log_set.h"

namespace audit {

class LogSource {
 public:
  enum class Damage : uint8_t {
    kNone,
    kTruncatedGzip,  // it ends inside a stream
    kDamagedGzip,    // what came before the damage has been handed out
    kTrailingBytes,  // behind the last stream is something else; passed over
  };

  // Null: errno says why.
  static std::unique_ptr<LogSource> Open(const LogInput& input);
  ~LogSource();
  LogSource(const LogSource&) = delete;
  LogSource& operator=(const LogSource&) = delete;

  // Bytes read, 0 at the end (a file may grow afterwards: then reading goes on), -1: errno says why; EAGAIN when a
  // descriptor that does not block has nothing. `size` is at least 4.
  ssize_t Read(char* to, size_t size);

  // The descriptor to wait on; -1 for memory.
  int Descriptor() const noexcept { return descriptor_; }
  bool IsRegular() const noexcept { return is_regular_; }
  bool IsGzip() const noexcept { return gzip_ != nullptr; }
  // Compressed bytes that were read and not looked at: Read() may give something without waiting.
  bool HasBuffered() const noexcept;
  // Of the input, so far; compressed bytes when it is compressed; without what ranges leave out.
  uint64_t RawBytes() const noexcept { return static_cast<uint64_t>(offset_) - passed_over_; }
  // 0: not known.
  uint64_t RawSize() const noexcept { return size_; }
  Damage Found() const noexcept { return damage_; }
  // Reads from there on. Regular files that are not compressed.
  void Seek(uint64_t offset) noexcept;

 private:
  struct Gzip;

  LogSource() = default;
  ssize_t ReadRaw(char* to, size_t size) noexcept;
  bool NextRange() noexcept;
  ssize_t ReadStart(char* to, size_t size);
  ssize_t ReadGzip(char* to, size_t size);

  int descriptor_ = -1;
  bool owns_descriptor_ = false;
  bool is_regular_ = false;
  bool has_started_ = false;
  std::string_view bytes_;
  off_t offset_ = 0;
  std::shared_ptr<const std::vector<LogInput::Range>> ranges_;
  size_t next_range_ = 0;
  uint64_t left_in_range_ = 0;
  uint64_t passed_over_ = 0;
  uint64_t size_ = 0;
  std::unique_ptr<Gzip> gzip_;
  Damage damage_ = Damage::kNone;
};

}  // namespace audit
