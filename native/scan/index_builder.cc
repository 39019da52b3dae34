// Makes an index: cuts the log into chunks and collects terms, then looks at each chunk by itself.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "block_reader.h"
#include "grouper.h"
#include "index.h"
#include "index_file.h"
#include "index_terms.h"

namespace audit {

namespace {

constexpr uint32_t kTimeout = 2;  // seconds
// Terms of one field, with what they cost beside their bytes. A field with more is left out of the index.
constexpr size_t kFieldBytes = size_t{24} << 20;
constexpr size_t kTermCost = 128;

bool Before(const Stamp& left, const Stamp& right) noexcept {
  if (left.seconds != right.seconds) return left.seconds < right.seconds;
  if (left.milliseconds != right.milliseconds) return left.milliseconds < right.milliseconds;
  return left.serial < right.serial;
}

class TermTable {
 public:
  void Add(IndexField field, std::string_view text, uint32_t piece) {
    const auto letter = static_cast<char>(field);
    if (lost_.find(letter) != std::string::npos) return;
    key_.assign(1, letter).append(text);
    auto found = terms_.find(key_);
    if (found == terms_.end()) {
      size_t& bytes = bytes_[static_cast<uint8_t>(letter)];
      bytes += key_.size() + kTermCost;
      if (bytes > kFieldBytes) {
        Lose(letter);
        return;
      }
      texts_.push_back(key_);
      found = terms_.emplace(texts_.back(), Posting{}).first;
    } else if (found->second.last == piece) {
      return;
    }
    Posting& posting = found->second;
    const size_t before = posting.pieces.size();
    AppendPiece(piece - posting.last, &posting.pieces);
    posting.last = piece;
    bytes_[static_cast<uint8_t>(letter)] += posting.pieces.size() - before;
  }

  const std::string& Lost() const noexcept { return lost_; }

  std::string Written() const {
    std::vector<std::pair<std::string_view, const Posting*>> sorted;
    sorted.reserve(terms_.size());
    for (const auto& [text, posting] : terms_) sorted.emplace_back(text, &posting);
    std::sort(sorted.begin(), sorted.end());
    std::string written;
    for (const auto& [text, posting] : sorted) AppendTerm(text, posting->pieces, &written);
    return written;
  }

 private:
  struct Posting {
    std::string pieces;
    uint32_t last = 0;
  };
  void Lose(char letter) {
    lost_ += letter;
    for (auto at = terms_.begin(); at != terms_.end();) at = at->first[0] == letter ? terms_.erase(at) : std::next(at);
  }

  std::string key_;
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, Posting> terms_;
  size_t bytes_[256] = {};
  std::string lost_;
};

// A chunk and the largest key of all that comes before it.
struct Cut {
  IndexChunk chunk;
  Stamp before;
};

bool IsWanted(ScanControl* control) noexcept { return control == nullptr || !control->IsCancelled(); }

ReadRules ToolReading() {
  ReadRules rules;
  rules.line_limit = kToolLine;
  rules.keeps_rest = true;
  return rules;
}

class Builder {
 public:
  Builder(const LogInput& input, ScanControl* control, uint64_t chunk_bytes)
      : input_(input), control_(control), chunk_bytes_(chunk_bytes) {}

  // False: a step of reading failed, see Failure().
  bool Cut(IndexContent* content) {
    BlockReader reader({input_}, ToolReading(), -1, -1);
    uint64_t offset = 0;
    BlockRef block;
    uint32_t file;
    bool starts_line;
    while (IsWanted(control_)) {
      const BlockReader::Step step = reader.Next(&block, &file, &starts_line);
      if (step == BlockReader::Step::kEnd) break;
      if (step != BlockReader::Step::kBlock) {
        failure_ = reader.Failure();
        return false;
      }
      ParsedLines parsed;
      ParseLines(block.get(), 0, starts_line, {}, &parsed);
      CutBlock(*block.get(), offset, starts_line, parsed);
      offset += block->size;
    }
    if (cuts_.empty() || !IsWanted(control_)) return true;
    cuts_.back().chunk.size = offset - cuts_.back().chunk.offset;
    content->log.size = offset;
    for (const struct Cut& cut : cuts_) content->chunks.push_back(cut.chunk);
    content->pieces = pieces_;
    content->terms = terms_.Written();
    content->lost_fields = terms_.Lost();
    content->complete_timeout = kTimeout;
    return true;
  }

  // What each chunk gives when nothing else is read: its counts, its checksum, and whether its order stands alone.
  bool Look(IndexContent* content) {
    for (IndexChunk& chunk : content->chunks) {
      if (!IsWanted(control_)) return true;
      LogInput input = input_;
      input.ranges = std::make_shared<const std::vector<LogInput::Range>>(1, LogInput::Range{chunk.offset, chunk.size});
      BlockReader reader({input}, ToolReading(), -1, -1);
      Grouper grouper(GroupRules::kTool, kTimeout);
      EventBatch batch;
      BlockRef block;
      uint32_t file;
      bool starts_line;
      bool has_last = false, stands_alone = true;
      Stamp last;
      uint32_t checksum = 0;
      uint64_t size = 0;
      const auto take = [&] {
        for (const Event& event : batch.events) {
          if (has_last && !Before(last, event.stamp)) stands_alone = false;
          last = event.stamp;
          if (!has_last || event.stamp.seconds > chunk.latest_event) chunk.latest_event = event.stamp.seconds;
          has_last = true;
        }
        batch.Clear();
      };
      BlockReader::Step step;
      while ((step = reader.Next(&block, &file, &starts_line)) == BlockReader::Step::kBlock) {
        checksum =
            static_cast<uint32_t>(crc32_z(checksum, reinterpret_cast<const Bytef*>(block->bytes.get()), block->size));
        size += block->size;
        ParsedLines parsed;
        ParseLines(block.get(), 0, starts_line, {}, &parsed);
        chunk.counts.lines += parsed.counts.lines;
        chunk.counts.records += parsed.counts.records;
        chunk.counts.malformed += parsed.counts.malformed;
        chunk.counts.cut += parsed.counts.cut;
        const auto count = static_cast<uint32_t>(block->records.size());
        for (uint32_t index = 0; index < count; index++) grouper.Add(block, index, &batch);
        take();
      }
      if (step != BlockReader::Step::kEnd || size != chunk.size) {
        failure_ = reader.Failure();
        return false;
      }
      grouper.Finish(GroupEnd::kCompleteAll, &batch);
      take();
      if (!stands_alone || grouper.Stats().early_events > 0) chunk.flags |= IndexChunk::kDependent;
      chunk.checksum = checksum;
    }
    return true;
  }

  const BlockReader::Failed& Failure() const noexcept { return failure_; }

 private:
  void CutBlock(const Block& block, uint64_t offset, bool starts_line, const ParsedLines& parsed) {
    const char* const bytes = block.bytes.get();
    size_t bad = 0;
    const auto flag_bad = [&](const char* before) {
      for (; bad < parsed.bad_stamps.size() && parsed.bad_stamps[bad].line.data() < before; bad++) {
        if (cuts_.empty()) Begin(0);
        cuts_.back().chunk.flags |= IndexChunk::kBadStamps;
      }
    };
    for (const Record& record : block.records) {
      const char* const line = record.text.data();
      flag_bad(line);
      const uint64_t at = offset + static_cast<uint64_t>(line - bytes);
      const bool is_whole = line == bytes ? starts_line : line[-1] == '\n';
      if (cuts_.empty()) {
        Begin(0);
      } else if (is_whole && at - cuts_.back().chunk.offset >= chunk_bytes_ && has_largest_ &&
                 Before(largest_, record.stamp)) {
        cuts_.back().chunk.size = at - cuts_.back().chunk.offset;
        Begin(at);
      }
      Take(record);
    }
    if (cuts_.empty() && block.size > 0) Begin(0);
    flag_bad(bytes + block.size);
  }

  void Begin(uint64_t at) {
    struct Cut cut;
    cut.chunk.offset = at;
    cut.chunk.first_piece = pieces_++;
    cut.before = largest_;
    cuts_.push_back(cut);
    is_empty_ = true;
  }

  void Take(const Record& record) {
    // A key that is not larger than all before a cut: what is on both sides belongs together after all.
    while (cuts_.size() > 1 && !Before(cuts_.back().before, record.stamp)) {
      const IndexChunk last = cuts_.back().chunk;
      cuts_.pop_back();
      IndexChunk& chunk = cuts_.back().chunk;
      chunk.flags |= last.flags;
      chunk.size += last.size;
      if (Before(chunk.largest, last.largest)) chunk.largest = last.largest;
      if (Before(last.smallest, chunk.smallest)) chunk.smallest = last.smallest;
    }
    IndexChunk& chunk = cuts_.back().chunk;
    if (is_empty_ || Before(record.stamp, chunk.smallest)) chunk.smallest = record.stamp;
    if (is_empty_ || Before(chunk.largest, record.stamp)) chunk.largest = record.stamp;
    is_empty_ = false;
    if (!has_largest_ || Before(largest_, record.stamp)) largest_ = record.stamp;
    has_largest_ = true;
    const uint32_t piece = pieces_ - 1;
    extract_.Each(record.text, [&](IndexField field, std::string_view text) { terms_.Add(field, text, piece); });
  }

  const LogInput& input_;
  ScanControl* const control_;
  const uint64_t chunk_bytes_;
  std::vector<struct Cut> cuts_;
  bool is_empty_ = true;  // the last chunk has no record yet
  bool has_largest_ = false;
  Stamp largest_;
  uint32_t pieces_ = 0;
  TermTable terms_;
  IndexTerms extract_;
  BlockReader::Failed failure_;
};

bool LookAt(int file, IndexedLog* log, IndexAccess* access) noexcept {
  struct stat status;
  if (fstat(file, &status) != 0) return false;
  *log = {status.st_ino, static_cast<uint64_t>(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
  *access = {status.st_mode, status.st_uid, status.st_gid};
  return true;
}

// A log that stays the same file when a rotation gives it another name.
class HeldLog {
 public:
  explicit HeldLog(const std::string& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~HeldLog() {
    if (file_ >= 0) close(file_);
  }
  HeldLog(const HeldLog&) = delete;
  HeldLog& operator=(const HeldLog&) = delete;
  int File() const noexcept { return file_; }
  std::string Path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  const int file_;
};

}  // namespace

IndexBuilt BuildIndex(const std::string& log, ScanControl* control, uint64_t chunk_bytes) {
  IndexBuilt built;
  built.path = log;
  const HeldLog held(log);
  if (held.File() < 0) {
    built.error = errno;
    return built;
  }
  LogInput input = LogInput::File(held.Path());
  IndexContent content;
  IndexedLog before, after;
  IndexAccess access;
  const std::unique_ptr<LogSource> source = LogSource::Open(input);
  char start[4];
  if (source == nullptr || !LookAt(held.File(), &before, &access) || source->Read(start, sizeof start) < 0) {
    built.error = errno;
    return built;
  }
  if (source->IsGzip() || !source->IsRegular()) return built;
  Builder builder(input, control, chunk_bytes);
  if (!builder.Cut(&content) || !builder.Look(&content)) {
    built.error = builder.Failure().error != 0 ? builder.Failure().error : EAGAIN;
    return built;
  }
  if (content.chunks.empty() || !IsWanted(control)) return built;
  // What was written meanwhile is not in it.
  if (!LookAt(held.File(), &after, &access) || after.inode != before.inode || after.size != before.size ||
      after.size != content.log.size || after.changed_seconds != before.changed_seconds ||
      after.changed_nanoseconds != before.changed_nanoseconds) {
    built.error = EAGAIN;
    return built;
  }
  content.log = after;
  built.chunks = static_cast<uint32_t>(content.chunks.size());
  built.path = IndexPath(log, after.inode);
  built.is_built = WriteIndex(content, built.path, access, &built.bytes);
  if (!built.is_built) built.error = errno;
  return built;
}

uint32_t RemoveOrphanedIndexes(const std::string& log) {
  std::vector<uint64_t> inodes;
  for (const LogInput& input : FindLogSet(log)) inodes.push_back(input.inode);
  // Between two steps of a rotation the newest file is not there, and so no set: nothing tells which are orphans.
  if (inodes.empty()) return 0;
  const std::string prefix = IndexPrefix(log);
  const size_t slash = prefix.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : prefix.substr(0, slash + 1);
  const std::string start = slash == std::string::npos ? prefix : prefix.substr(slash + 1);
  uint32_t removed = 0;
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return 0;
  for (const struct dirent* entry = readdir(entries); entry != nullptr; entry = readdir(entries)) {
    const std::string_view name = entry->d_name;
    if (name.substr(0, start.size()) != start) continue;
    std::string number(name.substr(start.size()));
    const size_t unfinished = number.rfind(kUnfinishedIndex);
    if (unfinished != std::string::npos) number.resize(unfinished);
    const bool is_ours = !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
    if (!is_ours || std::find(inodes.begin(), inodes.end(), strtoull(number.c_str(), nullptr, 10)) != inodes.end())
      continue;
    if (unlink((directory + '/' + std::string(name)).c_str()) == 0) ++removed;
  }
  closedir(entries);
  return removed;
}

}  // namespace audit
