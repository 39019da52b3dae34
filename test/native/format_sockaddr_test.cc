// The texts of socket addresses.
#include "check.h"
#include "format_support.h"

using namespace format_support;

namespace {

std::string Address(const std::string& hex) {
  const std::string text = Interpreted(1306, "saddr=" + hex);
  return text.substr(0, 6) == "SADDR=" ? text.substr(6) : "not interpreted: " + text;
}

std::string Repeat(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; i++) repeated += text;
  return repeated;
}

}  // namespace

TEST("What is not hexadecimal is a malformed host") {
  EQUAL(Address("zz"), "malformed-host(zz)");
  EQUAL(Address("0"), "malformed-host(0)");
  EQUAL(Address("0z"), "malformed-host(0z)");
  EQUAL(Address("?"), "malformed-host(?)");
  EQUAL(Address("\x01\x02"), "malformed-host(\\001\\002)");
}

TEST("Every family number has its text") {
  const char* const families[] = {
      nullptr,  "local",     "inet",    "ax25",    "ipx",      "appletalk", "netrom",     "bridge", "atmpvc", "x25",
      "inet6",  "rose",      "decnet",  "netbeui", "security", "key",       "netlink",    "packet", "ash",    "econet",
      "atmsvc", "rds",       "sna",     "irda",    "pppox",    "wanpipe",   "llc",        nullptr,  nullptr,  "can",
      "tipc",   "bluetooth", "iucv",    "rxrpc",   "isdn",     "phonet",    "ieee802154", "caif",   "alg",    "nfc",
      "vsock",  "kcm",       "qipcrtr", "smc",     "xdp",      "mctp",      nullptr};
  for (unsigned family = 0; family < sizeof families / sizeof families[0]; family++) {
    const std::string hex = {"0123456789ABCDEF"[family / 16], "0123456789ABCDEF"[family % 16], '0', '0'};
    const std::string text = Address(hex);
    if (families[family] == nullptr) {
      EQUAL(text, "unknown-family(" + std::to_string(family) + ")");
      continue;
    }
    const std::string start = "{ saddr_fam=" + std::string(families[family]) + " ";
    EQUAL(text.substr(0, start.size()), start);
    const bool has_own_text =
        family == 1 || family == 2 || family == 3 || family == 8 || family == 9 || family == 10 || family == 16;
    if (!has_own_text) EQUAL(text, start + "(unsupported) }");
  }
  EQUAL(Address("FFFF"), "unknown-family(65535)");
  EQUAL(Address("0301414243"), "unknown-family(259)");
}

TEST("Local sockets have a path, a name or neither") {
  EQUAL(Address("01002F746D702F73"), "{ saddr_fam=local path=/tmp/s }");
  EQUAL(Address("01002F746D700061"), "{ saddr_fam=local path=/tmp }");
  EQUAL(Address("010000616273"), "{ saddr_fam=local path=abs }");
  EQUAL(Address("01000000"), "{ saddr_fam=local path= }");
  EQUAL(Address("0100"), "{ saddr_fam=local unnamed socket }");
  EQUAL(Address("010041"), "{ saddr_fam=local sockaddr len too short }");
  EQUAL(Address("01"), "{ saddr_fam=local sockaddr len too short }");
  EQUAL(Address("01004142"), "{ saddr_fam=local path=AB }");
  EQUAL(Address("01002F612062"), "{ saddr_fam=local path=/a b }");
}

TEST("A path is 108 bytes at most, also an abstract one") {
  EQUAL(Address("0100" + Repeat("41", 120)), "{ saddr_fam=local path=" + std::string(108, 'A') + " }");
  EQUAL(Address("010000" + Repeat("41", 120)), "{ saddr_fam=local path=" + std::string(108, 'A') + " }");
  EQUAL(Address("0100" + Repeat("41", 4000)), "{ saddr_fam=local path=" + std::string(108, 'A') + " }");
}

TEST("Control bytes in a path cannot end the line or the interpreted part") {
  EQUAL(Address("01002F610A62"), "{ saddr_fam=local path=/a\\012b }");
  EQUAL(Address("01002F611D62"), "{ saddr_fam=local path=/a\\035b }");
  EQUAL(Address("01002F611F7FFF"), "{ saddr_fam=local path=/a\\037\x7f\xff }");
}

TEST("IPv4 has address and port") {
  EQUAL(Address("020000350A00000100000000000000"
                "00"),
        "{ saddr_fam=inet laddr=10.0.0.1 lport=53 }");
  EQUAL(Address("0200FFFFFFFFFFFF0000000000000000"), "{ saddr_fam=inet laddr=255.255.255.255 lport=65535 }");
  EQUAL(Address("0200000000000000"
                "0000000000000000"),
        "{ saddr_fam=inet laddr=0.0.0.0 lport=0 }");
  EQUAL(Address("020000350A000001000000000000"
                "00"),
        "{ saddr_fam=inet sockaddr len too short }");
  EQUAL(Address("0200"), "{ saddr_fam=inet sockaddr len too short }");
  EQUAL(Address("02"), "{ saddr_fam=inet sockaddr len too short }");
}

TEST("Digits may be of either case, and what follows the last one is not read") {
  EQUAL(Address("02000035c0a8010100000000000000"
                "00"),
        "{ saddr_fam=inet laddr=192.168.1.1 lport=53 }");
  EQUAL(Address("0200005001020304zz00000000000000"), "{ saddr_fam=inet laddr=1.2.3.4 lport=80 }");
  EQUAL(Address("0200005001020304000000000000000"), "{ saddr_fam=inet sockaddr len too short }");
}

TEST("IPv6 is written as the C library does") {
  const auto inet6 = [](const char* address, const char* scope) {
    return Address(std::string("0A00005000000000") + address + scope);
  };
  EQUAL(inet6("00000000000000000000000000000001", "00000000"), "{ saddr_fam=inet6 laddr=::1 lport=80 }");
  EQUAL(inet6("20010DB8000000000000000000000001", "00000000"), "{ saddr_fam=inet6 laddr=2001:db8::1 lport=80 }");
  EQUAL(inet6("00000000000000000000FFFF7F000001", "00000000"), "{ saddr_fam=inet6 laddr=::ffff:127.0.0.1 lport=80 }");
  EQUAL(inet6("20010DB8000000000000000000000001", "05000000"), "{ saddr_fam=inet6 laddr=2001:db8::1%5 lport=80 }");
  EQUAL(Address("0A0000500000000000000000000000000000000000000001000000"),
        "{ saddr_fam=inet6 sockaddr6 len too short }");
  EQUAL(Address("0A00"), "{ saddr_fam=inet6 sockaddr6 len too short }");
}

TEST("A link-local address names its interface, or its number when there is none") {
  const std::string start = "0A00005000000000FE800000000000000000000000000001";
  EQUAL(Address(start + "02000000"), "{ saddr_fam=inet6 laddr=fe80::1%eth0 lport=80 }");
  EQUAL(Address(start + "07000000"), "{ saddr_fam=inet6 laddr=fe80::1%7 lport=80 }");
  EQUAL(Address("0A00005000000000FF02000000000000000000000000000102000000"),
        "{ saddr_fam=inet6 laddr=ff02::1%eth0 lport=80 }");
}

TEST("Netlink has family and port") {
  EQUAL(Address("100000004D00000000000000"), "{ saddr_fam=netlink nlnk-fam=16 nlnk-pid=77 }");
  EQUAL(Address("10000000FFFFFFFF00000000"), "{ saddr_fam=netlink nlnk-fam=16 nlnk-pid=4294967295 }");
  EQUAL(Address("100000004D000000000000"), "{ saddr_fam=netlink len too short }");
}

TEST("The old families have their texts") {
  EQUAL(Address("03004142434445464748000000000000"), "{ saddr_fam=ax25 call=ABCDEFG }");
  EQUAL(Address("03004142004445464748000000000000"), "{ saddr_fam=ax25 call=AB }");
  EQUAL(Address("030041424344454647480000000000"), "{ saddr_fam=ax25 sockaddr len too short }");
  EQUAL(Address("08000000930D00000000000000000000"), "{ saddr_fam=atmpvc int=3475 }");
  EQUAL(Address("08000000FFFF00000000000000000000"), "{ saddr_fam=atmpvc int=-1 }");
  EQUAL(Address("08000000930D000000000000000000"), "{ saddr_fam=atmpvc sockaddr len too short }");
  EQUAL(Address("0900" + Repeat("31", 20)), "{ saddr_fam=x25 laddr=111111111111111 }");
  EQUAL(Address("0900"), "{ saddr_fam=x25 laddr= }");
}

TEST("In AVC and NETFILTER_PKT records saddr is not this kind of address") {
  EQUAL(Interpreted(1400, "saddr=0100"), "");
  EQUAL(Interpreted(1324, "saddr=0100"), "");
}

TEST("An address as long as a record allows is read to its end and no further") {
  for (const char* family : {"01", "02", "03", "08", "09", "0A", "10", "11", "FF"}) {
    for (const int bytes : {1, 2, 3, 107, 108, 109, 126, 127, 128, 129, 4000}) {
      OK(Address(family + Repeat("FE", bytes)).size() > 10);
    }
  }
}
