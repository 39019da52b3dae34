// What a search asks for. Everything given must hold; what is not given, holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../scan/index.h"

namespace audit {

// Of users and groups: whether each number given must be the event's, or one of them is enough.
enum class Together : uint8_t { kAll, kAny };

struct Criteria {
  std::optional<uint32_t> serial;
  std::vector<std::string> nodes;  // any of them
  std::vector<int32_t> types;      // any record of any of them

  std::optional<uint32_t> uid;
  std::optional<uint32_t> euid;
  std::optional<uint32_t> auid;
  // Users by name. As soon as one is given, the numbers above do not count.
  std::optional<std::string> uid_name;
  std::optional<std::string> euid_name;
  std::optional<std::string> auid_name;
  Together users = Together::kAll;
  std::optional<uint32_t> gid;
  std::optional<uint32_t> egid;
  Together groups = Together::kAll;

  std::optional<int32_t> pid;
  std::optional<int32_t> ppid;
  std::optional<uint32_t> arch;
  std::optional<int32_t> syscall;
  std::optional<uint32_t> session;
  std::optional<int64_t> exit;
  std::optional<bool> success;

  // Texts that must be part of the event's, or with `whole_words` be equal to it.
  bool whole_words = false;
  std::optional<std::string> file;
  std::optional<std::string> host;
  std::optional<std::string> terminal;
  std::optional<std::string> exe;
  std::optional<std::string> comm;
  std::optional<std::string> key;
  std::optional<std::string> vm;
  std::optional<std::string> uuid;
  std::optional<std::string> subject;
  std::optional<std::string> object;
  bool either_context = false;  // the subject's or the object's is enough
};

// The fields that must be read of an event to hold it against the criteria: a sum of Want.
uint32_t WantedFields(const Criteria& criteria) noexcept;

// Bytes of which an event that matches has at least one in the line of one of its records; empty: none can be named.
// Lets a scan pass over nearly all of a log without reading its fields.
std::vector<std::string> Needles(const Criteria& criteria);

// The same for a log's index. What an event may meet by lacking a field is left out.
IndexQuery QueryOf(const Criteria& criteria);

}  // namespace audit
