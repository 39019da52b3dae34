// The control socket beside a peer that plays the kernel: netlink sockets of two programs can talk to one another, and
// the one in the kernel's place has a port of its own.
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "check.h"
#include "native/control/control_socket.h"

namespace audit {
namespace {

constexpr uint16_t kGet = 1000;
constexpr uint16_t kList = 1013;
constexpr uint16_t kAdd = 1011;
constexpr uint16_t kRecord = 1300;
constexpr int kTimeoutMs = 300;

struct Endpoint {
  int descriptor;
  uint32_t port;
};

Endpoint Open() {
  Endpoint endpoint = {socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_USERSOCK), 0};
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  OK(bind(endpoint.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  socklen_t length = sizeof(address);
  OK(getsockname(endpoint.descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  endpoint.port = address.nl_pid;
  return endpoint;
}

struct Request {
  nlmsghdr header;
  std::string payload;
};

// The kernel's side of one exchange: waits for a request and answers it.
class Peer {
 public:
  explicit Peer(Endpoint endpoint) : endpoint_(endpoint) {}
  ~Peer() { close(endpoint_.descriptor); }

  Request Receive() {
    Request request = {};
    char buffer[16384];
    for (int tries = 0; tries < 2000; tries++) {
      sockaddr_nl sender = {};
      socklen_t length = sizeof(sender);
      const ssize_t received =
          recvfrom(endpoint_.descriptor, buffer, sizeof(buffer), 0, reinterpret_cast<sockaddr*>(&sender), &length);
      if (received >= static_cast<ssize_t>(sizeof(nlmsghdr))) {
        std::memcpy(&request.header, buffer, sizeof(nlmsghdr));
        request.payload.assign(buffer + sizeof(nlmsghdr), static_cast<size_t>(received) - sizeof(nlmsghdr));
        client_ = sender;
        return request;
      }
      usleep(1000);
    }
    check::Fail(__FILE__, __LINE__, "no request arrived");
    return request;
  }

  void Send(uint16_t type, uint32_t sequence, const std::string& payload) {
    SendFrom(endpoint_.descriptor, type, sequence, payload, static_cast<uint32_t>(NLMSG_HDRLEN + payload.size()));
  }

  void SendFrom(int descriptor, uint16_t type, uint32_t sequence, const std::string& payload, uint32_t claimed) {
    nlmsghdr header = {};
    header.nlmsg_len = claimed;
    header.nlmsg_type = type;
    header.nlmsg_seq = sequence;
    std::string message(reinterpret_cast<const char*>(&header), sizeof(header));
    message += payload;
    OK(sendto(descriptor, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&client_),
              sizeof(client_)) == static_cast<ssize_t>(message.size()));
  }

  int descriptor() const { return endpoint_.descriptor; }

  void Acknowledge(uint32_t sequence, int32_t error) {
    Send(NLMSG_ERROR, sequence, std::string(reinterpret_cast<const char*>(&error), sizeof(error)));
  }

 private:
  Endpoint endpoint_;
  sockaddr_nl client_ = {};
};

// Runs one request while `play` answers it.
Answer Exchange(uint16_t type, const std::string& payload, Expect expect, const std::function<void(Peer&)>& play,
                Stray* stray = nullptr) {
  const Endpoint client = Open();
  const Endpoint kernel = Open();
  ControlSocket socket(client.descriptor, kernel.port);
  Peer peer(kernel);
  std::thread kernel_side([&] { play(peer); });
  Answer answer =
      socket.Request(type, reinterpret_cast<const uint8_t*>(payload.data()), payload.size(), expect, kTimeoutMs);
  kernel_side.join();
  if (stray != nullptr) *stray = socket.stray();
  return answer;
}

std::string Text(const Answer& answer, size_t at) {
  if (at >= answer.replies.size()) return "(none)";
  return std::string(answer.replies[at].begin(), answer.replies[at].end());
}

TEST("A request has the flags, the sequence number and the padding that the kernel expects") {
  Request seen = {};
  const Answer answer = Exchange(kAdd, "12345", Expect::kAck, [&](Peer& peer) {
    seen = peer.Receive();
    peer.Acknowledge(seen.header.nlmsg_seq, 0);
  });
  EQUAL(answer.error, 0);
  EQUAL(seen.header.nlmsg_type, kAdd);
  EQUAL(seen.header.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
  EQUAL(seen.header.nlmsg_len, 24u);
  EQUAL(seen.header.nlmsg_seq, 1u);
  EQUAL(seen.payload, std::string("12345\0\0\0", 8));
}

TEST("The kernel's refusal is its errno, without a system call") {
  const Answer answer =
      Exchange(kAdd, "", Expect::kAck, [](Peer& peer) { peer.Acknowledge(peer.Receive().header.nlmsg_seq, -EEXIST); });
  EQUAL(answer.error, EEXIST);
  OK(answer.syscall == nullptr);
}

TEST("A positive acknowledgement is a value") {
  const Answer answer =
      Exchange(kAdd, "", Expect::kAck, [](Peer& peer) { peer.Acknowledge(peer.Receive().header.nlmsg_seq, 42); });
  EQUAL(answer.error, 0);
  EQUAL(answer.acknowledged, 42);
}

TEST("A reply is waited for behind its acknowledgement") {
  const Answer answer = Exchange(kGet, "", Expect::kSingle, [](Peer& peer) {
    const uint32_t sequence = peer.Receive().header.nlmsg_seq;
    peer.Acknowledge(sequence, 0);
    usleep(20000);
    peer.Send(kGet, sequence, "status");
  });
  EQUAL(answer.error, 0);
  EQUAL(Text(answer, 0), "status");
}

TEST("A dump is whole when it says so, records and old answers in between are counted") {
  Stray stray;
  const Answer answer = Exchange(
      kList, "", Expect::kDump,
      [](Peer& peer) {
        const uint32_t sequence = peer.Receive().header.nlmsg_seq;
        peer.Acknowledge(sequence + 7, -EPERM);
        peer.Acknowledge(sequence, 0);
        peer.Send(kList, sequence, "one");
        peer.Send(kRecord, 0, "audit(1:1): a record");
        peer.Send(kRecord, sequence, "of another type");
        peer.Send(kList, sequence, "two");
        peer.Send(NLMSG_DONE, sequence, "");
      },
      &stray);
  EQUAL(answer.error, 0);
  EQUAL(answer.replies.size(), 2u);
  EQUAL(Text(answer, 0), "one");
  EQUAL(Text(answer, 1), "two");
  EQUAL(stray.skipped, 3u);
  EQUAL(stray.refused, 0u);
}

TEST("What comes from another port is refused, whatever it claims") {
  Stray stray;
  const Answer answer = Exchange(
      kGet, "", Expect::kSingle,
      [](Peer& peer) {
        const uint32_t sequence = peer.Receive().header.nlmsg_seq;
        const Endpoint forger = Open();
        peer.SendFrom(forger.descriptor, kGet, sequence, "forged", NLMSG_HDRLEN + 6);
        close(forger.descriptor);
        peer.Send(kGet, sequence, "true");
      },
      &stray);
  EQUAL(Text(answer, 0), "true");
  EQUAL(stray.refused, 1u);
}

TEST("Messages of impossible length are counted and passed over") {
  Stray stray;
  const Answer answer = Exchange(
      kGet, "", Expect::kSingle,
      [](Peer& peer) {
        const uint32_t sequence = peer.Receive().header.nlmsg_seq;
        peer.SendFrom(peer.descriptor(), kGet, sequence, "x", 4);
        peer.SendFrom(peer.descriptor(), kGet, sequence, "x", 4096);
        peer.SendFrom(peer.descriptor(), NLMSG_ERROR, sequence, "x", NLMSG_HDRLEN + 1);
        peer.SendFrom(peer.descriptor(), kGet, sequence, std::string(14000, 'x'), NLMSG_HDRLEN + 14000);
        peer.Send(kGet, sequence, "whole");
      },
      &stray);
  EQUAL(Text(answer, 0), "whole");
  EQUAL(stray.damaged, 4u);
}

TEST("No answer is EAGAIN after the timeout") {
  const Answer answer = Exchange(kGet, "", Expect::kSingle, [](Peer& peer) { peer.Receive(); });
  EQUAL(answer.error, EAGAIN);
  EQUAL(std::string(answer.syscall), "poll");
}

TEST("An acknowledgement without its reply is EAGAIN as well") {
  const Answer answer =
      Exchange(kGet, "", Expect::kSingle, [](Peer& peer) { peer.Acknowledge(peer.Receive().header.nlmsg_seq, 0); });
  EQUAL(answer.error, EAGAIN);
}

TEST("The least number an errno can have is a protocol error") {
  const Answer answer = Exchange(kAdd, "", Expect::kAck,
                                 [](Peer& peer) { peer.Acknowledge(peer.Receive().header.nlmsg_seq, INT32_MIN); });
  EQUAL(answer.error, EPROTO);
}

TEST("A request longer than the kernel reads is not sent") {
  const Endpoint client = Open();
  ControlSocket socket(client.descriptor, client.port);
  const std::vector<uint8_t> payload(8953);
  EQUAL(socket.Request(kAdd, payload.data(), payload.size(), Expect::kAck, kTimeoutMs).error, EINVAL);
}

TEST("A closed socket says so") {
  ControlSocket socket(Open().descriptor, 0);
  socket.Close();
  socket.Close();
  const Answer answer = socket.Request(kGet, nullptr, 0, Expect::kSingle, kTimeoutMs);
  EQUAL(answer.error, EBADF);
}

}  // namespace
}  // namespace audit
