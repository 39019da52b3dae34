#include "recorded_log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <new>
#include <string_view>

#include "../format/format.h"
#include "../tables/tables.h"

namespace audit {

namespace {

// The number of `NAME` or `UNKNOWN[1234]`; false when it is neither. Searches all types: replay is not the hot path,
// and records of one type come in runs.
bool TypeNumber(std::string_view name, uint16_t* type) noexcept {
  thread_local std::string_view last_name;
  thread_local uint16_t last_type = 0;
  if (!last_name.empty() && name == last_name) {
    *type = last_type;
    return true;
  }
  constexpr std::string_view kUnknown = "UNKNOWN[";
  if (name.substr(0, kUnknown.size()) == kUnknown && name.back() == ']') {
    const std::string_view digits = name.substr(kUnknown.size(), name.size() - kUnknown.size() - 1);
    uint32_t value = 0;
    if (digits.empty() || digits.size() > 5) return false;
    for (const char digit : digits) {
      if (digit < '0' || digit > '9') return false;
      value = value * 10 + static_cast<uint32_t>(digit - '0');
    }
    if (value > UINT16_MAX) return false;
    *type = static_cast<uint16_t>(value);
    return true;
  }
  for (uint32_t candidate = 1000; candidate < 3000; candidate++) {
    if (RecordTypeName(static_cast<uint16_t>(candidate)) == name) {
      *type = static_cast<uint16_t>(candidate);
      last_name = RecordTypeName(*type);  // static text
      last_type = *type;
      return true;
    }
  }
  return false;
}

// Cuts `prefix` off the front of `text`.
bool Take(std::string_view* text, std::string_view prefix) noexcept {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// Cuts the word up to the next blank, and the blank, off the front of `text`.
std::string_view TakeWord(std::string_view* text) noexcept {
  const size_t blank = text->find(' ');
  const std::string_view word = text->substr(0, blank);
  text->remove_prefix(blank == std::string_view::npos ? text->size() : blank + 1);
  return word;
}

}  // namespace

std::unique_ptr<RecordedLog> RecordedLog::Open(int fd, Counters* counters) noexcept {
  return std::unique_ptr<RecordedLog>(new (std::nothrow) RecordedLog(fd, counters));
}

RecordedLog::~RecordedLog() { close(fd_); }

Source::Batch RecordedLog::Receive(Message* out) noexcept {
  if (finished_) return {0, State::kEnded};
  int count = 0;
  while (count < kMaxBatch) {
    const char* line = buffer_ + start_;
    const auto* newline = static_cast<const char*>(memchr(line, '\n', end_ - start_));
    if (newline == nullptr) {
      // Messages handed out point into the buffer, so it is refilled only when none are.
      if (count > 0) return {count, State::kMore};
      if (Fill()) continue;
      if (!at_end_) return {0, State::kDry};
      const uint32_t rest = end_ - start_;
      start_ = end_;
      if (rest > 0 && !skips_line_ && ParseLine(line, rest, &out[0])) return {1, State::kEnded};
      return {0, State::kEnded};
    }
    const auto length = static_cast<uint32_t>(newline - line);
    start_ += length + 1;
    if (skips_line_) {
      skips_line_ = false;
    } else if (ParseLine(line, length, &out[count])) {
      count++;
    }
  }
  return {count, State::kMore};
}

// False when nothing could be read now; at_end_ then tells whether anything ever will.
bool RecordedLog::Fill() noexcept {
  if (start_ > 0) {
    memmove(buffer_, buffer_ + start_, end_ - start_);
    end_ -= start_;
    start_ = 0;
  }
  if (end_ == kBufferBytes) {
    // No record is that long.
    if (!skips_line_) counters_->unreadable.fetch_add(1, std::memory_order_relaxed);
    skips_line_ = true;
    end_ = 0;
  }
  pollfd ready = {fd_, POLLIN, 0};
  if (poll(&ready, 1, 0) == 0) return false;
  ssize_t size;
  do {
    size = read(fd_, buffer_ + end_, kBufferBytes - end_);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN) return false;
  if (size < 0) {
    counters_->receive_errors.fetch_add(1, std::memory_order_relaxed);
    counters_->last_errno.store(static_cast<uint64_t>(errno), std::memory_order_relaxed);
  }
  if (size <= 0) {
    at_end_ = true;
    return false;
  }
  end_ += static_cast<uint32_t>(size);
  return true;
}

bool RecordedLog::ParseLine(const char* line, uint32_t length, Message* out) noexcept {
  std::string_view text(line, length);
  if (text.empty()) return false;
  if (Take(&text, "node=")) TakeWord(&text);
  uint16_t type = 0;
  if (!Take(&text, "type=") || !TypeNumber(TakeWord(&text), &type) || !Take(&text, "msg=")) {
    counters_->unreadable.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  text = text.substr(0, text.find('\x1d'));
  *out = {text.data(), static_cast<uint32_t>(text.size()), type, false, false, -1};
  return true;
}

}  // namespace audit
