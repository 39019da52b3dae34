#include "record_stream.h"

#include <algorithm>
#include <cstring>

#include "../format/format.h"
#include "../format/line_writer.h"

namespace audit {

namespace {

constexpr std::string_view kNodePrefix = "node=";
constexpr std::string_view kPayloadMark = " msg=";
// node=NAME type=EOE msg=audit(SECONDS.MMM:SERIAL): and a newline.
constexpr size_t kMostEndOfEvent = kMaxNode + 80;

// `out` has room for everything that is appended.
class StreamWriter {
 public:
  StreamWriter(char* out, size_t capacity) noexcept : out_(out), capacity_(capacity) {}

  size_t length() const noexcept { return length_; }
  bool HasRoom(size_t bytes) const noexcept { return bytes <= capacity_ - length_; }

  void Append(std::string_view bytes) noexcept {
    memcpy(out_ + length_, bytes.data(), bytes.size());
    length_ += bytes.size();
  }
  void Append(char c) noexcept { out_[length_++] = c; }

  void AppendFrame(uint32_t version, uint32_t type, std::string_view payload, bool has_blank) noexcept {
    const auto size = static_cast<uint32_t>(payload.size() + (has_blank ? 1 : 0));
    const FrameHeader header = {version, sizeof(FrameHeader), type, size};
    memcpy(out_ + length_, &header, sizeof header);
    length_ += sizeof header;
    Append(payload);
    if (has_blank) Append(' ');
  }

 private:
  char* out_;
  size_t capacity_;
  size_t length_ = 0;
};

// A line made under settings that a reload has changed meanwhile is what it is, not what the settings say now.
bool IsWholeLine(std::string_view line, uint16_t flags, const StreamOptions& options) noexcept {
  return options.whole_lines || (flags & kHasEnrichment) != 0 || line.substr(0, kNodePrefix.size()) == kNodePrefix;
}

// What the kernel sent: the line without its `type=NAME msg=`.
std::string_view PayloadOf(std::string_view line) noexcept {
  const size_t mark = line.find(kPayloadMark);
  return mark == std::string_view::npos ? line : line.substr(mark + kPayloadMark.size());
}

// `line` is without its newline.
void AppendRecord(std::string_view line, uint32_t type, uint16_t flags, const StreamOptions& options,
                  StreamWriter* out) noexcept {
  const bool is_whole = IsWholeLine(line, flags, options);
  // The log leaves one blank at a payload's end out. Version 0 has it.
  const bool has_blank = !is_whole && (flags & kHadTrailingBlank) != 0;
  if (options.format == StreamFormat::kBinary) {
    out->AppendFrame(is_whole ? 1 : 0, type, is_whole ? line : PayloadOf(line), has_blank);
    return;
  }
  out->Append(line);
  if (has_blank) out->Append(' ');
  out->Append('\n');
}

// AUDIT_EOE. The kernel ends its payload with a blank, which the log's form of a line does not have.
void AppendEndOfEvent(const Entry& entry, const StreamOptions& options, StreamWriter* out) noexcept {
  char line[kMostEndOfEvent];
  LineWriter text(line, sizeof line);
  if (!options.node.empty()) {
    text.Append(kNodePrefix);
    text.Append(options.node.substr(0, kMaxNode));
    text.Append(' ');
  }
  text.Append("type=EOE msg=audit(");
  text.AppendDecimal(entry.milliseconds / 1000);
  const auto rest = static_cast<uint32_t>(entry.milliseconds % 1000);
  text.Append('.');
  text.Append(static_cast<char>('0' + rest / 100));
  text.Append(static_cast<char>('0' + rest / 10 % 10));
  text.Append(static_cast<char>('0' + rest % 10));
  text.Append(':');
  text.AppendDecimal(entry.serial);
  text.Append("):");
  AppendRecord(text.Written(0), entry.type, kHadTrailingBlank, options, out);
}

// The most bytes that this entry's record becomes.
size_t MostBytes(const Entry& entry) noexcept {
  const size_t text =
      (entry.flags & kEntryDispatchOnly) != 0 ? kMostEndOfEvent : std::min<size_t>(entry.length, kMaxLine + 1);
  return text + 1 + sizeof(FrameHeader);
}

}  // namespace

RingView RingView::Of(const uint8_t* memory, size_t bytes) noexcept {
  RingView view;
  if (memory == nullptr || bytes < kHeaderBytes) return view;
  const auto* header = reinterpret_cast<const Header*>(memory);
  const uint64_t entries = header->index_entries;
  const uint64_t text = header->text_bytes;
  const bool are_sizes =
      entries != 0 && (entries & (entries - 1)) == 0 && text >= kMinTextBytes && (text & (text - 1)) == 0;
  const uint32_t version = header->layout_version;
  if (header->magic != kRingMagic || version < kFirstLayoutVersion || version > kLayoutVersion || !are_sizes)
    return view;
  const uint64_t index = header->index_offset;
  if (index < kHeaderBytes || index % alignof(Entry) != 0) return view;
  if (bytes < index + entries * kEntryBytes + 2 * text) return view;
  view.index = reinterpret_cast<const Entry*>(memory + index);
  view.index_entries = header->index_entries;
  view.text = reinterpret_cast<const char*>(memory + index + entries * kEntryBytes);
  view.text_bytes = header->text_bytes;
  return view;
}

Rendered RenderRecords(const RingView& ring, uint32_t start, uint32_t end, const StreamOptions& options, char* out,
                       size_t capacity) noexcept {
  StreamWriter writer(out, capacity);
  Rendered rendered;
  // Lines that are sent as they stand in the ring and lie one behind the other are copied together.
  const bool copies = options.format == StreamFormat::kString && options.whole_lines;
  const char* run = nullptr;
  size_t run_bytes = 0;
  const auto flush = [&] {
    if (run_bytes > 0) writer.Append({run, run_bytes});
    run_bytes = 0;
  };
  uint32_t number = start;
  for (; number != end; number++) {
    const Entry& entry = ring.index[number & (ring.index_entries - 1)];
    if (!writer.HasRoom(run_bytes + MostBytes(entry))) break;
    if ((entry.flags & kEntryDispatchOnly) != 0) {
      flush();
      AppendEndOfEvent(entry, options, &writer);
      rendered.records++;
      continue;
    }
    // Damaged memory: the log's side of the ring says so and stops the daemon. Here it must not be followed.
    if (entry.length == 0 || entry.length > kMaxLine + 1) continue;
    rendered.records++;
    const char* line = ring.text + ((entry.text_end - entry.length) & (ring.text_bytes - 1));
    if (!copies) {
      AppendRecord({line, entry.length - 1}, entry.type, entry.flags, options, &writer);
    } else if (run_bytes > 0 && run + run_bytes == line) {
      run_bytes += entry.length;
    } else {
      flush();
      run = line;
      run_bytes = entry.length;
    }
  }
  flush();
  rendered.next = number;
  rendered.bytes = static_cast<uint32_t>(writer.length());
  return rendered;
}

size_t RenderLine(uint32_t type, std::string_view line, const StreamOptions& options, char* out,
                  size_t capacity) noexcept {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  line = line.substr(0, kMaxPayload);
  StreamWriter writer(out, capacity);
  if (!writer.HasRoom(line.size() + 1 + sizeof(FrameHeader))) return 0;
  AppendRecord(line, type, 0, options, &writer);
  if (options.format == StreamFormat::kString) {
    // Another machine must not forge a second record.
    std::replace(out, out + writer.length() - 1, '\n', ' ');
  }
  return writer.length();
}

}  // namespace audit
