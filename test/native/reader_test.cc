// The reader thread without the kernel: whatever arrives on the socket, the ring gets whole lines, and every message
// that does not become one is counted.
#include "native/reader/reader.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
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
        ring_, AuditSocket::Adopt(ends[1], checks_sender, ring_.get()), LineFormat{false, {}},
        std::make_unique<NameCache>(kNobody), ReaderOptions{0, 0}, [](void*) {}, nullptr);
  }
  ~Bench() { close(kernel_); }

  void Send(const std::string& datagram) { OK(send(kernel_, datagram.data(), datagram.size(), 0) >= 0); }

  // Everything that was sent, as the log would have it.
  std::string Log() {
    OK(reader_->Start() == 0);
    reader_->Stop();
    while (!reader_->finished()) usleep(1000);
    const auto* header = reinterpret_cast<const Header*>(ring_->memory());
    const auto* index = reinterpret_cast<const Entry*>(ring_->memory() + kIndexOffset);
    const char* text =
        reinterpret_cast<const char*>(ring_->memory()) + kIndexOffset + header->index_entries * size_t{kEntryBytes};
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

// Its only message comes when Receive() has just said that there is none.
class LateSource final : public Source {
 public:
  LateSource() {
    OK(pipe2(pipe_, O_CLOEXEC) == 0);
    OK(write(pipe_[1], "x", 1) == 1);
  }
  ~LateSource() override {
    close(pipe_[0]);
    close(pipe_[1]);
  }

  Batch Receive(Message* out) noexcept override {
    if (received_++ != 1) return {};
    char byte = 0;
    OK(read(pipe_[0], &byte, 1) == 1);
    out[0] = {kPayload.data(), static_cast<uint32_t>(kPayload.size()), AUDIT_CWD, false, false, -1};
    return {1, State::kDry};
  }
  int Polled(pollfd* out) const noexcept override {
    out[0] = {pipe_[0], POLLIN, 0};
    return 1;
  }
  void Finish() noexcept override {}
  bool carries_daemon_records() const noexcept override { return false; }

  static constexpr std::string_view kPayload = "audit(1.000:1): late";

 private:
  int pipe_[2] = {-1, -1};
  int received_ = 0;
};

TEST("What comes right after the end was asked for is waited for") {
  std::shared_ptr<Ring> ring = Ring::Create(kMinTextBytes);
  Reader reader(
      ring, std::make_unique<LateSource>(), LineFormat{false, {}}, std::make_unique<NameCache>(kNobody),
      ReaderOptions{}, [](void*) {}, nullptr);
  reader.Stop();
  OK(reader.Start() == 0);
  while (!reader.finished()) usleep(1000);
  EQUAL(ring->counters().records.load(), 1u);
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

// What a daemon leaves that is killed at any moment, and what the next one makes of it: each record once, in order.
class Life {
 public:
  Life(std::shared_ptr<Ring> ring, std::unique_ptr<AuditSocket> socket)
      : ring_(std::move(ring)), socket_(socket.get()) {
    reader_ = std::make_unique<Reader>(
        ring_, std::move(socket), LineFormat{false, {}}, std::make_unique<NameCache>(kNobody), ReaderOptions{0, 0},
        [](void*) {}, nullptr);
  }
  Reader& reader() { return *reader_; }
  AuditSocket& socket() { return *socket_; }
  void RunToEnd() {
    OK(reader_->Start() == 0);
    reader_->Stop();
    while (!reader_->finished()) usleep(100);
  }

 private:
  std::shared_ptr<Ring> ring_;
  AuditSocket* socket_;
  std::unique_ptr<Reader> reader_;
};

// All text between the tail and the head; then it is released.
std::string TakeAll(Ring& ring) {
  Header& header = ring.header();
  const auto* index = reinterpret_cast<const Entry*>(ring.memory() + kIndexOffset);
  const char* text =
      reinterpret_cast<const char*>(ring.memory()) + kIndexOffset + header.index_entries * size_t{kEntryBytes};
  const uint32_t tail = header.tail.load();
  const uint32_t head = header.head.load();
  if (head == tail) return {};
  const Entry& first = index[tail % header.index_entries];
  const Entry& last = index[(head - 1) % header.index_entries];
  const uint32_t start = first.text_end - first.length;
  std::string taken(text + start % header.text_bytes, last.text_end - start);
  header.text_tail.store(last.text_end);
  header.tail.store(head);
  header.text_tail_copy.store(last.text_end);
  header.tail_copy.store(head);
  return taken;
}

std::string Numbered(int number) { return "audit(1.000:" + std::to_string(number) + "): n=" + std::to_string(number); }

std::string Line(int number) { return "type=CWD msg=" + Numbered(number) + "\n"; }

TEST("A process killed at any moment leaves every record once to the next one") {
  std::mt19937 random(7);
  int ends[2];
  OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0);
  const std::unique_ptr<Ring> first = Ring::Create(kMinTextBytes);
  int sent = 0;
  std::string log;
  for (int life = 0; life < 60; life++) {
    int pipes[2];
    OK(pipe(pipes) == 0);
    const pid_t child = fork();
    if (child == 0) {
      close(pipes[0]);
      std::shared_ptr<Ring> ring = Ring::Attach(fcntl(first->memfd(), F_DUPFD_CLOEXEC, 0));
      if (!ring) _exit(1);
      ring->CameUp();
      auto* life_of_child = new Life(ring, AuditSocket::Adopt(fcntl(ends[1], F_DUPFD_CLOEXEC, 0), false, ring.get()));
      if (life_of_child->reader().Start() != 0 || write(pipes[1], "x", 1) != 1) _exit(1);
      for (;;) pause();
    }
    close(pipes[1]);
    char ready = 0;
    OK(read(pipes[0], &ready, 1) == 1);
    close(pipes[0]);
    const int until = sent + 100 + static_cast<int>(random() % 400);
    while (sent < until) {
      const std::string datagram = Record(AUDIT_CWD, Numbered(sent));
      OK(send(ends[0], datagram.data(), datagram.size(), 0) > 0);
      sent++;
    }
    kill(child, SIGKILL);
    int status = 0;
    OK(waitpid(child, &status, 0) == child);
    OK(WIFSIGNALED(status));
    // The next process's first step, here: what was committed goes to the log.
    std::unique_ptr<Ring> found = Ring::Attach(fcntl(first->memfd(), F_DUPFD_CLOEXEC, 0));
    OK(found != nullptr);
    if (found == nullptr) return;
    log += TakeAll(*found);
  }
  std::shared_ptr<Ring> ring = Ring::Attach(fcntl(first->memfd(), F_DUPFD_CLOEXEC, 0));
  Life last(ring, AuditSocket::Adopt(ends[1], false, ring.get()));
  last.RunToEnd();
  log += TakeAll(*ring);
  close(ends[0]);
  std::string expected;
  for (int number = 0; number < sent; number++) expected += Line(number);
  OK(log == expected);
}

// A take-over without the kernel: the test sends what the kernel would send, to whom it would.
class TakeOver {
 public:
  TakeOver() : ring_(Ring::Create(kMinTextBytes)) {
    for (auto& pair : pairs_) OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0);
  }
  ~TakeOver() {
    for (auto& pair : pairs_) {
      close(pair[0]);
      close(pair[1]);
    }
  }
  enum Target { kHeld, kOwn, kWindow };
  void Send(Target target, int number) {
    const std::string datagram = Record(AUDIT_CWD, Numbered(number));
    OK(send(pairs_[target][0], datagram.data(), datagram.size(), 0) > 0);
  }
  // A process that takes over with copies of the descriptors, as far as `messages` go, and then is gone.
  void Live(int rounds) {
    std::shared_ptr<Ring> ring = Ring::Attach(Copy(ring_->memfd()));
    OK(ring != nullptr);
    ring->CameUp();
    Message messages[kMaxBatch];
    std::unique_ptr<AuditSocket> socket =
        AuditSocket::AdoptTakeOver(Copy(pairs_[kOwn][1]), Copy(pairs_[kHeld][1]), Copy(pairs_[kWindow][1]), ring.get());
    for (int round = 0; round < rounds; round++) {
      const Source::Batch batch = socket->Receive(messages);
      for (int i = 0; i < batch.count; i++) {
        if (!socket->Admit(messages[i])) continue;
        const std::string line = "type=CWD msg=" + std::string(messages[i].payload, messages[i].length);
        memcpy(ring->Reserve(line.size()), line.data(), line.size());
        ring->Stage(messages[i].slot);
        ring->Commit({AUDIT_CWD, 0, 0, 0}, static_cast<uint32_t>(line.size()));
      }
      settled_ = socket->is_settled();
    }
    ring->Publish();
  }
  std::string Log() { return TakeAll(*ring_); }
  bool settled() const { return settled_; }

 private:
  static int Copy(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 0); }
  std::unique_ptr<Ring> ring_;
  int pairs_[3][2];
  bool settled_ = false;
};

TEST("What only the window saw becomes a record, and nothing does twice") {
  TakeOver scene;
  for (const int number : {1, 2, 3}) scene.Send(TakeOver::kHeld, number);
  for (const int number : {2, 3, 4, 5, 6, 7}) scene.Send(TakeOver::kWindow, number);
  scene.Send(TakeOver::kOwn, 6);
  scene.Live(3);
  EQUAL(scene.Log(), Line(1) + Line(2) + Line(3) + Line(6) + Line(4) + Line(5) + Line(7));
}

TEST("The window is read once the new socket is served, not before") {
  TakeOver scene;
  scene.Send(TakeOver::kWindow, 1);
  scene.Live(5);
  OK(!scene.settled());
  EQUAL(scene.Log(), "");
  scene.Send(TakeOver::kOwn, 2);
  scene.Send(TakeOver::kWindow, 2);
  scene.Live(5);
  OK(scene.settled());
  EQUAL(scene.Log(), Line(2) + Line(1));
}

TEST("A take-over that dies after any number of rounds is ended by the next process") {
  for (int rounds = 0; rounds < 8; rounds++) {
    TakeOver scene;
    for (int number = 1; number <= 80; number++) scene.Send(TakeOver::kHeld, number);
    for (int number = 70; number <= 170; number++) scene.Send(TakeOver::kWindow, number);
    for (int number = 91; number <= 100; number++) scene.Send(TakeOver::kOwn, number);
    scene.Live(rounds);
    // Late copies: the kernel sends again what the window has told already.
    scene.Send(TakeOver::kOwn, 85);
    for (int number = 101; number <= 170; number++) scene.Send(TakeOver::kOwn, number);
    scene.Live(20);
    OK(scene.settled());
    std::string log = scene.Log();
    for (int number = 1; number <= 170; number++) {
      const size_t at = log.find(Line(number));
      OK(at != std::string::npos);
      if (at != std::string::npos) log.erase(at, Line(number).size());
    }
    EQUAL(log, "");
  }
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
