// Which of a log's files a search reads, and where it begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../scan/log_set.h"

namespace audit {

// A file by what it is, under whatever name.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
};

struct InputWish {
  enum class Kind : uint8_t {
    kSet,  // a log and its rotated files
    kFile,
    kDescriptor,
  };
  Kind kind = Kind::kFile;
  std::string path;
  int descriptor = -1;
  // kSet: files that were written before this one are left out; it must be there. A checkpoint's.
  std::optional<FileIdentity> first;
  std::optional<int64_t> start;  // seconds: files that end before need not be read
};

struct InputChoice {
  std::vector<LogInput> inputs;  // the oldest first; empty: none, and why
  int error = 0;                 // errno of opening `path`
  bool is_first_missing = false;
};

InputChoice ChooseInputs(const InputWish& wish);

// Of an input as it is now; null when it cannot be looked at, with errno.
std::optional<FileIdentity> IdentityOf(const LogInput& input);

}  // namespace audit
