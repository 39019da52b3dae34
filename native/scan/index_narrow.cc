// Which parts of a log a search reads. See index.h for the cuts. A chunk that does not stand alone is read with what
// precedes it, back to a chunk all of whose predecessors were complete by then: what is open from there on is the same
// as when everything is read.
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "index.h"
#include "index_file.h"
#include "index_terms.h"
#include "needle.h"

namespace audit {

namespace {

constexpr size_t kSamples = 8;         // chunks compared with their checksum, beside those that are read
constexpr size_t kMostCompared = 256;  // of those that are read

bool Before(const Stamp& left, const Stamp& right) noexcept {
  if (left.seconds != right.seconds) return left.seconds < right.seconds;
  if (left.milliseconds != right.milliseconds) return left.milliseconds < right.milliseconds;
  return left.serial < right.serial;
}

struct IndexedFile {
  size_t input;
  std::string index_path;
  IndexContent content;
  bool needs_full_check = false;  // the log was touched: its bytes decide
  std::vector<uint8_t> is_hit;    // by chunk
  std::vector<uint8_t> is_read;
};

bool Meets(const IndexTerm& term, std::string_view text) noexcept {
  switch (term.field) {
    case IndexField::kUser:
    case IndexField::kProcess:
    case IndexField::kSyscall:
      return text == term.text;
    case IndexField::kFile:
      if (text == kRelativeFile) return true;
      break;
    case IndexField::kKey:
    case IndexField::kExecutable:
      break;
  }
  return term.text.empty() || FindNeedle(text, term.text) != nullptr;
}

// False: the index is damaged.
bool FindHits(const IndexQuery& query, const ScanOptions& options, IndexedFile* file) {
  const IndexContent& content = file->content;
  const size_t count = content.chunks.size();
  std::vector<uint32_t> chunk_of(content.pieces);
  for (size_t chunk = 0; chunk < count; chunk++) {
    const uint32_t end = chunk + 1 < count ? content.chunks[chunk + 1].first_piece : content.pieces;
    for (uint32_t piece = content.chunks[chunk].first_piece; piece < end; piece++) {
      chunk_of[piece] = static_cast<uint32_t>(chunk);
    }
  }
  file->is_hit.assign(count, 0);
  for (size_t chunk = 0; chunk < count; chunk++) {
    file->is_hit[chunk] = content.chunks[chunk].counts.records > 0 &&
                          content.chunks[chunk].largest.seconds >= options.lines.start &&
                          content.chunks[chunk].smallest.seconds <= options.lines.end;
  }
  for (const std::vector<IndexTerm>& any_of : query.all_of) {
    const auto is_lost = [&content](const IndexTerm& term) {
      return content.lost_fields.find(static_cast<char>(term.field)) != std::string::npos;
    };
    if (std::any_of(any_of.begin(), any_of.end(), is_lost)) continue;
    std::vector<uint8_t> has(count, 0);
    bool is_good = true;
    is_good = EachTerm(content.terms,
                       [&](std::string_view term, std::string_view pieces) {
                         const bool meets = std::any_of(any_of.begin(), any_of.end(), [term](const IndexTerm& wanted) {
                           return static_cast<char>(wanted.field) == term[0] && Meets(wanted, term.substr(1));
                         });
                         if (!meets) return;
                         is_good = EachPiece(pieces,
                                             [&](uint32_t piece) {
                                               if (piece < chunk_of.size()) has[chunk_of[piece]] = 1;
                                             }) &&
                                   is_good;
                       }) &&
              is_good;
    if (!is_good) return false;
    for (size_t chunk = 0; chunk < count; chunk++) file->is_hit[chunk] &= has[chunk];
  }
  for (size_t chunk = 0; chunk < count; chunk++) {
    if ((content.chunks[chunk].flags & IndexChunk::kBadStamps) != 0) file->is_hit[chunk] = 1;
  }
  return true;
}

bool IsAsIndexed(const std::string& path, const IndexChunk& chunk) {
  LogInput input = LogInput::File(path);
  input.ranges = std::make_shared<const std::vector<LogInput::Range>>(1, LogInput::Range{chunk.offset, chunk.size});
  const std::unique_ptr<LogSource> source = LogSource::Open(input);
  if (source == nullptr) return false;
  std::vector<char> bytes(std::min<uint64_t>(chunk.size, uint64_t{256} << 10));
  uint32_t checksum = 0;
  uint64_t size = 0;
  for (ssize_t count; (count = source->Read(bytes.data(), bytes.size())) > 0; size += static_cast<uint64_t>(count)) {
    checksum = static_cast<uint32_t>(
        crc32_z(checksum, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<size_t>(count)));
  }
  return size == chunk.size && checksum == chunk.checksum;
}

// Some of all chunks and, up to a limit, those that are read; all of them when the log was touched.
bool FitsLog(const IndexedFile& file, const std::string& path) {
  const std::vector<IndexChunk>& chunks = file.content.chunks;
  const size_t step = std::max<size_t>(1, chunks.size() / kSamples);
  size_t compared = 0;
  for (size_t chunk = 0; chunk < chunks.size(); chunk++) {
    const bool is_sample = chunk % step == 0 || chunk + 1 == chunks.size();
    const bool is_read = file.is_read[chunk] != 0 && compared < kMostCompared;
    if (!is_sample && !is_read && !file.needs_full_check) continue;
    ++compared;
    if (!IsAsIndexed(path, chunks[chunk])) return false;
  }
  return true;
}

std::optional<IndexedFile> Load(const LogInput& input, size_t number, IndexUse* use) {
  struct stat status;
  if (input.kind != LogInput::Kind::kFile || stat(input.path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
      (input.inode != 0 && (status.st_ino != input.inode || status.st_dev != input.device))) {
    ++use->absent;
    return std::nullopt;
  }
  IndexedFile file;
  file.input = number;
  file.index_path = IndexPath(input.path, status.st_ino);
  const IndexRead read = ReadIndex(file.index_path, &file.content);
  if (read == IndexRead::kAbsent) {
    ++use->absent;
    return std::nullopt;
  }
  const IndexedLog& log = file.content.log;
  if (read == IndexRead::kDamaged || log.inode != status.st_ino || log.size != static_cast<uint64_t>(status.st_size)) {
    unlink(file.index_path.c_str());
    ++use->refused;
    return std::nullopt;
  }
  file.needs_full_check =
      log.changed_seconds != status.st_mtim.tv_sec || log.changed_nanoseconds != status.st_mtim.tv_nsec;
  return file;
}

// Marks chunk `last` and what precedes it, in all files, until what was before is complete.
class Context {
 public:
  Context(std::vector<IndexedFile>* files, int64_t timeout) : timeout_(timeout) {
    for (IndexedFile& file : *files) {
      for (size_t chunk = 0; chunk < file.content.chunks.size(); chunk++) all_.push_back({&file, chunk});
    }
  }

  size_t Count() const noexcept { return all_.size(); }
  const IndexChunk& At(size_t at) const noexcept { return all_[at].file->content.chunks[all_[at].chunk]; }
  bool IsHit(size_t at) const noexcept { return all_[at].file->is_hit[all_[at].chunk] != 0; }
  void Read(size_t at) noexcept { all_[at].file->is_read[all_[at].chunk] = 1; }

  void ReadBefore(size_t end) noexcept {
    bool has_largest = false;
    int64_t largest = 0;
    for (size_t at = end; at-- > 0;) {
      Read(at);
      const IndexChunk& chunk = At(at);
      if (chunk.counts.records == 0) continue;
      if (!has_largest || chunk.latest_event > largest) largest = chunk.latest_event;
      has_largest = true;
      if (largest - timeout_ >= chunk.smallest.seconds) return;
    }
  }

 private:
  struct Place {
    IndexedFile* file;
    size_t chunk;
  };
  std::vector<Place> all_;
  const int64_t timeout_;
};

// The files at the start of the set that are indexed, whose keys go up from each to the next.
std::vector<IndexedFile> Usable(const ScanOptions& options, const std::vector<uint8_t>& refused, IndexUse* use) {
  std::vector<IndexedFile> files;
  bool has_largest = false;
  Stamp largest;
  for (size_t number = 0; number < options.inputs.size(); number++) {
    if (refused[number] != 0 || (options.follow && number + 1 == options.inputs.size())) break;
    std::optional<IndexedFile> file = Load(options.inputs[number], number, use);
    if (!file || file->content.complete_timeout > options.end_of_event_timeout) break;
    bool goes_up = true;
    for (const IndexChunk& chunk : file->content.chunks) {
      if (chunk.counts.records == 0) continue;
      if (has_largest && !Before(largest, chunk.smallest)) goes_up = false;
      largest = chunk.largest;
      has_largest = true;
    }
    if (!goes_up) return {};
    files.push_back(std::move(*file));
  }
  return files;
}

}  // namespace

IndexUse NarrowWithIndex(const IndexQuery& query, ScanOptions* options) {
  IndexUse use;
  if (options->group != GroupRules::kTool || options->lines.header != HeaderRules::kTool) return use;
  std::vector<uint8_t> refused(options->inputs.size(), 0);
  const auto refuse = [&](const IndexedFile& file) {
    unlink(file.index_path.c_str());
    refused[file.input] = 1;
  };
  for (;;) {
    IndexUse tried;
    std::vector<IndexedFile> files = Usable(*options, refused, &tried);
    bool is_good = true;
    for (IndexedFile& file : files) {
      file.is_read.assign(file.content.chunks.size(), 0);
      if (FindHits(query, *options, &file)) continue;
      refuse(file);
      is_good = false;
    }
    if (is_good) {
      Context context(&files, options->end_of_event_timeout);
      for (size_t at = 0; at < context.Count(); at++) {
        if (!context.IsHit(at)) continue;
        context.Read(at);
        if ((context.At(at).flags & IndexChunk::kDependent) != 0) context.ReadBefore(at);
      }
      // Whatever comes behind may go on with what is open, and wait for it.
      if (files.size() < options->inputs.size() || options->follow) context.ReadBefore(context.Count());
      for (IndexedFile& file : files) {
        if (FitsLog(file, options->inputs[file.input].path)) continue;
        refuse(file);
        is_good = false;
      }
    }
    if (!is_good) continue;
    for (const IndexedFile& file : files) {
      auto ranges = std::make_shared<std::vector<LogInput::Range>>();
      for (size_t number = 0; number < file.is_read.size(); number++) {
        const IndexChunk& chunk = file.content.chunks[number];
        if (file.is_read[number] == 0) {
          tried.skipped_bytes += chunk.size;
          options->passed_over.lines += chunk.counts.lines;
          options->passed_over.records += chunk.counts.records;
          options->passed_over.malformed += chunk.counts.malformed;
          options->passed_over.cut += chunk.counts.cut;
        } else if (!ranges->empty() && ranges->back().offset + ranges->back().size == chunk.offset) {
          ranges->back().size += chunk.size;
        } else {
          ranges->push_back({chunk.offset, chunk.size});
        }
      }
      LogInput& input = options->inputs[file.input];
      struct stat status;
      if (input.inode == 0 && stat(input.path.c_str(), &status) == 0) {
        input.device = status.st_dev;
        input.inode = status.st_ino;
      }
      input.ranges = std::move(ranges);
      ++tried.used;
    }
    tried.refused += use.refused + static_cast<uint32_t>(std::count(refused.begin(), refused.end(), 1));
    return tried;
  }
}

bool HasIndex(const std::string& log) {
  IndexUse use;
  const std::optional<IndexedFile> file = Load(LogInput::File(log), 0, &use);
  return file && !file->needs_full_check;
}

}  // namespace audit
