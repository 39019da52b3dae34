// The most frequent of any number of texts, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

// Counts events, each value of an event once. Exactly, until it is full. Then the rarer half is forgotten, and counts
// may be too low: `MostMissing` says by how much at most. What comes often stays. Used by one thread.
class TopValues {
 public:
  struct Value {
    std::string_view text;  // valid until the next Add
    uint64_t count;
    uint64_t failed;  // of these
    int64_t first;    // seconds: the earliest and the latest
    int64_t last;
  };

  explicit TopValues(size_t most_values = 10000, size_t most_bytes = size_t{1} << 20)
      : most_values_(most_values), most_bytes_(most_bytes) {}

  // `event` tells events apart; those of one come one behind the other.
  void Add(std::string_view text, bool has_failed, int64_t seconds, uint64_t event);

  // Most frequent first, ties by the order of their coming.
  std::vector<Value> Top(size_t most) const;

  // Different ones; at least so many once `IsCut`.
  size_t Different() const noexcept { return is_cut_ ? most_different_ : entries_.size(); }
  bool IsCut() const noexcept { return is_cut_; }
  uint64_t MostMissing() const noexcept { return most_missing_; }

 private:
  struct Entry {
    uint64_t hash;
    uint64_t count;
    uint64_t failed;
    int64_t first;
    int64_t last;
    uint64_t event;  // the newest that had it
    size_t offset;   // in texts_
    size_t length;
  };

  std::string_view TextOf(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.offset, entry.length);
  }
  std::vector<size_t> ByCount() const;
  void ForgetRare();
  void Index(size_t places);

  const size_t most_values_;
  const size_t most_bytes_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> places_;  // a power of two of them; index into entries_ plus one, 0: free
  std::string texts_;
  size_t most_different_ = 0;
  uint64_t most_missing_ = 0;
  bool is_cut_ = false;
};

}  // namespace audit
