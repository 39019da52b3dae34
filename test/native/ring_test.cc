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
#include "native/ring/seen_keys.h"

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
    const char* base =
        reinterpret_cast<char*>(memory_) + header_->index_offset + header_->index_entries * size_t{kEntryBytes};
    text->append(base + (start & (header_->text_bytes - 1)), bytes);
    const uint32_t text_end = At(end - 1).text_end;
    header_->text_tail.store(text_end, std::memory_order_release);
    header_->tail.store(end, std::memory_order_release);
    header_->text_tail_copy.store(text_end, std::memory_order_release);
    header_->tail_copy.store(end, std::memory_order_release);
    tail_ = end;
    return true;
  }

 private:
  Entry& At(uint32_t number) {
    return reinterpret_cast<Entry*>(memory_ + header_->index_offset)[number & (header_->index_entries - 1)];
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

// What Attach makes of the memory, as text; `*error` is its errno when it refuses.
std::string Recovered(const Ring& ring, int* error) {
  const int memfd = fcntl(ring.memfd(), F_DUPFD_CLOEXEC, 0);
  std::unique_ptr<Ring> attached = Ring::Attach(memfd);
  *error = attached == nullptr ? errno : 0;
  std::string text;
  if (attached == nullptr) {
    close(memfd);
    return text;
  }
  Consumer consumer(*attached);
  while (consumer.Take(10, &text)) {
  }
  return text;
}

TEST("A damaged header is refused or repaired, and never costs a record that is there") {
  std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  Consumer consumer(*ring);
  std::string expected, text;
  for (uint32_t number = 0; number < 300; number++) {
    Push(ring.get(), number, Line(number, 100));
    if (number >= 200) expected += Line(number, 100) + "\n";
  }
  ring->Publish();
  OK(consumer.Take(200, &text));
  const std::string before(reinterpret_cast<char*>(ring->memory()), kHeaderBytes);
  int refused = 0;
  int repaired = 0;
  for (size_t at = 0; at < kHeaderBytes; at++) {
    for (const uint8_t flip : {uint8_t{0xff}, uint8_t{0x01}, uint8_t{0x80}}) {
      ring->memory()[at] ^= flip;
      int error = 0;
      const std::string found = Recovered(*ring, &error);
      if (error != 0) {
        OK(error == EPROTO || error == EBADMSG || error == ELOOP);
        refused++;
      } else {
        OK(found == expected);
        repaired++;
      }
      memcpy(ring->memory(), before.data(), before.size());
    }
  }
  // Magic, version and sizes are refused; cursors are repaired from their copies and the marks; the rest hurts nothing.
  EQUAL(refused, 28 * 3);
  OK(repaired > 4000 * 3 - 100);
}

TEST("A damaged word about the slots is not followed, and a record that was never committed is staged still") {
  const std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  for (int slot = 0; slot < static_cast<int>(kSlots); slot++) {
    ring->Stage(slot);
    EQUAL(ring->FirstUnstaged(), slot);
    Push(ring.get(), static_cast<uint32_t>(slot), "one");
    EQUAL(ring->FirstUnstaged(), slot + 1);
    for (size_t at = 0; at < sizeof(uint64_t); at++) {
      uint8_t* byte = ring->memory() + offsetof(Header, staged) + at;
      for (uint8_t flip = 0xff; flip != 0; flip >>= 1) {
        *byte ^= flip;
        EQUAL(ring->FirstUnstaged(), slot + 1);
        *byte ^= flip;
      }
    }
  }
  ring->ClearStaged();
  EQUAL(ring->FirstUnstaged(), 0);
}

TEST("Damaged entries are refused or end what is recovered, and are never followed") {
  std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  std::string expected;
  for (uint32_t number = 0; number < 100; number++) {
    Push(ring.get(), number, Line(number, 100));
    expected += Line(number, 100) + "\n";
  }
  ring->Publish();
  const std::string header(reinterpret_cast<char*>(ring->memory()), kHeaderBytes);
  int refused = 0;
  for (size_t at = 0; at < 200 * kEntryBytes; at++) {
    ring->memory()[kIndexOffset + at] ^= 0xff;
    int error = 0;
    const std::string found = Recovered(*ring, &error);
    if (error != 0) refused++;
    OK(error != 0 || found == expected);
    ring->memory()[kIndexOffset + at] ^= 0xff;
    memcpy(ring->memory(), header.data(), header.size());
  }
  EQUAL(refused, 100 * 12);  // mark, length, text_end
}

TEST("A ring that every process dies of is given up") {
  std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  Push(ring.get(), 1, "one");
  int error = 0;
  for (uint32_t attempt = 0; attempt < Ring::kMostRecoveries; attempt++) {
    Recovered(*ring, &error);
    EQUAL(error, 0);
  }
  Recovered(*ring, &error);
  EQUAL(error, ELOOP);
  ring->CameUp();
  Recovered(*ring, &error);
  EQUAL(error, 0);
}

TEST("A ring of the first layout is read") {
  // As the first version wrote it: no staging, no keys, the index after the header page.
  const int memfd = memfd_create("old-ring", MFD_CLOEXEC);
  const uint32_t entries = kMegabyte / kTextBytesPerEntry;
  const size_t fixed = kHeaderBytes + entries * size_t{kEntryBytes};
  OK(ftruncate(memfd, static_cast<off_t>(fixed + kMegabyte)) == 0);
  auto* memory = static_cast<uint8_t*>(mmap(nullptr, fixed + kMegabyte, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0));
  OK(memory != MAP_FAILED);
  auto* header = reinterpret_cast<Header*>(memory);
  header->magic = kRingMagic;
  header->layout_version = 1;
  header->index_offset = kHeaderBytes;
  header->entry_bytes = kEntryBytes;
  header->index_entries = entries;
  header->text_bytes = kMegabyte;
  auto* index = reinterpret_cast<Entry*>(memory + kHeaderBytes);
  uint32_t text_end = 0;
  for (uint32_t number = 0; number < 3; number++) {
    const std::string line = Line(number, 50) + "\n";
    memcpy(memory + fixed + text_end, line.data(), line.size());
    text_end += static_cast<uint32_t>(line.size());
    index[number].length = static_cast<uint32_t>(line.size());
    index[number].text_end = text_end;
    index[number].lines = number + 1;
    index[number].mark.store(MarkOf(number));
  }
  header->head.store(2);  // the third was never published
  munmap(memory, fixed + kMegabyte);
  std::unique_ptr<Ring> ring = Ring::Attach(memfd);
  OK(ring != nullptr);
  if (ring == nullptr) return;
  OK(!ring->has_staging());
  std::string text;
  Consumer consumer(*ring);
  while (consumer.Take(10, &text)) {
  }
  EQUAL(text, Line(0, 50) + "\n" + Line(1, 50) + "\n" + Line(2, 50) + "\n");
  OK(Push(ring.get(), 3, "goes on"));
  ring->Publish();
  text.clear();
  OK(consumer.Take(1, &text));
  EQUAL(text, "goes on\n");
}

TEST("A key is found as often as it was added") {
  std::unique_ptr<Ring> ring = Ring::Create(kMegabyte);
  auto* words = reinterpret_cast<uint64_t*>(ring->memory() + kKeysOffset);
  SeenKeys seen(words, &ring->header());
  const uint64_t one = seen.KeyOf(1300, "audit(1.000:1): a");
  OK(one != seen.KeyOf(1302, "audit(1.000:1): a") && one != seen.KeyOf(1300, "audit(1.000:1): b"));
  OK(!seen.Has(one));
  seen.Add(one);
  seen.Add(one);
  OK(seen.Take(one) && seen.Has(one) && seen.Take(one) && !seen.Take(one));
  for (uint64_t key = 2; key < SeenKeys::kMost + 100; key++) seen.Add(key);
  EQUAL(seen.count(), SeenKeys::kMost);
  OK(seen.Has(2) && !seen.Has(SeenKeys::kMost + 50));
  ring->DropKeys();
  OK(!seen.Has(2));
  EQUAL(seen.count(), 0u);
  memset(words, 0xff, size_t{kKeys} * 8);  // damaged memory: no empty word
  OK(!seen.Has(2));
  seen.Add(2);
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
