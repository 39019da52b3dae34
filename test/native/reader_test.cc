// The reader thread without the kernel: whatever arrives on the socket, the ring gets whole lines, and every message
// that does not become one is counted.
#include "native/reader/reader.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "native/reader/audit_socket.h"
#include "native/reader/recorded_log.h"
#include "native/reader/serials.h"

namespace audit {
namespace {

constexpr uint16_t kUserCommand = 1123;  // AUDIT_USER_CMD of libaudit.h

const NameResolver kNobody = {
    [](uint32_t, char*, size_t) noexcept -> size_t { return 0; },
    [](uint32_t, char*, size_t) noexcept -> size_t { return 0; },
};

std::string Datagram(uint16_t type, const std::string& payload, uint32_t length) {
  nlmsghdr header = {};
  header.nlmsg_len = length;
  header.nlmsg_type = type;
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + payload;
}

// As the kernel sends a record: nlmsg_len is the payload's size.
std::string Record(uint16_t type, const std::string& payload) {
  return Datagram(type, payload, static_cast<uint32_t>(payload.size()));
}

// A reader on one end of a socket pair, the test on the other.
class Bench {
 public:
  explicit Bench(bool checks_sender = false) : ring_(Ring::Create(kMinTextBytes)) {
    int ends[2];
    OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0);
    kernel_ = ends[0];
    reader_ = std::make_unique<Reader>(
        ring_, AuditSocket::Adopt(ends[1], checks_sender, &ring_->counters()), LineFormat{false, {}},
        std::make_unique<NameCache>(kNobody), ReaderOptions{0}, [](void*) {}, nullptr);
  }
  ~Bench() { close(kernel_); }

  void Send(const std::string& datagram) { OK(send(kernel_, datagram.data(), datagram.size(), 0) >= 0); }

  // Everything that was sent, as the log would have it.
  std::string Log() {
    OK(reader_->Start() == 0);
    reader_->Stop();
    while (!reader_->finished()) usleep(1000);
    const auto* header = reinterpret_cast<const Header*>(ring_->memory());
    const auto* index = reinterpret_cast<const Entry*>(ring_->memory() + kHeaderBytes);
    const char* text =
        reinterpret_cast<const char*>(ring_->memory()) + kHeaderBytes + header->index_entries * size_t{kEntryBytes};
    const uint32_t head = header->head.load();
    return head == 0 ? std::string() : std::string(text, index[head - 1].text_end);
  }

  void Reformat(LineFormat format) { reader_->Reformat(std::move(format)); }

  Counters& counters() { return ring_->counters(); }

 private:
  std::shared_ptr<Ring> ring_;
  std::unique_ptr<Reader> reader_;
  int kernel_ = -1;
};

TEST("A record whose header counts the payload, or all, is a record") {
  Bench bench;
  const std::string payload = "audit(1.000:1): cwd=\"/\"";
  bench.Send(Record(AUDIT_CWD, payload));
  bench.Send(Datagram(AUDIT_CWD, payload, static_cast<uint32_t>(payload.size() + NLMSG_HDRLEN)));
  EQUAL(bench.Log(), "type=CWD msg=" + payload + "\ntype=CWD msg=" + payload + "\n");
  EQUAL(bench.counters().malformed.load(), 0u);
}

TEST("A header that contradicts the datagram costs nothing but a count") {
  Bench bench;
  for (const uint32_t length : {0u, 1u, 5000u, UINT32_MAX})
    bench.Send(Datagram(AUDIT_CWD, "audit(1.000:1): a", length));
  const std::string log = bench.Log();
  EQUAL(bench.counters().malformed.load(), 4u);
  EQUAL(bench.counters().records.load(), 4u);
}

TEST("A datagram shorter than a header is counted, not read") {
  Bench bench;
  bench.Send("short");
  bench.Send(Record(AUDIT_CWD, "audit(1.000:1): a"));
  EQUAL(bench.Log(), "type=CWD msg=audit(1.000:1): a\n");
  EQUAL(bench.counters().unreadable.load(), 1u);
}

TEST("What does not come from the kernel's port is no record") {
  Bench bench(true);  // a UNIX socket's sender has no netlink address at all
  bench.Send(Record(AUDIT_CWD, "audit(1.000:1): forged"));
  EQUAL(bench.Log(), "");
  EQUAL(bench.counters().spoofed.load(), 1u);
}

TEST("Newline and NUL in a payload forge no line and hide nothing") {
  Bench bench;
  using namespace std::string_literals;
  bench.Send(Record(kUserCommand, "audit(1.000:1): a=1\ntype=USER_LOGIN msg=audit(1.000:2): b\0c"s));
  EQUAL(bench.Log(), "type=USER_CMD msg=audit(1.000:1): a=1 type=USER_LOGIN msg=audit(1.000:2): b c\n");
  EQUAL(bench.counters().cleaned.load(), 1u);
}

TEST("A record of the greatest length and beyond is kept up to the line's limit") {
  Bench bench;
  for (const size_t size : {size_t{8970}, size_t{9100}, size_t{20000}}) {
    std::string payload = "audit(1.000:1): ";
    payload.resize(size, 'x');
    bench.Send(Record(AUDIT_CWD, payload));
  }
  const std::string log = bench.Log();
  EQUAL(bench.counters().records.load(), 3u);
  EQUAL(bench.counters().cut.load(), 3u);
  size_t lines = 0;
  for (size_t start = 0; start < log.size(); lines++) {
    const size_t end = log.find('\n', start);
    OK(end != std::string::npos && end - start <= kMaxLine);
    start = end + 1;
  }
  EQUAL(lines, 3u);
}

TEST("The end of an event reaches plugins and not the log") {
  Bench bench;
  bench.Send(Record(AUDIT_EOE, "audit(1700000000.123:77): "));
  EQUAL(bench.Log(), "");
  EQUAL(bench.counters().dispatch_only.load(), 1u);
}

TEST("Chatter, replies and daemon records are no records when the kernel's socket brings them") {
  Bench bench;
  for (const uint16_t type : {1, 2, 3, 1000, 1010, 1016, 1200, 1299, 1329})
    bench.Send(Record(type, "audit(1.000:1): x"));
  EQUAL(bench.Log(), "");
  // NLMSG_ERROR is the answer to a request and never gets as far as the count.
  EQUAL(bench.counters().ignored.load(), 8u);
}

TEST("Records of types without a name are kept under their number") {
  Bench bench;
  for (const uint16_t type : {1999, 2050, 3000, 65535}) bench.Send(Record(type, "audit(1.000:1): x=1"));
  const std::string log = bench.Log();
  for (const char* type : {"[1999]", "[2050]", "[3000]", "[65535]"}) OK(log.find(type) != std::string::npos);
  OK(log.find("x=1") != std::string::npos);
}

TEST("Random datagrams never break a line, and each is accounted for") {
  std::mt19937 random(1);
  for (int round = 0; round < 20; round++) {
    Bench bench;
    uint64_t errors = 0;
    for (int i = 0; i < 100; i++) {
      std::string datagram(random() % 300, '\0');
      for (char& byte : datagram) byte = static_cast<char>(random());
      if (datagram.size() >= NLMSG_HDRLEN && random() % 2 == 0) {
        const auto type = static_cast<uint16_t>(1000 + random() % 2200);
        memcpy(&datagram[4], &type, sizeof type);
      }
      uint16_t type = 0;
      if (datagram.size() >= NLMSG_HDRLEN) memcpy(&type, &datagram[4], sizeof type);
      if (type == NLMSG_ERROR) errors++;
      bench.Send(datagram);
    }
    const std::string log = bench.Log();
    size_t lines = 0;
    for (size_t start = 0; start < log.size(); lines++) {
      const size_t end = log.find('\n', start);
      OK(log.compare(start, 5, "type=") == 0);
      start = end + 1;
    }
    const Counters& counters = bench.counters();
    EQUAL(lines, counters.records.load());
    EQUAL(counters.records.load() + counters.dispatch_only.load() + counters.ignored.load() +
              counters.unreadable.load() + errors,
          100u);
  }
}

TEST("Records after a change of the form have the new one, whole") {
  Bench bench;
  bench.Reformat({true, "here"});
  bench.Reformat({true, "there"});
  bench.Send(Record(AUDIT_LOGIN, "audit(1.000:1): uid=0"));
  EQUAL(bench.Log(), "node=there type=LOGIN msg=audit(1.000:1): uid=0\x1dUID=\"root\"\n");
}

TEST("A serial that never comes is missed once later ones have passed by") {
  Serials serials;
  uint32_t missing = 0;
  for (uint32_t serial = 1000; serial < 1000 + 3 * Serials::kWindow; serial++) {
    if (serial == 2000 || serial == 2500) continue;
    missing += serials.See(serial);
  }
  EQUAL(missing, 2u);
}

TEST("Serials that come late, or twice, are not missed") {
  Serials serials;
  uint32_t missing = 0;
  for (uint32_t serial = 1; serial < 4 * Serials::kWindow; serial += 2) {
    missing += serials.See(serial + 1);
    missing += serials.See(serial);
    missing += serials.See(serial);
  }
  EQUAL(missing, 0u);
}

TEST("A jump ahead misses what it skips, a jump back starts anew, and the count may wrap") {
  Serials serials;
  serials.See(10);
  uint32_t missing = serials.See(10 + 100000);
  for (uint32_t i = 1; i <= Serials::kWindow; i++) missing += serials.See(10 + 100000 + i);
  EQUAL(missing, 100000u - 1);
  EQUAL(serials.See(5), 0u);
  Serials wrapping;
  missing = 0;
  for (uint32_t i = 0; i < 3 * Serials::kWindow; i++) missing += wrapping.See(UINT32_MAX - Serials::kWindow + i);
  EQUAL(missing, 0u);
}

}  // namespace
}  // namespace audit
