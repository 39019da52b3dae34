// The ring's memory, byte for byte: the contract with src/ring/layout.ts, and with a later process that attaches to
// the same memfd after this one died. Whoever changes a line here raises kLayoutVersion, once a release has written it.
//
//   file offset 0           header page (Header)
//   kStagingOffset          what recvmmsg(2) fills: kSlots message headers, then kSlots slots of kSlotBytes
//   kKeysOffset             keys of what was seen during a take-over (native/ring/seen_keys.h); mostly not resident
//   index_offset            index: index_entries entries of 32 bytes, one a record, used cyclically
//   index_offset + index    text: text_bytes bytes, final log lines with their newlines, nothing between them
//
// Layout 1 had neither staging nor keys: its index followed the header page. It is still read, see Ring::Attach().
//
// In memory the text is mapped twice, the copies side by side, so that a run of lines is contiguous even where the
// text wraps. Cursors are free-running counters that wrap at 2^32; a position is the counter modulo the capacity,
// which is a power of two.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace audit {

inline constexpr uint64_t kRingMagic = 0x474e495244554100;  // "\0AUDRING", little-endian
inline constexpr uint32_t kLayoutVersion = 2;
inline constexpr uint32_t kFirstLayoutVersion = 1;  // the oldest that is read
inline constexpr uint32_t kHeaderBytes = 4096;
inline constexpr uint32_t kEntryBytes = 32;

// Receive slots: a record each. A little more than the longest record, so that one byte too many is seen as such.
inline constexpr uint32_t kSlots = 64;
inline constexpr uint32_t kSlotBytes = 9216;
inline constexpr uint32_t kStagingOffset = kHeaderBytes;
inline constexpr uint32_t kSlotHeadersBytes = 4096;
inline constexpr uint32_t kKeysOffset = kStagingOffset + kSlotHeadersBytes + kSlots * kSlotBytes;
inline constexpr uint32_t kKeys = 1u << 18;
inline constexpr uint32_t kIndexOffset = kKeysOffset + kKeys * 8;

// One index entry for this many text bytes. Lines are longer than that (a line's stamp alone takes 30), but for
// AUDIT_EOE, which has an entry and no text; a full SYSCALL event averages 200 bytes an entry.
inline constexpr uint32_t kTextBytesPerEntry = 64;
inline constexpr uint32_t kMinTextBytes = 1u << 20;
inline constexpr uint32_t kMaxTextBytes = 1u << 30;

// One record. `mark` is written last, with release: an entry whose mark is MarkOf(its number) is whole, also after the
// writer was killed between two stores.
struct Entry {
  std::atomic<uint32_t> mark;
  uint16_t type;          // as in the kernel's linux/audit.h
  uint16_t flags;         // kHasEnrichment ... of native/format/format.h, and the kEntry* below
  uint32_t length;        // bytes of text, newline included; 0 for a record that only plugins get
  uint32_t text_end;      // the text cursor after this record; its text starts at text_end - length, where the one
                          // before it ended, unless the ring was empty in between
  uint32_t lines;         // running count of records with text, up to and including this one
  uint32_t serial;        // 0 when the payload had no stamp
  uint64_t milliseconds;  // since the epoch; 0 when the payload had no stamp
};
static_assert(sizeof(Entry) == kEntryBytes);

inline constexpr uint16_t kEntryDispatchOnly = 0x8000;  // AUDIT_EOE: no text, and its line follows from time and serial

// Differs from 0 (a page given back) and from the marks of earlier laps.
inline constexpr uint32_t MarkOf(uint32_t number) { return number ^ 0x5aadd17e; }

// What the reader thread counts. Only that thread writes; anybody may read.
struct Counters {
  std::atomic<uint64_t> records;           // logged records pushed
  std::atomic<uint64_t> dispatch_only;     // AUDIT_EOE
  std::atomic<uint64_t> ignored;           // message types that are no records (spec: NOOP, DONE, AUDIT_GET, ...)
  std::atomic<uint64_t> malformed;         // kept, but header or stamp was not as the kernel writes it
  std::atomic<uint64_t> cut;               // kept, but longer than a line may be
  std::atomic<uint64_t> cleaned;           // kept, with newline, NUL or 0x1D made a blank
  std::atomic<uint64_t> spoofed;           // dropped: not sent by the kernel
  std::atomic<uint64_t> unreadable;        // dropped: shorter than a netlink header
  std::atomic<uint64_t> receive_errors;    // recvmmsg failed
  std::atomic<uint64_t> batches;           // recvmmsg calls that returned messages
  std::atomic<uint64_t> high_water_bytes;  // most text ever waiting
  std::atomic<uint64_t> times_full;        // how often the reader had to stop reading
  std::atomic<uint64_t> full_nanoseconds;  // how long in all
  std::atomic<uint64_t> missing_serials;   // serials the kernel used that never came (native/reader/serials.h)
  std::atomic<uint64_t> abandoned;         // received, then given up because the ring stayed full at the end
  std::atomic<uint64_t> last_errno;        // of the last failed recvmmsg
};
// Slots done with, counted from the first, the last of them if the entry of this number is whole; between the two a
// check, so that a damaged word is not followed. 0: none are.
inline constexpr uint64_t StagedWord(uint32_t entry, uint8_t done) {
  const uint32_t check = (entry ^ done * 0x01010101u) * 0x9e3779b1u;
  return uint64_t{entry} << 32 | (check & ~0xffu) | done;
}

inline constexpr uint32_t kOwnRecordBytes = 3072;
inline constexpr uint32_t kFromSocket = 0;
inline constexpr uint32_t kFromWindow = 1;
inline constexpr uint32_t kCounters = sizeof(Counters) / sizeof(uint64_t);

struct Header {
  uint64_t magic;
  uint32_t layout_version;
  uint32_t index_offset;
  uint32_t entry_bytes;
  uint32_t index_entries;  // power of two
  uint32_t text_bytes;     // power of two

  // Cursors and counters on cache lines of their own: each is written by one side and read by the other.
  alignas(64) std::atomic<uint32_t> head;  // index: entries published; written by the reader thread alone
  // The consumer's two are one word of 64 bits, so that they never contradict each other, and stored twice: the copy
  // after the original, so that one of them is right whenever the consumer dies, and one damaged byte is not followed.
  alignas(64) std::atomic<uint32_t> tail;  // index: entries done with
  std::atomic<uint32_t> text_tail;         // text bytes done with
  std::atomic<uint32_t> tail_copy;
  std::atomic<uint32_t> text_tail_copy;
  alignas(64) Counters counters;

  // Since layout 2; all zero in a layout 1. The reader thread's, but for the note.
  //
  // How far the messages in the slots became records: see StagedWord(). Stored twice, the copy second.
  alignas(64) std::atomic<uint64_t> staged;
  std::atomic<uint32_t> staged_source;  // where the slots were filled from: kFromSocket, kFromWindow
  std::atomic<uint32_t> recoveries;     // attempts to attach since one came up
  std::atomic<uint32_t> keys;           // how many keys are kept
  std::atomic<uint32_t> is_window_open;
  uint64_t key_seed[2];
  std::atomic<uint64_t> staged_copy;

  // What the consumer is about to append to the log, so that what a dead one had written can be told: see
  // src/ring/writeNote.ts, which alone reads and writes it.
  alignas(64) uint8_t note[64];
  uint8_t own_record[kOwnRecordBytes];  // the bytes, when they do not lie in the ring
};
static_assert(sizeof(Header) <= kHeaderBytes);
static_assert(offsetof(Header, head) == 64 && offsetof(Header, tail) == 128 && offsetof(Header, text_tail) == 132);
static_assert(offsetof(Header, tail_copy) == 136);
static_assert(offsetof(Header, counters) == 192 && offsetof(Header, recoveries) == 332);
static_assert(offsetof(Header, note) == 384 && offsetof(Header, own_record) == 448);
static_assert(kIndexOffset % 4096 == 0 && kKeysOffset % 4096 == 0);
static_assert(std::atomic<uint32_t>::is_always_lock_free && std::atomic<uint64_t>::is_always_lock_free);

}  // namespace audit
