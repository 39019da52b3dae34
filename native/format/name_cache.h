// Account names, kept for a while: the system's account database can be a directory server far away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "names.h"

namespace audit {

// Asks the system. Each function writes a name of at most `room` bytes to `out` and returns its length; 0: unknown.
// Handed in, so that formatting itself never opens a file or a socket.
struct NameResolver {
  using Resolve = size_t (*)(uint32_t number, char* out, size_t room) noexcept;
  Resolve user;
  Resolve group;
  Resolve network_interface = nullptr;  // by index, as if_indextoname(3); null: indexes stay numbers
  Resolve protocol = nullptr;           // by number, as getprotobynumber(3); null: protocols have no names
};

// For resolvers: copies a C string, cut at `room` bytes, and returns the bytes copied.
size_t CopyName(const char* name, char* out, size_t room) noexcept;

// Longest name that is kept: LOGIN_NAME_MAX with its NUL is 256.
inline constexpr size_t kMaxName = 255;

// Used by one thread. Memory is fixed: a thousand users and groups; of four that
// share a place the least recently used one goes.
class NameCache final : public Names {
 public:
  explicit NameCache(const NameResolver& resolver) noexcept : resolver_(resolver) {}

  std::string_view User(uint32_t uid) noexcept override;
  std::string_view Group(uint32_t gid) noexcept override;
  std::string_view Interface(uint32_t index) noexcept override;
  std::string_view Protocol(uint32_t number) noexcept override;
  void Flush() noexcept override;

  // The time of the record at hand, in milliseconds since the epoch. Five minutes after the first name was learnt, or
  // when time runs backwards, all are forgotten: an account may have been renamed or made elsewhere.
  void Tick(uint64_t milliseconds) noexcept;

 private:
  static constexpr size_t kWays = 4;

  // Numbers that share a hash. An unknown account is kept too, with length 0: asking for it costs as much.
  struct Set {
    uint32_t numbers[kWays];
    uint32_t last_used[kWays];  // value of Table::uses; 0: free
    uint16_t lengths[kWays];
    char names[kWays][kMaxName];
  };

  template <size_t kSets>
  struct Table {
    Set sets[kSets];
    uint32_t uses;
    uint32_t forgotten;  // names last used up to here no longer count

    std::string_view Find(uint32_t number, NameResolver::Resolve resolve) noexcept;
    void Forget() noexcept { forgotten = uses; }
  };

  NameResolver resolver_;
  uint64_t oldest_milliseconds_ = 0;  // when the oldest name was learnt; 0: at the next Tick
  Table<256> users_{};
  Table<256> groups_{};
  Table<16> interfaces_{};
  Table<16> protocols_{};
};

}  // namespace audit
