#include "reader.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

namespace audit {

namespace {

// From this many messages between two sleeps on, sleeping beats being woken for each one.
constexpr int kBusyMessages = 8;
constexpr int kFloodMessages = 128;
constexpr long kFullNapNanoseconds = 1000000;
// In one go through a long queue the consumer is woken this often: it then has work for a while.
constexpr int kBatchesPerWake = 16;
// After a burst the last pages go back this long after the consumer is done with them.
constexpr int kIdleMilliseconds = 50;
// How long the end waits at most for the socket to stay dry.
constexpr uint64_t kMostLingerNanoseconds = 200'000'000;

uint64_t MonotonicNanoseconds() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

void Nap(long nanoseconds) noexcept {
  const timespec time = {0, nanoseconds};
  nanosleep(&time, nullptr);
}

// The reader thread is the only writer, so a plain addition that others may read is enough.
void Add(std::atomic<uint64_t>& counter, uint64_t amount) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

bool IsDaemonType(uint16_t type) noexcept { return type >= 1200 && type <= 1299; }

FormatOptions OptionsOf(const LineFormat& format) noexcept {
  return {format.enriched, std::string_view(format.node).substr(0, kMaxNode)};
}

}  // namespace

Reader::Reader(std::shared_ptr<Ring> ring, std::unique_ptr<Source> source, LineFormat format,
               std::unique_ptr<NameCache> names, ReaderOptions options, Wake wake, void* context) noexcept
    : ring_(std::move(ring)),
      source_(std::move(source)),
      names_(std::move(names)),
      format_(std::make_unique<LineFormat>(std::move(format))),
      formatter_(OptionsOf(*format_), *names_),
      options_(options),
      wake_(wake),
      context_(context) {}

Reader::~Reader() {
  if (started_) {
    Abandon();
    Stop();
    pthread_join(thread_, nullptr);
  }
  if (stop_fd_ >= 0) close(stop_fd_);
  delete next_format_.load();
}

void Reader::Reformat(LineFormat format) noexcept {
  delete next_format_.exchange(new LineFormat(std::move(format)));  // one that was never applied
}

// Between two batches, so that no line is made half the one way and half the other.
void Reader::ApplyFormat() noexcept {
  LineFormat* next = next_format_.exchange(nullptr);
  if (next == nullptr) return;
  formatter_.Reconfigure(OptionsOf(*next));
  format_.reset(next);
}

int Reader::Start() noexcept {
  if (started_) {
    pthread_join(thread_, nullptr);
    started_ = false;
    leave_.store(false);
    finished_.store(false);
    close(stop_fd_);
    source_->Resume();
  }
  stop_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_fd_ < 0) return errno;
  // Signals belong to the event loop's thread: here they would only interrupt system calls. A new thread inherits
  // the mask of its maker.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(
      &thread_, nullptr,
      [](void* self) -> void* {
        static_cast<Reader*>(self)->Run();
        return nullptr;
      },
      this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  started_ = error == 0;
  return error;
}

void Reader::Stop() noexcept {
  stop_.store(true);
  Interrupt();
}

void Reader::Leave() noexcept {
  leave_.store(true);
  Interrupt();
}

void Reader::Interrupt() noexcept {
  const uint64_t one = 1;
  if (write(stop_fd_, &one, sizeof one) < 0) return;  // EAGAIN: it was told before
}

void Reader::Run() noexcept {
  prctl(PR_SET_NAME, "audit-reader");
  int since_nap = 0;
  int unannounced = 0;
  bool finishing = false;
  uint64_t finished_at = 0;
  while (!leave_.load()) {
    if (!finishing && stop_.load()) {
      finishing = true;
      source_->Finish();
      finished_at = MonotonicNanoseconds();
    }
    Message messages[kMaxBatch];
    const Source::Batch batch = source_->Receive(messages);
    ApplyFormat();
    for (int i = 0; i < batch.count && !leave_.load(); i++) Accept(messages[i]);
    if (batch.count > 0) ring_->Publish();
    since_nap += batch.count;
    const bool goes_on = batch.state == Source::State::kMore;
    if (goes_on && ++unannounced < kBatchesPerWake) continue;
    unannounced = 0;
    if (since_nap > 0) WakeConsumer();
    ring_->Settle();
    if (goes_on) continue;
    if (batch.state == Source::State::kEnded) break;
    if (finishing) {
      if (MonotonicNanoseconds() - finished_at < kMostLingerNanoseconds &&
          IsReadableWithin(options_.linger_milliseconds))
        continue;
      break;
    }
    if (since_nap >= kBusyMessages && options_.coalesce_microseconds > 0) {
      const long nanoseconds = static_cast<long>(options_.coalesce_microseconds) * 1000;
      Nap(since_nap >= kFloodMessages ? nanoseconds / 2 : nanoseconds);
    } else {
      WaitForSource();
    }
    since_nap = 0;
  }
  finished_.store(true);
  wake_(context_);  // not coalesced: nobody else will tell
}

void Reader::WaitForSource() noexcept {
  pollfd ready[Source::kMostPolled + 1];
  const auto count = static_cast<nfds_t>(source_->Polled(ready)) + 1;
  ready[count - 1] = {stop_fd_, POLLIN, 0};
  // Pages whose records the consumer is still writing go back when they are done with, even if no record ever comes.
  do {
    if (poll(ready, count, kIdleMilliseconds) != 0) return;
  } while (ring_->Settle());
  poll(ready, count, -1);
}

bool Reader::IsReadableWithin(int milliseconds) noexcept {
  pollfd ready[Source::kMostPolled];
  const int count = source_->Polled(ready);
  if (poll(ready, static_cast<nfds_t>(count), milliseconds) <= 0) return false;
  for (int i = 0; i < count; i++) {
    if ((ready[i].revents & POLLIN) != 0) return true;
  }
  return false;
}

void Reader::Accept(const Message& message) noexcept {
  Counters& counters = ring_->counters();
  Treatment treatment = TreatmentOf(message.type);
  if (treatment == Treatment::kIgnore && IsDaemonType(message.type) && source_->carries_daemon_records()) {
    treatment = Treatment::kLog;
  }
  if (treatment == Treatment::kIgnore || treatment == Treatment::kReply) {
    Add(counters.ignored, 1);
    return;
  }
  if (!source_->Admit(message)) return;
  const std::string_view payload(message.payload, message.length);
  char* line = RoomForLine();
  if (line == nullptr) {
    // A message that this thread leaves in its slot is not given up.
    if (abandon_.load() || message.slot < 0) Add(counters.abandoned, 1);
    return;
  }
  Ring::Record record;
  record.type = message.type;
  if (treatment == Treatment::kDispatchOnly) {
    const PayloadStamp stamp = ParseStamp(payload);
    record.serial = stamp.serial;
    record.milliseconds = stamp.milliseconds;
    if (message.slot >= 0) ring_->Stage(message.slot);
    ring_->CommitDispatchOnly(record);
    Add(counters.dispatch_only, 1);
    return;
  }
  const Formatted formatted = formatter_.Format(message.type, payload, line);
  record.flags = formatted.flags;
  record.serial = formatted.stamp.serial;
  record.milliseconds = formatted.stamp.milliseconds;
  if (formatted.stamp.valid) {
    Add(counters.missing_serials, serials_.See(record.serial));
    names_->Tick(record.milliseconds);
  }
  if (message.slot >= 0) ring_->Stage(message.slot);  // at the last moment: a process that dies before it tries again
  ring_->Commit(record, formatted.length);
  Add(counters.records, 1);
  if (message.was_malformed || !formatted.stamp.valid) Add(counters.malformed, 1);
  if (message.was_cut || (formatted.flags & kWasCut) != 0) Add(counters.cut, 1);
  if ((formatted.flags & kHadNewline) != 0) Add(counters.cleaned, 1);
}

// Room for the longest line. While the ring is full this thread reads nothing, so the kernel's own queues fill next;
// null only after Abandon() or Leave().
char* Reader::RoomForLine() noexcept {
  char* line = ring_->Reserve(kMaxLine);
  if (line != nullptr) return line;
  Counters& counters = ring_->counters();
  Add(counters.times_full, 1);
  const uint64_t since = MonotonicNanoseconds();
  const uint64_t before = counters.full_nanoseconds.load(std::memory_order_relaxed);
  ring_->Publish();
  WakeConsumer();
  while ((line = ring_->Reserve(kMaxLine)) == nullptr && !abandon_.load() && !leave_.load()) {
    Nap(kFullNapNanoseconds);
    // Kept current, so that a state report in the middle of a stall shows it.
    counters.full_nanoseconds.store(before + MonotonicNanoseconds() - since, std::memory_order_relaxed);
  }
  return line;
}

void Reader::WakeConsumer() noexcept {
  if (!wake_pending_.exchange(true)) wake_(context_);
}

}  // namespace audit
