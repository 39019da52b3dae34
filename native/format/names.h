// Where names for numbers come from that only the running system knows: handed in, so that neither formatting nor
// interpreting opens a file or a socket.
#pragma once

#include <cstdint>
#include <string_view>

namespace audit {

// Names of accounts, interfaces and protocols. The implementation decides how long they are kept.
// A view stays valid until the next call on the same object.
class Names {
 public:
  virtual ~Names() = default;
  // Empty when the system knows no such account. Never called for 0 or 4294967295, which have fixed texts.
  virtual std::string_view User(uint32_t uid) noexcept = 0;
  virtual std::string_view Group(uint32_t gid) noexcept = 0;
  // A network interface by its index, for the scope of link-local addresses. Empty: the index is printed.
  virtual std::string_view Interface(uint32_t) noexcept { return {}; }
  // An Internet protocol by its number, as in protocols(5). Empty: it has no name.
  virtual std::string_view Protocol(uint32_t) noexcept { return {}; }
  // Accounts changed: the next answer comes from the system.
  virtual void Flush() noexcept = 0;
};

}  // namespace audit
