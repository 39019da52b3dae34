// The ring on its own: what one thread pushes another takes, whole and in order, also over wraps, rewinds and full
// rings; and what a dead process left behind is found again.
#include "native/ring/ring.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "check.h"

namespace audit {
namespace {

constexpr uint32_t kMegabyte = 1u << 20;

// Reads the ring as src/ring/ring.ts does: from the shared memory alone.
class Consumer {
 public:
  explicit Consumer(const Ring& ring) : memory_(ring.memory()), header_(reinterpret_cast<Header*>(ring.memory())) {
    tail_ = header_->tail.load();
  }

  // Takes up to `most` records and appends their text. False when there are none.
  bool Take(uint32_t most, std::string* text) {
    const uint32_t head = header_->head.load(std::memory_order_acquire);
    if (head == tail_) return false;
    const uint32_t end = head - tail_ > most ? tail_ + most : head;
    const uint32_t start = At(tail_).text_end - At(tail_).length;
    const uint32_t bytes = At(end - 1).text_end - start;
    const char* base = reinterpret_cast<char*>(memory_) + kHeaderBytes + header_->index_entries * size_t{kEntryBytes};
    text->append(base + (start & (header_->text_bytes - 1)), bytes);
    const uint32_t text_end = At(end - 1).text_end;
    header_->text_tail.store(text_end, std::memory_order_release);
    header_->tail.store(end, std::memory_order_release);
    tail_ = end;
    return true;
  }

 private:
  Entry& At(uint32_t number) {
    return reinterpret_cast<Entry*>(memory_ + kHeaderBytes)[number & (header_->index_entries - 1)];
  }

  uint8_t* memory_;
  Header* header_;
  uint32_t tail_;
};

std::string Line(uint32_t number, size_t length) {
  std::string line = std::to_string(number) + ":";
  line.resize(length < line.size() ? line.size() : length, static_cast<char>('a' + number % 26));
  return line;
}

bool Push(Ring* ring, uint32_t number, const std::string& line) {
  char* room = ring->Reserve(line.size());
  if (room == nullptr) return false;
  memcpy(room, line.data(), line.size());
  Ring::Record record;
  record.type = 1300;
  record.serial = number;
  ring->Commit(record, static_cast<uint32_t>(line.size()));
  return true;
}

size_t ResidentBytes(const Ring& ring) {
  struct stat info;
  fstat(ring.memfd(), &info);
  return static_cast<size_t>(info.st_blocks) * 512;
}

TEST("Refuses sizes that are no power of two within the limits") {
  for (const uint32_t bytes : {0u, 1u, kMegabyte - 1, kMegabyte + 4096, kMaxTextBytes * 2}) {
    OK(Ring::Create(bytes) == nullptr);
    OK(errno == EINVAL);
  }
}

TEST("One threads records reach the other whole and in order") {
  std::shared_ptr<Ring> ring = Ring::Create(kMegabyte);
  constexpr uint32_t kRecords = 300000;
  std::thread producer([&ring] {
    for (uint32_t number = 0; number < kRecords;) {
      // Batches of odd sizes; when the ring is full, what there is must become visible.
      for (uint32_t i = 0; i < number % 7 + 1 && number < kRecords; i++) {
        if (!Push(ring.get(), number, Line(number, number % 611))) break;
        number++;
      }
      ring->Publish();
      ring->Settle();
    }
  });
  Consumer consumer(*ring);
  std::string text, expected;
  uint32_t verified = 0;
  bool in_order = true;
  while (verified < kRecords && in_order) {
    text.clear();
    if (!consumer.Take(1 + verified % 900, &text)) continue;
    size_t at = 0;
    while (at < text.size()) {
      expected = Line(verified, verified % 611) + "\n";
      in_order = text.compare(at, expected.size(), expected) == 0;
      if (!in_order) break;
      at += expected.size();
      verified++;
    }
  }
  producer.join();
  OK(in_order);
  OK(verified == kRecords);
}

TEST("A full ring takes nothing and loses nothing") {
  std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  uint32_t pushed = 0;
  while (Push(ring.get(), pushed, Line(pushed, 1000))) pushed++;
  OK(pushed == kMegabyte / 1001);
  ring->Publish();
  OK(ring->Reserve(1000) == nullptr);
  std::string text;
  Consumer consumer(*ring);
  while (consumer.Take(100, &text)) {
  }
  OK(text.size() == pushed * 1001u);
  OK(ring->Reserve(1000) != nullptr);
  OK(ring->counters().high_water_bytes.load() == pushed * 1001u);
}

TEST("Records without text take an entry and no text") {
  std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  uint32_t pushed = 0;
  while (ring->Reserve(0) != nullptr) {
    ring->CommitDispatchOnly({1320, 0, pushed, 0});
    pushed++;
  }
  OK(pushed == kMegabyte / kTextBytesPerEntry);
  ring->Publish();
  std::string text;
  OK(Consumer(*ring).Take(pushed, &text));
  OK(text.empty());
}

TEST("Resident only as far as it is in use") {
  std::unique_ptr<Ring> ring = Ring::Create(64 * kMegabyte);
  Consumer consumer(*ring);
  std::string text;
  // A consumer that keeps pace: a hundred laps' worth stays in the first pages.
  for (uint32_t number = 0; number < 100000; number++) {
    OK(Push(ring.get(), number, Line(number, 600)));
    ring->Publish();
    text.clear();
    consumer.Take(10, &text);
    ring->Settle();
  }
  OK(ResidentBytes(*ring) < 4 * kMegabyte);
  // A burst that waits, then is taken.
  uint32_t number = 0;
  while (Push(ring.get(), number, Line(number, 1000))) number++;
  ring->Publish();
  OK(ResidentBytes(*ring) > 60 * kMegabyte);
  text.clear();
  while (consumer.Take(1000, &text)) {
    ring->Settle();
  }
  ring->Settle();
  OK(text.size() == number * 1001u);
  OK(ResidentBytes(*ring) < 4 * kMegabyte);
}

TEST("A later process finds what a dead one committed") {
  std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  const int memfd = fcntl(ring->memfd(), F_DUPFD_CLOEXEC, 0);
  const pid_t child = fork();
  if (child == 0) {
    Consumer consumer(*ring);
    std::string text;
    for (uint32_t number = 0; number < 3000; number++) {
      if (!Push(ring.get(), number, Line(number, 1000))) consumer.Take(500, &text);
      ring->Publish();
    }
    // Two records of a batch that is never published.
    Push(ring.get(), 9998, "committed");
    Push(ring.get(), 9999, "but not published");
    _exit(0);
  }
  int status = 0;
  OK(waitpid(child, &status, 0) == child);
  EQUAL(status, 0);
  std::unique_ptr<Ring> attached = Ring::Attach(memfd);
  OK(attached != nullptr);
  if (attached == nullptr) return;
  std::string text;
  Consumer consumer(*attached);
  while (consumer.Take(100, &text)) {
  }
  const std::string last = "committed\nbut not published\n";
  OK(text.size() > last.size() && text.substr(text.size() - last.size()) == last);
  // And it goes on from there.
  OK(Push(attached.get(), 10000, "next"));
  attached->Publish();
  text.clear();
  OK(consumer.Take(1, &text));
  OK(text == "next\n");
}

TEST("Damaged memory is refused or repaired but never followed") {
  std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  for (uint32_t number = 0; number < 100; number++) Push(ring.get(), number, Line(number, 100));
  ring->Publish();
  int refused = 0;
  for (size_t at = 0; at < sizeof(Header) + 200 * kEntryBytes; at++) {
    const size_t offset = at < sizeof(Header) ? at : kHeaderBytes + at - sizeof(Header);
    const uint8_t before = ring->memory()[offset];
    ring->memory()[offset] ^= 0xff;
    const int memfd = fcntl(ring->memfd(), F_DUPFD_CLOEXEC, 0);
    std::unique_ptr<Ring> attached = Ring::Attach(memfd);
    if (attached == nullptr) {
      refused++;
      close(memfd);
    } else {
      std::string text;
      Consumer consumer(*attached);
      const uint32_t tail = reinterpret_cast<Header*>(ring->memory())->tail.load();
      const uint32_t text_tail = reinterpret_cast<Header*>(ring->memory())->text_tail.load();
      const uint32_t head = reinterpret_cast<Header*>(ring->memory())->head.load();
      while (consumer.Take(10, &text)) {
      }
      OK(text.size() <= kMegabyte);
      reinterpret_cast<Header*>(ring->memory())->tail.store(tail);
      reinterpret_cast<Header*>(ring->memory())->text_tail.store(text_tail);
      reinterpret_cast<Header*>(ring->memory())->head.store(head);
    }
    ring->memory()[offset] = before;
  }
  OK(refused > 24);  // the fixed fields, the cursors, the first entries' chain
}

TEST("Foreign memory is refused") {
  const int memfd = memfd_create("other", MFD_CLOEXEC);
  OK(Ring::Attach(memfd) == nullptr);
  OK(errno == EPROTO);
  OK(ftruncate(memfd, kMegabyte) == 0);
  OK(Ring::Attach(memfd) == nullptr);
  close(memfd);
}

}  // namespace
}  // namespace audit
