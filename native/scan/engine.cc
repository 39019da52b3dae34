#include "engine.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "block_reader.h"

namespace audit {

namespace {

constexpr unsigned kMostThreads = 8;
constexpr size_t kBatchEvents = 256;
constexpr size_t kBlocksAhead = 2;   // a thread, read and not yet grouped
constexpr size_t kBatchesAhead = 3;  // a thread, grouped and not yet written
// What batches in flight may hold beside the open events.
constexpr size_t kBatchBytes = size_t{8} << 20;
// Output that waits to be written, beyond which nothing more is consumed: when a burst's events are complete they come
// all at once, and who reads the output may be slow.
constexpr size_t kOutputBytes = size_t{8} << 20;

// What a step of the reader gave, with its lines parsed.
struct Parsed {
  BlockReader::Step step = BlockReader::Step::kEnd;
  BlockRef block;
  uint32_t file = 0;
  ParsedLines lines;
};

struct Batch {
  EventBatch events;
  Output output;
  size_t cost = 0;  // of the events while they are held
};

class Pipeline {
 public:
  Pipeline(const ScanOptions& options, const std::vector<Consumer*>& consumers, Sink* sink, unsigned threads)
      : options_(options),
        consumers_(consumers),
        sink_(sink),
        threads_(threads),
        reader_(options.inputs, Rules(options), options.control == nullptr ? -1 : options.control->CancelDescriptor(),
                stop_.CancelDescriptor()),
        grouper_(options.group, options.end_of_event_timeout, options.limits) {
    grouper_.KeepOnlyCandidates(!options.lines.needles.empty());
    grouper_.LimitBatches(kBatchEvents);
  }

  ScanResult Run() {
    std::vector<std::thread> others;
    for (unsigned index = 1; index < threads_; index++) others.emplace_back([this, index] { Work(index); });
    Work(0);
    for (std::thread& other : others) other.join();
    return Result();
  }

 private:
  static ReadRules Rules(const ScanOptions& options) {
    ReadRules rules;
    const bool is_tool = options.lines.header == HeaderRules::kTool;
    rules.line_limit = is_tool ? kToolLine : kLibraryLine;
    rules.keeps_rest = is_tool;
    rules.follow = options.follow;
    rules.pause_milliseconds = options.pause_milliseconds;
    return rules;
  }

  bool IsCancelled() const noexcept { return options_.control != nullptr && options_.control->IsCancelled(); }

  // Does what is nearest to the output first: so little as possible is in flight.
  void Work(unsigned index) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!ended_) {
      if (IsCancelled()) {
        End(ScanResult::End::kCancelled);
      } else if (!is_writing_ && !batches_.empty() && batches_.begin()->second.is_consumed) {
        Write(&lock);
      } else if (CanGroup()) {
        Group(&lock);
      } else if (CanConsume()) {
        Consume(index, &lock);
      } else if (CanRead()) {
        Read(&lock);
      } else {
        changed_.wait(lock);
      }
    }
  }

  void End(ScanResult::End end) {
    ended_ = true;
    end_ = end;
    stop_.Cancel();  // whoever waits for a descriptor
    changed_.notify_all();
  }

  bool CanRead() const noexcept {
    return !is_reading_ && !read_to_end_ && read_ - grouped_ < kBlocksAhead * threads_ + 1;
  }

  void Read(std::unique_lock<std::mutex>* lock) {
    is_reading_ = true;
    const uint64_t sequence = read_++;
    lock->unlock();
    Parsed parsed;
    bool starts_line = true;
    parsed.step = reader_.Next(&parsed.block, &parsed.file, &starts_line);
    if (options_.control != nullptr) {
      options_.control->bytes.store(reader_.RawBytes(), std::memory_order_relaxed);
      options_.control->size.store(reader_.RawSize(), std::memory_order_relaxed);
    }
    lock->lock();
    is_reading_ = false;
    read_to_end_ = parsed.step != BlockReader::Step::kBlock && parsed.step != BlockReader::Step::kPause;
    changed_.notify_all();
    lock->unlock();
    if (parsed.block) ParseLines(parsed.block.get(), parsed.file, starts_line, options_.lines, &parsed.lines);
    lock->lock();
    parsed_.emplace(sequence, std::move(parsed));
    changed_.notify_all();
  }

  bool CanGroup() const noexcept {
    if (is_grouping_ || parsed_.empty() || parsed_.begin()->first != grouped_) return false;
    return batches_.empty() || (batches_.size() < kBatchesAhead * threads_ &&
                                batch_cost_ + held_ < options_.limits.open_bytes + kBatchBytes);
  }

  void Group(std::unique_lock<std::mutex>* lock) {
    is_grouping_ = true;
    Parsed parsed = std::move(parsed_.begin()->second);
    parsed_.erase(parsed_.begin());
    lock->unlock();
    std::vector<EventBatch> full(1);
    bool more = false;
    const BlockReader::Step step = parsed.step;
    if (step == BlockReader::Step::kBlock) {
      GroupBlock(&parsed, &full);
    } else {
      // In parts, so that consumers begin and memory is given back while the rest is still held.
      const bool completes = step == BlockReader::Step::kPause || step == BlockReader::Step::kEnd;
      const GroupEnd end = step == BlockReader::Step::kPause ? GroupEnd::kCompleteAll : options_.end;
      if (completes || step == BlockReader::Step::kFailed) more = grouper_.Finish(end, &full.back(), kBatchEvents);
    }
    if (options_.control != nullptr) {
      options_.control->events.store(grouper_.Stats().events, std::memory_order_relaxed);
    }
    lock->lock();
    for (EventBatch& events : full) AddBatch(std::move(events));
    held_ = grouper_.HeldBytes();
    is_grouping_ = false;
    if (more) {
      parsed_.emplace(grouped_, std::move(parsed));
    } else {
      ++grouped_;
      if (step != BlockReader::Step::kBlock && step != BlockReader::Step::kPause) {
        last_step_ = step;
        has_grouped_all_ = true;
      }
    }
    EndWhenWritten();
    changed_.notify_all();
  }

  void GroupBlock(Parsed* parsed, std::vector<EventBatch>* full) {
    Block* const block = parsed->block.get();
    if (parsed->file != file_) {
      file_ = parsed->file;
      lines_before_ = 0;
    }
    if (options_.bad_stamps != nullptr) {
      for (const BadStamp& bad : parsed->lines.bad_stamps) {
        options_.bad_stamps->OnBadStamp(parsed->file, lines_before_ + bad.number, StampText(bad.line));
      }
    }
    const auto count = static_cast<uint32_t>(block->records.size());
    for (uint32_t index = 0; index < count; index++) {
      block->records[index].line += lines_before_;
      grouper_.Add(parsed->block, index, &full->back());
      while (full->back().events.size() >= kBatchEvents) {
        full->emplace_back();
        grouper_.HandOnComplete(&full->back());
      }
    }
    lines_before_ += parsed->lines.counts.lines;
    counts_.lines += parsed->lines.counts.lines;
    if (counts_.first.seconds == 0) counts_.first = parsed->lines.counts.first;
    counts_.records += parsed->lines.counts.records;
    if (counts_.first_out_of_range.seconds == 0) {
      counts_.first_out_of_range = parsed->lines.counts.first_out_of_range;
    }
    counts_.out_of_range += parsed->lines.counts.out_of_range;
    counts_.malformed += parsed->lines.counts.malformed;
    counts_.cut += parsed->lines.counts.cut;
  }

  void AddBatch(EventBatch events) {
    if (events.events.empty()) return;
    InFlight& flight = batches_[next_batch_];
    flight.batch.events = std::move(events);
    flight.batch.cost = flight.batch.events.cost;
    batch_cost_ += flight.batch.cost;
    waiting_.push_back(next_batch_++);
  }

  // The first of the batches is never held up by this: output waits only where one has been consumed.
  bool CanConsume() const noexcept {
    return !waiting_.empty() && !(options_.in_order && is_consuming_) && output_bytes_ < kOutputBytes;
  }

  void Consume(unsigned index, std::unique_lock<std::mutex>* lock) {
    const uint64_t sequence = waiting_.front();
    waiting_.pop_front();
    is_consuming_ = true;
    Batch& batch = batches_.find(sequence)->second.batch;
    lock->unlock();
    Consumer* const consumer = consumers_[options_.in_order ? 0 : index];
    uint64_t consumed = 0;
    for (const Event& event : batch.events.events) {
      consumer->Consume(event, &batch.output);
      ++consumed;
      if (batch.output.stop) break;
    }
    batch.events.Clear();
    lock->lock();
    consumed_ += consumed;
    batch_cost_ -= batch.cost;
    output_bytes_ += batch.output.bytes.capacity();
    is_consuming_ = false;
    batches_.find(sequence)->second.is_consumed = true;
    changed_.notify_all();
  }

  void Write(std::unique_lock<std::mutex>* lock) {
    is_writing_ = true;
    Output& output = batches_.begin()->second.batch.output;
    lock->unlock();
    const bool goes_on = sink_ == nullptr || sink_->Write(output);
    lock->lock();
    is_writing_ = false;
    output_bytes_ -= output.bytes.capacity();
    matches_ += output.matches;
    const bool stop = output.stop;
    batches_.erase(batches_.begin());
    if (stop) {
      End(ScanResult::End::kStopped);
    } else if (!goes_on) {
      End(IsCancelled() ? ScanResult::End::kCancelled : ScanResult::End::kSinkEnded);
    } else {
      EndWhenWritten();
    }
    changed_.notify_all();
  }

  void EndWhenWritten() {
    if (!has_grouped_all_ || !batches_.empty() || ended_) return;
    End(last_step_ == BlockReader::Step::kFailed      ? ScanResult::End::kFailed
        : last_step_ == BlockReader::Step::kCancelled ? ScanResult::End::kCancelled
                                                      : ScanResult::End::kComplete);
  }

  ScanResult Result() {
    ScanResult result;
    result.end = end_;
    if (end_ == ScanResult::End::kFailed) {
      result.path = reader_.Failure().path;
      result.error = reader_.Failure().error;
      result.failed_to_open = reader_.Failure().on_open;
      result.file = reader_.Failure().file;
    } else {
      result.file = file_;
    }
    for (const BlockReader::Damaged& damaged : reader_.Damages())
      result.damaged.push_back({damaged.file, damaged.damage});
    result.stats.bytes = reader_.RawBytes();
    result.stats.lines = counts_;
    result.stats.lines.lines += options_.passed_over.lines;
    result.stats.lines.records += options_.passed_over.records;
    result.stats.lines.malformed += options_.passed_over.malformed;
    result.stats.lines.cut += options_.passed_over.cut;
    result.stats.groups = grouper_.Stats();
    result.stats.consumed = consumed_;
    result.stats.matches = matches_;
    std::string_view node;
    result.has_last = grouper_.LastEvent(&result.last_stamp, &result.last_has_node, &node, &result.last_type);
    result.last_node.assign(node);
    return result;
  }

  struct InFlight {
    Batch batch;
    bool is_consumed = false;
  };

  const ScanOptions& options_;
  const std::vector<Consumer*>& consumers_;
  Sink* const sink_;
  const unsigned threads_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  ScanResult::End end_ = ScanResult::End::kComplete;

  ScanControl stop_;

  // Of whoever reads.
  BlockReader reader_;
  bool is_reading_ = false;
  bool read_to_end_ = false;
  uint64_t read_ = 0;
  std::map<uint64_t, Parsed> parsed_;

  // Of whoever groups.
  Grouper grouper_;
  bool is_grouping_ = false;
  bool has_grouped_all_ = false;
  BlockReader::Step last_step_ = BlockReader::Step::kEnd;
  uint64_t grouped_ = 0;
  uint32_t file_ = 0;
  uint64_t lines_before_ = 0;
  LineCounts counts_;
  size_t held_ = 0;

  std::map<uint64_t, InFlight> batches_;  // grouped and not yet written
  std::deque<uint64_t> waiting_;          // of those: not yet consumed
  uint64_t next_batch_ = 0;
  size_t batch_cost_ = 0;
  size_t output_bytes_ = 0;  // consumed and not yet written
  bool is_consuming_ = false;
  bool is_writing_ = false;
  uint64_t consumed_ = 0;
  uint64_t matches_ = 0;
};

}  // namespace

ScanControl::ScanControl() : cancel_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ScanControl::~ScanControl() {
  if (cancel_ >= 0) close(cancel_);
}

void ScanControl::Cancel() noexcept {
  is_cancelled_.store(true, std::memory_order_relaxed);
  const uint64_t one = 1;
  // Only a counter at its end refuses, and then it is readable already.
  if (cancel_ >= 0 && write(cancel_, &one, sizeof one) < 0) return;
}

DescriptorSink::DescriptorSink(int descriptor, int cancel) : descriptor_(descriptor), cancel_(cancel) {
  struct stat status;
  is_file_ = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

bool DescriptorSink::Write(const Output& output) {
  const char* at = output.bytes.data();
  size_t left = output.bytes.size();
  while (left > 0) {
    struct pollfd ready[] = {{cancel_, POLLIN, 0}, {descriptor_, POLLOUT, 0}};
    poll(ready, 2, -1);
    if (ready[0].revents != 0) {
      error_ = ECANCELED;
      return false;
    }
    // What is not a file takes so much without waiting, once it is writable.
    const ssize_t count = write(descriptor_, at, is_file_ ? left : std::min(left, size_t{PIPE_BUF}));
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) {
      error_ = errno;
      return false;
    }
    at += count;
    left -= static_cast<size_t>(count);
  }
  return true;
}

unsigned ScanThreads(const ScanOptions& options) noexcept {
  if (options.threads != 0) return options.threads;
  return std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads);
}

ScanResult Scan(const ScanOptions& options, const std::vector<Consumer*>& consumers, Sink* sink) {
  size_t threads = ScanThreads(options);
  if (!options.in_order) threads = std::min(threads, consumers.size());
  return Pipeline(options, consumers, sink, static_cast<unsigned>(threads)).Run();
}

}  // namespace audit
