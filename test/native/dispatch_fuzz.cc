// RenderRecords and RenderLine over a ring of arbitrary records, and over arbitrary memory that claims to be a ring.
// The first bytes choose format, version, node and room; then come records: type, flags, how long, and their text.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "native/dispatch/record_stream.h"
#include "native/format/format.h"

namespace {

using audit::Entry;
using audit::FrameHeader;
using audit::Header;
using audit::Rendered;
using audit::RingView;
using audit::StreamFormat;
using audit::StreamOptions;

#define HOLDS(condition)                                \
  do {                                                  \
    if (!(condition)) {                                 \
      std::fprintf(stderr, "broken: %s\n", #condition); \
      std::abort();                                     \
    }                                                   \
  } while (false)

constexpr uint32_t kEntries = 64;
constexpr uint32_t kText = audit::kMinTextBytes;
// A record in the longer form, or the line of an event's end.
constexpr size_t kMostRecord = audit::kMaxLine + 2 + sizeof(FrameHeader) + audit::kMaxNode + 80;
constexpr size_t kMemory = audit::kHeaderBytes + kEntries * audit::kEntryBytes + 2 * size_t{kText};

class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool empty() const { return size_ == 0; }
  uint8_t Byte() {
    if (size_ == 0) return 0;
    size_--;
    return *data_++;
  }
  uint32_t Word() { return Byte() | Byte() << 8 | Byte() << 16 | static_cast<uint32_t>(Byte()) << 24; }
  std::string_view Text(size_t most) {
    const size_t length = std::min(most, size_);
    const std::string_view text(reinterpret_cast<const char*>(data_), length);
    data_ += length;
    size_ -= length;
    return text;
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

// A ring's memory. The text is not mapped twice, so what is written is written twice.
class Memory {
 public:
  Memory() : bytes_(new uint8_t[kMemory]()) { Reset(); }

  void Reset() {
    memset(bytes_.get(), 0, audit::kHeaderBytes + kEntries * audit::kEntryBytes);
    header().magic = audit::kRingMagic;
    header().layout_version = audit::kLayoutVersion;
    header().index_offset = audit::kHeaderBytes;
    header().entry_bytes = audit::kEntryBytes;
    header().index_entries = kEntries;
    header().text_bytes = kText;
    cursor_ = kText - 5000;  // so that it wraps
  }

  Header& header() { return *reinterpret_cast<Header*>(bytes_.get()); }
  Entry& entry(uint32_t number) {
    return reinterpret_cast<Entry*>(bytes_.get() + audit::kHeaderBytes)[number % kEntries];
  }
  RingView View() const { return RingView::Of(bytes_.get(), kMemory); }

  // As the reader thread writes one: no newline but the last byte, at most kMaxLine before it.
  void Add(uint32_t number, uint16_t type, uint16_t flags, std::string line) {
    std::replace(line.begin(), line.end(), '\n', ' ');
    line.resize(std::min(line.size(), audit::kMaxLine));
    line += '\n';
    Entry& added = entry(number);
    added.type = type;
    added.flags = flags;
    added.serial = static_cast<uint32_t>(line.size()) * 7919;
    added.milliseconds = number * 1000003ull;
    if ((flags & audit::kEntryDispatchOnly) != 0) return;
    auto* text = reinterpret_cast<char*>(bytes_.get()) + audit::kHeaderBytes + kEntries * audit::kEntryBytes;
    for (const char c : line) {
      text[cursor_ % kText] = text[cursor_ % kText + kText] = c;
      cursor_++;
    }
    added.length = static_cast<uint32_t>(line.size());
    added.text_end = cursor_;
  }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
  uint32_t cursor_ = 0;
};

// Exactly as large as it may be, so that a byte too much is seen.
std::string Render(const RingView& ring, uint32_t start, uint32_t end, const StreamOptions& options, size_t capacity,
                   Rendered* rendered) {
  const std::unique_ptr<char[]> out(new char[capacity]);
  *rendered = audit::RenderRecords(ring, start, end, options, out.get(), capacity);
  HOLDS(rendered->bytes <= capacity);
  HOLDS(rendered->next - start <= end - start);
  HOLDS(rendered->records <= rendered->next - start);
  return {out.get(), rendered->bytes};
}

// How many whole records the bytes are, nothing between or behind them.
uint32_t CountRecords(const std::string& bytes, const StreamOptions& options) {
  uint32_t count = 0;
  if (options.format == StreamFormat::kString) {
    HOLDS(bytes.empty() || bytes.back() == '\n');
    return static_cast<uint32_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  }
  for (size_t at = 0; at < bytes.size(); count++) {
    FrameHeader header;
    HOLDS(bytes.size() - at >= sizeof header);
    memcpy(&header, bytes.data() + at, sizeof header);
    HOLDS(header.header_bytes == sizeof header);
    HOLDS(header.version == 1 || (header.version == 0 && !options.whole_lines));
    HOLDS(header.payload_bytes <= bytes.size() - at - sizeof header);
    at += sizeof header + header.payload_bytes;
  }
  return count;
}

void CheckRing(Memory* memory, Input* input, const StreamOptions& options, size_t room) {
  uint32_t end = UINT32_MAX - 3;  // record numbers wrap
  const uint32_t start = end;
  while (!input->empty() && end - start < kEntries) {
    const auto type = static_cast<uint16_t>(1000 + input->Word() % 1600);
    const uint8_t flags = input->Byte();
    const size_t length = input->Byte() * 40u;
    const bool is_end = flags >= 0xe0;
    memory->Add(end++, is_end ? 1320 : type, is_end ? audit::kEntryDispatchOnly : flags & 0x1f,
                std::string(input->Text(length)));
  }
  const RingView ring = memory->View();
  HOLDS(ring.index != nullptr);
  Rendered rendered;
  const std::string whole = Render(ring, start, end, options, (end - start) * kMostRecord, &rendered);
  HOLDS(rendered.next == end && rendered.records == end - start);
  HOLDS(CountRecords(whole, options) == rendered.records);

  // In pieces, as slabs have room, it is the same.
  std::string pieces;
  for (uint32_t next = start; next != end; next = rendered.next) {
    pieces += Render(ring, next, end, options, room, &rendered);
    if (rendered.next != next) continue;
    HOLDS(room < kMostRecord);
    return;
  }
  HOLDS(pieces == whole);
}

// Damaged memory: whatever the header and the entries say, nothing outside of it is touched.
void CheckDamaged(Memory* memory, Input* input, const StreamOptions& options, size_t room) {
  Header& header = memory->header();
  const uint8_t which = input->Byte();
  if ((which & 1) != 0) header.index_entries = input->Word();
  if ((which & 2) != 0) header.text_bytes = input->Word();
  if ((which & 4) != 0) header.index_offset = static_cast<uint32_t>(kMemory) - input->Word() % 65536 / 8 * 8;
  if ((which & 8) != 0) header.layout_version = input->Word();
  if ((which & 16) != 0) header.index_entries = 1u << (input->Byte() % 32);
  if ((which & 32) != 0) header.text_bytes = 1u << (input->Byte() % 32);
  for (uint32_t i = 0; i < kEntries && !input->empty(); i++) {
    Entry& entry = memory->entry(i);
    entry.type = static_cast<uint16_t>(input->Word());
    entry.flags = static_cast<uint16_t>(input->Word());
    entry.length = input->Word();
    if ((which & 64) != 0) entry.length %= audit::kMaxLine + 3;
    entry.text_end = input->Word();
    entry.milliseconds = uint64_t{input->Word()} << 32 | input->Word();
  }
  const RingView ring = memory->View();
  if (ring.index == nullptr) return;
  Rendered rendered;
  Render(ring, 0, kEntries, options, room, &rendered);
}

void CheckLine(Input* input, const StreamOptions& options, size_t room) {
  const uint32_t type = input->Word();
  const std::string_view bytes = input->Text(SIZE_MAX);
  const std::unique_ptr<char[]> line(new char[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), line.get());
  const std::unique_ptr<char[]> out(new char[room]);
  const size_t length = audit::RenderLine(type, {line.get(), bytes.size()}, options, out.get(), room);
  HOLDS(length <= room);
  if (length > 0) HOLDS(CountRecords({out.get(), length}, options) == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Memory memory;
  Input input(data, size);
  const uint8_t choice = input.Byte();
  const std::string node((choice & 0x18) == 0x18 ? 300 : choice & 0x18, 'n');
  StreamOptions options;
  options.format = (choice & 1) != 0 ? StreamFormat::kBinary : StreamFormat::kString;
  options.whole_lines = (choice & 2) != 0;
  options.node = node;
  const size_t room = input.Word() % (4 * audit::kMaxLine);
  memory.Reset();
  if ((choice & 0xc0) == 0xc0) {
    CheckLine(&input, options, room);
  } else if ((choice & 0xc0) == 0x80) {
    CheckDamaged(&memory, &input, options, room);
  } else {
    CheckRing(&memory, &input, options, room);
  }
  return 0;
}
