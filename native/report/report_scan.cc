#include "report_scan.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>

#include "../format/name_cache.h"
#include "../system/accounts.h"

namespace audit {

namespace {

constexpr int32_t kSockaddr = 1306;

// Set in a mark: what begins there is for standard error.
constexpr size_t kComplaint = size_t{1} << 63;

// Text for people, best effort: nobody is served by a report that ends because standard error is gone.
void Tell(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

class BadStamps final : public BadStampWatcher {
 public:
  BadStamps(int descriptor, bool is_terminal) : descriptor_(descriptor), is_terminal_(is_terminal) {}
  void OnBadStamp(uint32_t, uint64_t, std::string_view stamp) override {
    std::string text = "Error extracting time stamp (";
    AppendEscaped(stamp, is_terminal_ ? EscapeMode::kTty : EscapeMode::kRaw, &text);
    Tell(descriptor_, text += ")\n");
  }

 private:
  const int descriptor_;
  const bool is_terminal_;
};

class ReportConsumer final : public Consumer {
 public:
  ReportConsumer(const ReportRun& run, size_t inputs)
      : run_(run),
        names_(kSystemAccounts),
        extractor_(WantedFields(run.report)),
        report_(MakeReport(run.report, names_)),
        ranges_(inputs) {}

  void Consume(const Event& event, Output* output) override {
    NoteRange(event);
    report_->Watch(event);
    const uint32_t presence = PresenceOf(event);
    // The log ranges have no rows.
    const bool is_wanted = run_.report.kind != ReportKind::kLog && MayConcern(run_.report, event, presence);
    if (!is_wanted && !run_.reports_malformed && !TellsOfAddress(event)) return;
    const bool is_whole = extractor_.Extract(event);
    if (run_.reports_malformed) ComplainUnparsed(event, is_whole, output);
    if (!is_whole) {
      malformed_++;
      ComplainMalformed(event, output);
      return;
    }
    if (is_wanted && AgreesWithResult(run_.report, extractor_.fields())) {
      report_->Add(event, presence, extractor_.fields(), event.order, output);
    }
  }

  void Merge(ReportConsumer* other) {
    report_->Merge(other->report_.get());
    malformed_ += other->malformed_;
    for (size_t index = 0; index < ranges_.size(); index++) MergeRange(other->ranges_[index], &ranges_[index]);
  }

  Report& report() { return *report_; }
  uint64_t malformed() const { return malformed_; }
  std::vector<LogRange> Ranges() const {
    std::vector<LogRange> ranges;
    for (const Range& range : ranges_) ranges.push_back(range.range);
    return ranges;
  }

 private:
  struct Range {
    LogRange range;
    uint64_t first_order = UINT64_MAX;
    uint64_t last_order = 0;
  };

  void NoteRange(const Event& event) {
    Range event_range;
    event_range.range = {true, event.stamp, event.stamp};
    event_range.first_order = event_range.last_order = event.order;
    MergeRange(event_range, &ranges_[event.reading]);
  }

  static void MergeRange(const Range& from, Range* to) {
    if (!from.range.has_events) return;
    if (!to->range.has_events || from.first_order < to->first_order) {
      to->first_order = from.first_order;
      to->range.first = from.range.first;
    }
    if (!to->range.has_events || from.last_order >= to->last_order) {
      to->last_order = from.last_order;
      to->range.last = from.range.last;
    }
    to->range.has_events = true;
  }

  // An address that is cut short is told of even where the event is none of the report's.
  bool TellsOfAddress(const Event& event) const {
    if ((WantedFields(run_.report) & (kWantFile | kWantHost)) == 0) return false;
    for (size_t index = 0; index < event.count; index++) {
      if (event.records[index].type == kSockaddr) return true;
    }
    return false;
  }

  static void Complain(std::string_view text, Output* output) {
    if (text.empty()) return;
    output->marks.push_back(output->bytes.size() | kComplaint);
    output->bytes += text;
  }

  void ComplainUnparsed(const Event& event, bool is_whole, Output* output) const {
    const size_t read = is_whole ? event.count : extractor_.malformation().record;
    for (size_t index = 0; index < read; index++) {
      const int32_t type = event.records[index].type;
      if (Extractor::IsUnparsed(type)) Complain("Unparsed type:" + std::to_string(type) + "\n - skipped", output);
    }
  }

  void ComplainMalformed(const Event& event, Output* output) const {
    const Malformation& malformation = extractor_.malformation();
    const Record& record = event.records[malformation.record];
    Complain(Extractor::AddressComplaint(record, malformation), output);
    if (!run_.reports_malformed) return;
    std::string text = "Malformed event skipped, rc=" + std::to_string(malformation.code) + ". ";
    AppendEscaped(record.text, run_.errors_is_terminal ? EscapeMode::kTty : EscapeMode::kRaw, &text);
    Complain(text += '\n', output);
  }

  const ReportRun& run_;
  NameCache names_;
  Extractor extractor_;
  const std::unique_ptr<Report> report_;
  std::vector<Range> ranges_;
  uint64_t malformed_ = 0;
};

// Rows get their numbers where their place is known, and complaints go where they belong.
class ReportSink final : public Sink {
 public:
  ReportSink(const ReportRun& run, int cancel)
      : out_(run.output, cancel), errors_(run.errors), is_numbered_(run.report.format == ReportFormat::kText) {}

  bool Write(const Output& output) override {
    rows_.bytes.clear();
    for (size_t index = 0; index < output.marks.size(); index++) {
      const size_t begin = output.marks[index] & ~kComplaint;
      const size_t end = index + 1 < output.marks.size() ? output.marks[index + 1] & ~kComplaint : output.bytes.size();
      const std::string_view part = std::string_view(output.bytes).substr(begin, end - begin);
      if ((output.marks[index] & kComplaint) != 0) {
        Tell(errors_, part);
        continue;
      }
      if (is_numbered_) AppendNumber();
      rows_.bytes += part;
    }
    return rows_.bytes.empty() || out_.Write(rows_);
  }

  int Error() const { return out_.Error(); }

 private:
  void AppendNumber() {
    char digits[24];
    const char* const end = std::to_chars(digits, digits + sizeof digits, ++number_).ptr;
    rows_.bytes.append(digits, static_cast<size_t>(end - digits));
    rows_.bytes += ". ";
  }

  DescriptorSink out_;
  const int errors_;
  const bool is_numbered_;
  Output rows_;
  uint64_t number_ = 0;
};

}  // namespace

ReportResult RunReport(const ReportRun& run, ScanOptions scan) {
  BadStamps bad_stamps(run.errors, run.errors_is_terminal);
  scan.bad_stamps = &bad_stamps;
  ScanControl unshared;
  if (scan.control == nullptr) scan.control = &unshared;

  std::vector<std::unique_ptr<ReportConsumer>> owned;
  std::vector<Consumer*> consumers;
  scan.in_order = NeedsOrder(run.report);
  const unsigned count = scan.in_order ? 1 : ScanThreads(scan);
  for (unsigned index = 0; index < count; index++) {
    owned.push_back(std::make_unique<ReportConsumer>(run, scan.inputs.size()));
    consumers.push_back(owned.back().get());
  }
  ReportSink sink(run, scan.control->CancelDescriptor());

  ReportResult result;
  result.scan = Scan(scan, consumers, &sink);
  ReportConsumer& first = *owned[0];
  for (size_t index = 1; index < owned.size(); index++) first.Merge(owned[index].get());
  result.has_rows = first.report().Finish(&result.rest);
  result.output_error = sink.Error();
  result.malformed_events = first.malformed();
  result.ranges = first.Ranges();
  return result;
}

}  // namespace audit
