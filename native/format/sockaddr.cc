#include "sockaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "../tables/tables.h"
#include "number.h"

namespace audit {

namespace {

// Offsets and sizes are those of the kernel's structures, spelled out because not every C library has their headers.
constexpr size_t kPathOffset = 2;
constexpr size_t kMaxPath = 108;  // sizeof(sockaddr_un::sun_path)
constexpr size_t kInetSize = 16;
constexpr size_t kInet6Size = 28;
constexpr size_t kNetlinkSize = 12;
constexpr size_t kAx25Size = 16;
constexpr size_t kAx25CallSize = 7;
constexpr size_t kAtmPvcSize = 16;
constexpr size_t kAtmPvcInterfaceOffset = 4;
constexpr size_t kMaxX25Address = 15;

// Decoded bytes; behind them zeros, so that a structure can be read from a shorter address.
struct Address {
  uint8_t bytes[sizeof(sockaddr_storage)] = {};
  size_t size;  // half the digits of the field, which can be more than were decoded or kept

  template <typename Integer>
  Integer At(size_t offset) const noexcept {
    Integer value;
    memcpy(&value, bytes + offset, sizeof value);
    return value;
  }

  // Up to the first zero byte, at most `limit` bytes.
  std::string_view Text(size_t offset, size_t limit) const noexcept {
    const char* text = reinterpret_cast<const char*>(bytes) + offset;
    return {text, strnlen(text, std::min(limit, sizeof bytes - offset))};
  }
};

// Text of the address, which may hold any byte but zero.
void AppendText(std::string_view text, SocketText control_bytes, LineWriter* line) noexcept {
  if (control_bytes == SocketText::kRaw) {
    line->Append(text);
  } else {
    line->AppendEscaped(text);
  }
}

// False without a single pair of digits. Decoding stops at the first byte that is no digit.
bool Decode(std::string_view hex, Address* address) noexcept {
  address->size = hex.size() / 2;
  size_t decoded = 0;
  while (decoded < std::min(address->size, sizeof address->bytes)) {
    const unsigned high = DigitValue(hex[2 * decoded]);
    const unsigned low = DigitValue(hex[2 * decoded + 1]);
    if (high > 15 || low > 15) break;
    address->bytes[decoded++] = static_cast<uint8_t>(high << 4 | low);
  }
  return decoded > 0;
}

void AppendLocal(const Address& address, SocketText control_bytes, LineWriter* line) noexcept {
  if (address.size == 2) {
    line->Append("unnamed socket");
    return;
  }
  if (address.size < 4) {
    line->Append("sockaddr len too short");
    return;
  }
  // The name of an abstract socket starts with a zero byte.
  const size_t offset = address.bytes[kPathOffset] == 0 ? kPathOffset + 1 : kPathOffset;
  line->Append("path=");
  AppendText(address.Text(offset, kMaxPath), control_bytes, line);
}

void AppendPort(const Address& address, LineWriter* line) noexcept {
  line->Append(" lport=");
  line->AppendDecimal(ntohs(address.At<uint16_t>(2)));
}

void AppendInet(const Address& address, LineWriter* line) noexcept {
  if (address.size < kInetSize) {
    line->Append("sockaddr len too short");
    return;
  }
  line->Append("laddr=");
  for (size_t i = 4; i < 8; i++) {
    if (i > 4) line->Append('.');
    line->AppendDecimal(address.bytes[i]);
  }
  AppendPort(address, line);
}

// The interface or other zone that an address belongs to; only link-local ones have an interface's name.
void AppendScope(const sockaddr_in6& inet6, Names& names, LineWriter* line) noexcept {
  if (inet6.sin6_scope_id == 0) return;
  line->Append('%');
  const bool is_link_local = IN6_IS_ADDR_LINKLOCAL(&inet6.sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&inet6.sin6_addr);
  const std::string_view name = is_link_local ? names.Interface(inet6.sin6_scope_id) : std::string_view();
  if (name.empty()) {
    line->AppendDecimal(inet6.sin6_scope_id);
  } else {
    line->AppendEscaped(name);
  }
}

void AppendInet6(const Address& address, Names& names, LineWriter* line) noexcept {
  if (address.size < kInet6Size) {
    line->Append("sockaddr6 len too short");
    return;
  }
  const auto inet6 = address.At<sockaddr_in6>(0);
  char text[INET6_ADDRSTRLEN];
  line->Append("laddr=");
  line->Append(inet_ntop(AF_INET6, &inet6.sin6_addr, text, sizeof text) == nullptr ? "" : text);
  AppendScope(inet6, names, line);
  AppendPort(address, line);
}

void AppendNetlink(const Address& address, uint16_t family, LineWriter* line) noexcept {
  if (address.size < kNetlinkSize) {
    line->Append("len too short");
    return;
  }
  line->Append("nlnk-fam=");
  line->AppendDecimal(family);
  line->Append(" nlnk-pid=");
  line->AppendDecimal(address.At<uint32_t>(4));
}

void AppendAx25(const Address& address, SocketText control_bytes, LineWriter* line) noexcept {
  if (address.size < kAx25Size) {
    line->Append("sockaddr len too short");
    return;
  }
  line->Append("call=");
  AppendText(address.Text(2, kAx25CallSize), control_bytes, line);
}

void AppendAtmPvc(const Address& address, LineWriter* line) noexcept {
  if (address.size < kAtmPvcSize) {
    line->Append("sockaddr len too short");
    return;
  }
  line->Append("int=");
  line->AppendSigned(address.At<int16_t>(kAtmPvcInterfaceOffset));
}

void AppendX25(const Address& address, SocketText control_bytes, LineWriter* line) noexcept {
  line->Append("laddr=");
  AppendText(address.Text(2, kMaxX25Address), control_bytes, line);
}

}  // namespace

void AppendSocketAddress(std::string_view hex, Names& names, SocketText control_bytes, LineWriter* line) noexcept {
  Address address;
  if (!Decode(hex, &address)) {
    line->Append("malformed-host(");
    AppendText(hex, control_bytes, line);
    line->Append(')');
    return;
  }
  const auto family = address.At<uint16_t>(0);
  const std::string_view family_name = SocketFamilyName(family);
  if (family_name.empty()) {
    line->Append("unknown-family(");
    line->AppendDecimal(family);
    line->Append(')');
    return;
  }
  line->Append("{ saddr_fam=");
  line->Append(family_name);
  line->Append(' ');
  switch (family) {
    case 1:  // AF_LOCAL; numbers because AF_ constants differ in completeness between C libraries
      AppendLocal(address, control_bytes, line);
      break;
    case 2:  // AF_INET
      AppendInet(address, line);
      break;
    case 3:  // AF_AX25
      AppendAx25(address, control_bytes, line);
      break;
    case 8:  // AF_ATMPVC
      AppendAtmPvc(address, line);
      break;
    case 9:  // AF_X25
      AppendX25(address, control_bytes, line);
      break;
    case 10:  // AF_INET6
      AppendInet6(address, names, line);
      break;
    case 16:  // AF_NETLINK
      AppendNetlink(address, family, line);
      break;
    default:
      line->Append("(unsupported)");
      break;
  }
  line->Append(" }");
}

}  // namespace audit
