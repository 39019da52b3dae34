// What plugins read: lines and frames made of the ring's records, and the sockets that carry them.
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "check.h"
#include "native/dispatch/record_stream.h"
#include "native/dispatch/stream_socket.h"
#include "native/format/format.h"
#include "native/ring/ring.h"

namespace audit {
namespace {

constexpr uint16_t kSyscall = 1300;
constexpr uint16_t kCwd = 1307;
constexpr uint16_t kEndOfEvent = 1320;

// A ring and what was put into it.
class Records {
 public:
  Records() : ring_(Ring::Create(1u << 20)) {}

  void Add(uint16_t type, const std::string& line, uint16_t flags = 0) {
    char* room = ring_->Reserve(line.size());
    if (room == nullptr) return;
    memcpy(room, line.data(), line.size());
    ring_->Commit({type, flags, 45, 1700000000123}, static_cast<uint32_t>(line.size()));
    end_++;
  }

  void AddEndOfEvent(uint64_t milliseconds = 1700000000123, uint32_t serial = 45) {
    if (ring_->Reserve(0) == nullptr) return;
    ring_->CommitDispatchOnly({kEndOfEvent, 0, serial, milliseconds});
    end_++;
  }

  // As the consumer does: everything so far may be overwritten.
  void Release() {
    auto* header = reinterpret_cast<Header*>(ring_->memory());
    ring_->Publish();
    start_ = end_;
    const Entry& last = View().index[(end_ - 1) & (View().index_entries - 1)];
    header->text_tail.store(last.text_end);
    header->tail.store(end_);
  }

  RingView View() const { return RingView::Of(ring_->memory(), ring_->memory_bytes()); }
  Ring& ring() { return *ring_; }
  uint32_t start() const { return start_; }
  uint32_t end() const { return end_; }

  Rendered Render(const StreamOptions& options, std::string* out, size_t capacity = 1u << 20) const {
    std::unique_ptr<char[]> bytes(new char[capacity]);
    const Rendered rendered = RenderRecords(View(), start_, end_, options, bytes.get(), capacity);
    out->assign(bytes.get(), rendered.bytes);
    return rendered;
  }

 private:
  std::unique_ptr<Ring> ring_;
  uint32_t start_ = 0;
  uint32_t end_ = 0;
};

StreamOptions Options(StreamFormat format, bool whole_lines, std::string_view node = {}) {
  return {format, whole_lines, node};
}

std::string Frame(uint32_t version, uint32_t type, const std::string& payload) {
  const FrameHeader header = {version, 16, type, static_cast<uint32_t>(payload.size())};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + payload;
}

const std::string kLine = "type=SYSCALL msg=audit(1700000000.123:45): arch=c000003e a0=1";
const std::string kPath = "type=CWD msg=audit(1700000000.123:45): cwd=\"/\"";

TEST("Lines go out as the log has them, and an event's end gets one") {
  Records records;
  records.Add(kSyscall, kLine + "\x1d" + "ARCH=x86_64", kHasEnrichment);
  records.Add(kCwd, kPath);
  records.AddEndOfEvent();
  records.Add(kCwd, kPath);
  std::string out;
  const Rendered rendered = records.Render(Options(StreamFormat::kString, true), &out);
  EQUAL(out, kLine + "\x1d" + "ARCH=x86_64\n" + kPath + "\ntype=EOE msg=audit(1700000000.123:45):\n" + kPath + "\n");
  EQUAL(rendered.records, 4u);
  EQUAL(rendered.next, records.end());
}

TEST("With a node every line names it, also the one of an event's end") {
  Records records;
  records.AddEndOfEvent(7005, 4294967295);
  std::string out;
  records.Render(Options(StreamFormat::kString, true, "alpha"), &out);
  EQUAL(out, "node=alpha type=EOE msg=audit(7.005:4294967295):\n");
}

TEST("Version 0 has what the kernel sent, with the blank that the log leaves out") {
  Records records;
  records.Add(kSyscall, kLine, kHadTrailingBlank);
  records.Add(kCwd, kPath);
  records.AddEndOfEvent();
  std::string out;
  records.Render(Options(StreamFormat::kBinary, false), &out);
  EQUAL(out, Frame(0, kSyscall, "audit(1700000000.123:45): arch=c000003e a0=1 ") +
                 Frame(0, kCwd, "audit(1700000000.123:45): cwd=\"/\"") +
                 Frame(0, kEndOfEvent, "audit(1700000000.123:45): "));
  records.Render(Options(StreamFormat::kString, false), &out);
  EQUAL(out, kLine + " \n" + kPath + "\ntype=EOE msg=audit(1700000000.123:45): \n");
}

TEST("Version 1 has whole lines without their newline") {
  Records records;
  records.Add(kSyscall, kLine, kHadTrailingBlank);
  records.AddEndOfEvent();
  std::string out;
  records.Render(Options(StreamFormat::kBinary, true), &out);
  EQUAL(out, Frame(1, kSyscall, kLine) + Frame(1, kEndOfEvent, "type=EOE msg=audit(1700000000.123:45):"));
}

TEST("A line made before a reload is sent as what it is") {
  Records records;
  records.Add(kSyscall, "node=alpha " + kLine, kHadTrailingBlank);
  records.Add(kSyscall, kLine + "\x1d" + "ARCH=x86_64", kHasEnrichment | kHadTrailingBlank);
  std::string out;
  records.Render(Options(StreamFormat::kBinary, false), &out);
  EQUAL(out, Frame(1, kSyscall, "node=alpha " + kLine) + Frame(1, kSyscall, kLine + "\x1d" + "ARCH=x86_64"));
}

TEST("Only whole records are written, however little room there is") {
  Records records;
  for (int i = 0; i < 20; i++) {
    records.Add(kSyscall, kLine, i % 3 == 0 ? kHadTrailingBlank : 0);
    records.AddEndOfEvent();
  }
  for (const StreamFormat format : {StreamFormat::kString, StreamFormat::kBinary}) {
    for (const bool whole : {true, false}) {
      std::string all;
      records.Render(Options(format, whole), &all);
      for (const size_t capacity : {0, 10, 500, 900, 1500, 4000}) {
        std::string pieces;
        uint32_t next = records.start();
        std::vector<char> out(capacity);
        while (next != records.end()) {
          const Rendered part =
              RenderRecords(records.View(), next, records.end(), Options(format, whole), out.data(), capacity);
          OK(part.bytes <= capacity);
          if (part.next == next) break;
          pieces.append(out.data(), part.bytes);
          next = part.next;
        }
        EQUAL(pieces, capacity < 400 ? std::string() : all);
      }
    }
  }
}

TEST("Records over the end of the text and after a rewind are whole") {
  Records records;
  const std::string long_line = kLine + std::string(8000, 'x');
  std::string out;
  for (int i = 0; i < 1000; i++) {
    const std::string line = long_line.substr(0, 100 + static_cast<size_t>(i * 37 % 8000));
    records.Add(kSyscall, line);
    records.Add(kCwd, kPath);
    records.Render(Options(StreamFormat::kString, true), &out);
    EQUAL(out, line + "\n" + kPath + "\n");
    records.Release();
    if (i % 5 == 0) records.ring().Settle();
  }
}

TEST("Damaged entries are passed over, and no memory beside the ring is read") {
  Records records;
  records.Add(kSyscall, kLine);
  auto* entry = const_cast<Entry*>(records.View().index);
  for (const uint32_t length : {0u, 8971u, 1u << 20, 0xffffffffu}) {
    entry->length = length;
    std::string out;
    const Rendered rendered = records.Render(Options(StreamFormat::kBinary, false), &out);
    EQUAL(out, std::string());
    EQUAL(rendered.next, records.end());
    EQUAL(rendered.records, 0u);
  }
}

TEST("Memory that holds no ring is none") {
  std::vector<uint8_t> memory(1 << 16);
  OK(RingView::Of(memory.data(), memory.size()).index == nullptr);
  OK(RingView::Of(nullptr, 0).index == nullptr);
  Records records;
  OK(RingView::Of(records.ring().memory(), 4096).index == nullptr);
}

TEST("A line from elsewhere stays one record") {
  char out[20000];
  const auto render = [&](std::string_view line, const StreamOptions& options, size_t capacity = sizeof out) {
    return std::string(out, RenderLine(1100, line, options, out, capacity));
  };
  EQUAL(render("type=USER msg=a\n", Options(StreamFormat::kString, true)), "type=USER msg=a\n");
  EQUAL(render("a\nb\n\n", Options(StreamFormat::kString, true)), "a b \n");
  EQUAL(render("a\nb", Options(StreamFormat::kBinary, true)), Frame(1, 1100, "a\nb"));
  EQUAL(render("type=USER msg=a\n", Options(StreamFormat::kBinary, false)), Frame(0, 1100, "a"));
  EQUAL(render("a", Options(StreamFormat::kString, true), 10), "");
  EQUAL(render(std::string(12000, 'x'), Options(StreamFormat::kString, true)).size(), kMaxPayload + 1);
}

// --- Sockets ---

iovec Part(std::string* text) { return {text->data(), text->size()}; }

TEST("A socket takes what it has room for, and tells what was not read yet") {
  int fds[2];
  OK(MakeSocketPair(fds));
  std::string text(1 << 16, 'x');
  const iovec part = Part(&text);
  size_t sent = 0;
  for (ssize_t taken; (taken = SendNow(fds[0], &part, 1)) > 0;) sent += static_cast<size_t>(taken);
  EQUAL(SendNow(fds[0], &part, 1), 0);
  OK(UnreadBytes(fds[0]) >= static_cast<int64_t>(sent));
  std::vector<char> got(1 << 16);
  for (size_t left = sent; left > 0;) left -= static_cast<size_t>(read(fds[1], got.data(), got.size()));
  EQUAL(UnreadBytes(fds[0]), 0);
  OK(StateOfPeer(fds[0]) == PeerState::kReading);
  shutdown(fds[1], SHUT_WR);
  OK(StateOfPeer(fds[0]) == PeerState::kHalfClosed);
  OK(SendNow(fds[0], &part, 1) > 0);
  close(fds[1]);
  OK(StateOfPeer(fds[0]) == PeerState::kGone);
  const ssize_t after = SendNow(fds[0], &part, 1);
  OK(after == -EPIPE || after == -ECONNRESET);
  close(fds[0]);
}

TEST("A bound socket has its permissions before anybody can connect, and knows who does") {
  const std::string path = "/tmp/dispatch_test." + std::to_string(getpid());
  unlink(path.c_str());
  const mode_t umask_before = umask(0);
  const int fd = BindUnixSocket(path.c_str(), 0640);
  umask(umask_before);
  OK(fd >= 0);
  struct stat facts;
  OK(stat(path.c_str(), &facts) == 0);
  EQUAL(facts.st_mode & 0777, 0640u);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  const int early = socket(AF_UNIX, SOCK_STREAM, 0);
  EQUAL(connect(early, name, sizeof address), -1);
  EQUAL(errno, ECONNREFUSED);
  OK(listen(fd, 1) == 0);
  EQUAL(AcceptPeer(fd).fd, -EAGAIN);
  const int client = socket(AF_UNIX, SOCK_STREAM, 0);
  EQUAL(connect(client, name, sizeof address), 0);
  const Peer peer = AcceptPeer(fd);
  OK(peer.fd >= 0);
  EQUAL(peer.pid, getpid());
  EQUAL(peer.uid, getuid());
  EQUAL(peer.gid, getgid());
  EQUAL(BindUnixSocket(path.c_str(), 0640), -EADDRINUSE);
  EQUAL(BindUnixSocket(std::string(108, 'x').c_str(), 0640), -ENAMETOOLONG);
  for (const int open : {early, client, peer.fd, fd}) close(open);
  unlink(path.c_str());
}

}  // namespace
}  // namespace audit
