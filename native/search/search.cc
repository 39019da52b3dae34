#include "search.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "../format/name_cache.h"
#include "../interpret/number_texts.h"
#include "../system/accounts.h"
#include "../system/user_numbers.h"
#include "event_writer.h"
#include "matcher.h"

namespace audit {

namespace {

// The daemon's last event of a checkpoint, and whether its log is the right one, are found in order.
bool NeedsOrder(const SearchOptions& options) noexcept { return options.after.has_value() || options.notes_checkpoint; }

// Formats that name an architecture's calls need to know it.
uint32_t FieldsOf(SearchFormat format) noexcept {
  if (format == SearchFormat::kDefault || format == SearchFormat::kRaw || format == SearchFormat::kJson) return 0;
  return kWantArch;
}

class EventSearcher final : public Consumer {
 public:
  explicit EventSearcher(const SearchOptions& options)
      : options_(options),
        names_(kSystemAccounts),
        matcher_(options.criteria, FieldsOf(options.format), names_),
        writer_(NewEventWriter(options, names_, users_)) {
    if (options.after.has_value()) seeker_.emplace(*options.after);
  }

  void Consume(const Event& event, Output* output) override {
    const Verdict verdict = matcher_.Match(event);
    if (verdict == Verdict::kMalformed) malformed_events++;
    if (verdict == Verdict::kMalformed) Complain(event, output);
    if (options_.reports_malformed) Report(event, verdict, output);
    if (IsWanted(event, verdict, output)) {
      if (verdict == Verdict::kYes) Write(event, output);
    }
    if (options_.notes_checkpoint && !output->stop) Note(event);
  }

  EventWriter& writer() noexcept { return *writer_; }

  uint64_t malformed_events = 0;
  std::optional<Checkpoint> last;
  std::optional<Stamp> corrupted_by;

 private:
  bool IsWanted(const Event& event, Verdict verdict, Output* output) noexcept {
    if (!seeker_.has_value()) return true;
    const Progress progress = seeker_->Pass(event, verdict == Verdict::kYes);
    if (progress == Progress::kCorrupted) {
      corrupted_by = event.stamp;
      output->stop = true;
    }
    return progress == Progress::kBehind;
  }

  void Write(const Event& event, Output* output) {
    output->matches++;
    errors_.clear();
    writer_->Append(event, &output->bytes, &errors_);
    AddError(errors_, output);
    if (options_.stops_after_first) output->stop = true;
  }

  // Socket addresses that are too short are told of whether that was asked for or not.
  void Complain(const Event& event, Output* output) {
    const Malformation& malformation = matcher_.malformation();
    constexpr int32_t kSockaddr = 1306;
    if (event.records[malformation.record].type != kSockaddr) return;
    switch (malformation.code) {
      case 1:
        return AddError("sockaddr len too short\n", output);
      case 2:
        return AddError("sockaddr6 len too short\n", output);
      case 4:
        return AddError("sun_path len too short (" + std::to_string(malformation.length) + ")\n", output);
      default:
        return;
    }
  }

  // The record that was not understood, and types that nothing is known of before it.
  void Report(const Event& event, Verdict verdict, Output* output) {
    errors_.clear();
    const size_t read = verdict == Verdict::kMalformed ? matcher_.malformation().record : event.count;
    for (size_t i = 0; i < read && verdict != Verdict::kNotRead; i++) {
      const int32_t type = event.records[i].type;
      if (!Extractor::IsUnparsed(type)) continue;
      errors_ += "Unparsed type:" + std::to_string(type) + "\n - skipped";
    }
    if (verdict == Verdict::kMalformed) {
      errors_ += "Malformed event skipped, rc=" + std::to_string(matcher_.malformation().code) + ". ";
      errors_.append(event.records[read].text);
      errors_ += '\n';
    }
    AddError(errors_, output);
  }

  // Between two marks: what SearchSink sends to the other descriptor.
  static void AddError(const std::string& text, Output* output) {
    if (text.empty()) return;
    output->marks.push_back(output->bytes.size());
    output->bytes += text;
    output->marks.push_back(output->bytes.size());
  }

  void Note(const Event& event) {
    if (!last.has_value()) last.emplace();
    last->stamp = event.stamp;
    last->has_node = event.has_node;
    last->node = event.node;
    last->type = event.count == 0 ? 0 : event.records[0].type;
  }

  const SearchOptions& options_;
  NameCache names_;
  SystemUserNumbers users_;
  Matcher matcher_;
  std::unique_ptr<EventWriter> writer_;
  std::optional<CheckpointSeeker> seeker_;
  std::string errors_;
};

// The size of the UTF-8 character at the start of `text`, if a terminal shows it and obeys nothing in it: neither C0
// and DEL nor C1, whose U+009B begins a sequence like ESC [ does. 0 for all else.
size_t VisibleSize(std::string_view text) noexcept {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return (first >= 0x20 && first != 0x7F) || first == '\n' ? 1 : 0;
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; i++) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool is_other = (first == 0xC2 && second < 0xA0) || (first == 0xE0 && second < 0xA0) ||
                        (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
                        (first == 0xF4 && second > 0x8F);
  return is_other ? 0 : size;
}

void AppendPrintable(std::string_view bytes, std::string* out) {
  while (!bytes.empty()) {
    const size_t size = VisibleSize(bytes);
    if (size == 0) {
      *out += '\\';
      AppendOctal(static_cast<unsigned char>(bytes[0]), 3, out);
    } else {
      out->append(bytes.substr(0, size));
    }
    bytes.remove_prefix(size == 0 ? 1 : size);
  }
}

// Results to one descriptor, what is told about them to another, in one order.
class SearchSink final : public Sink {
 public:
  SearchSink(const SearchOptions& options, int cancel, std::string header)
      : output_(options.output, cancel),
        errors_(options.errors, cancel),
        output_is_terminal_(options.output_is_terminal),
        errors_is_terminal_(options.errors_is_terminal),
        header_(std::move(header)) {}

  bool Write(const Output& output) override {
    if (!header_.empty() && output.matches > 0) {
      if (!Send(std::exchange(header_, {}), output_is_terminal_, &output_)) return false;
    }
    if (output.marks.empty()) return output.bytes.empty() || Send(output.bytes, output_is_terminal_, &output_);
    const std::string_view bytes = output.bytes;
    size_t from = 0;
    for (size_t i = 0; i + 1 < output.marks.size(); i += 2) {
      if (!Send(bytes.substr(from, output.marks[i] - from), output_is_terminal_, &output_)) return false;
      // Nobody listening to what is told is no reason to keep the results back.
      Send(bytes.substr(output.marks[i], output.marks[i + 1] - output.marks[i]), errors_is_terminal_, &errors_);
      from = output.marks[i + 1];
    }
    return Send(bytes.substr(from), output_is_terminal_, &output_);
  }

  int Error() const noexcept { return output_.Error(); }

 private:
  bool Send(std::string_view bytes, bool is_terminal, DescriptorSink* sink) {
    if (bytes.empty()) return true;
    Output part;
    if (is_terminal) {
      AppendPrintable(bytes, &part.bytes);
    } else {
      part.bytes = bytes;
    }
    return sink->Write(part);
  }

  DescriptorSink output_;
  DescriptorSink errors_;
  const bool output_is_terminal_;
  const bool errors_is_terminal_;
  std::string header_;
};

// ausearch names the stamps that it cannot read.
class BadStampReport final : public BadStampWatcher {
 public:
  BadStampReport(const SearchOptions& options, int cancel)
      : sink_(options.errors, cancel), is_terminal_(options.errors_is_terminal) {}

  void OnBadStamp(uint32_t, uint64_t, std::string_view stamp) override {
    Output line;
    line.bytes = "Error extracting time stamp (";
    // Never more than the head of a line, but it may hold anything.
    if (is_terminal_) {
      AppendPrintable(stamp, &line.bytes);
    } else {
      AppendEscaped(stamp, EscapeMode::kTty, &line.bytes);
    }
    line.bytes += ")\n";
    sink_.Write(line);
  }

 private:
  DescriptorSink sink_;
  const bool is_terminal_;
};

// A log that is still written has no index; one that has grown since is read as a whole.
void BuildMissing(ScanOptions* scan) {
  for (size_t i = 0; i < scan->inputs.size(); i++) {
    const LogInput& input = scan->inputs[i];
    const bool is_newest_of_set = scan->inputs.size() > 1 && i + 1 == scan->inputs.size();
    if (input.kind != LogInput::Kind::kFile || is_newest_of_set || HasIndex(input.path)) continue;
    // A directory that cannot be written to is no reason not to search.
    BuildIndex(input.path, scan->control);
  }
}

}  // namespace

SearchResult RunSearch(const SearchOptions& options, ScanOptions scan) {
  SearchResult result;
  scan.in_order = NeedsOrder(options);
  // Of events without a needle nothing may be told either.
  if (!options.reports_malformed && !scan.in_order) scan.lines.needles = Needles(options.criteria);
  if (!options.reports_malformed && !scan.in_order && !scan.follow) {
    if (options.builds_index) BuildMissing(&scan);
    NarrowWithIndex(QueryOf(options.criteria), &scan);
  }
  const int cancel = scan.control == nullptr ? -1 : scan.control->CancelDescriptor();
  BadStampReport bad_stamps(options, cancel);
  scan.bad_stamps = &bad_stamps;

  std::vector<std::unique_ptr<EventSearcher>> searchers;
  std::vector<Consumer*> consumers;
  const unsigned count = scan.in_order ? 1 : ScanThreads(scan);
  for (unsigned i = 0; i < count; i++) {
    searchers.push_back(std::make_unique<EventSearcher>(options));
    consumers.push_back(searchers.back().get());
  }
  std::string header;
  searchers[0]->writer().AppendHeader(&header);
  SearchSink sink(options, cancel, std::move(header));
  result.scan = Scan(scan, consumers, &sink);
  result.matches = result.scan.stats.matches;
  result.output_error = sink.Error();
  for (const auto& searcher : searchers) result.malformed_events += searcher->malformed_events;
  result.last = searchers[0]->last;
  result.corrupted_by = searchers[0]->corrupted_by;
  return result;
}

}  // namespace audit
