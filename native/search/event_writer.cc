#include "event_writer.h"

#include <algorithm>
#include <ctime>

#include "../interpret/log_time.h"
#include "../interpret/record_printer.h"
#include "../normalize/csv_writer.h"
#include "../normalize/json_writer.h"
#include "../normalize/text_writer.h"

namespace audit {

namespace {

bool IsDaemonRecord(const Record& record) noexcept { return record.type >= 1200 && record.type < 1300; }

// Every record as it was logged. In an event with an interpreted part, every record gets the separator.
class RawWriter final : public EventWriter {
 public:
  void Append(const Event& event, std::string* out, std::string*) override {
    const bool has_interpretation = std::any_of(event.records, event.records + event.count,
                                                [](const Record& record) { return record.has_interpretation; });
    for (size_t i = 0; i < event.count; i++) {
      const Record& record = event.records[i];
      out->append(record.text);
      if (has_interpretation) {
        *out += '\x1D';
        out->append(record.interpretation);
      }
      *out += '\n';
    }
  }
};

// A separator, and the records from the last to the first. A daemon's record stands for the whole event.
class RecordsWriter : public EventWriter {
 public:
  void Append(const Event& event, std::string* out, std::string*) final {
    out->append("----\n");
    AppendTime(event.stamp, out);
    for (size_t i = event.count; i > 0; i--) {
      const Record& record = event.records[i - 1];
      AppendRecord(event, record, i == event.count, out);
      if (i == event.count && IsDaemonRecord(record)) return;
    }
  }

 protected:
  virtual void AppendTime(const Stamp&, std::string*) {}
  virtual void AppendRecord(const Event& event, const Record& record, bool is_first, std::string* out) = 0;
};

class DefaultWriter final : public RecordsWriter {
 public:
  explicit DefaultWriter(EscapeMode escape) noexcept : escape_(escape) {}

 private:
  void AppendTime(const Stamp& stamp, std::string* out) override {
    out->append("time->");
    if (stamp.seconds != seconds_) {
      seconds_ = stamp.seconds;
      const time_t time = stamp.seconds;
      tm parts;
      // ctime(3): English, whatever the locale.
      length_ = 0;
      if (localtime_r(&time, &parts) != nullptr && asctime_r(&parts, text_) != nullptr) {
        length_ = std::string_view(text_).find('\n');
      }
    }
    out->append(text_, length_);
    *out += '\n';
  }

  void AppendRecord(const Event&, const Record& record, bool, std::string* out) override {
    if (IsDaemonRecord(record)) {
      out->append(record.text);
    } else {
      AppendEscaped(record.text, escape_, out);
    }
    *out += '\n';
  }

  const EscapeMode escape_;
  int64_t seconds_ = INT64_MIN;
  char text_[64];  // asctime(3): 26 bytes in years of four digits
  size_t length_ = 0;
};

class InterpretWriter final : public RecordsWriter {
 public:
  InterpretWriter(const SearchOptions& options, Names& names) noexcept
      : interpreter_(names, {options.escape, KnownMachines::kReference}),
        printer_(interpreter_, time_),
        has_user_name_(options.criteria.uid_name.has_value() || options.criteria.euid_name.has_value() ||
                       options.criteria.auid_name.has_value()) {}

 private:
  void AppendRecord(const Event& event, const Record& record, bool is_first, std::string* out) override {
    if (is_first) printer_.Reset();
    if (is_first && has_user_name_ && event.records[0].has_interpretation) {
      // The reference has still the names at hand by which it found the event: those of its first record.
      Record with_first = record;
      with_first.has_interpretation = true;
      with_first.interpretation = event.records[0].interpretation;
      printer_.Append(with_first, out);
      return;
    }
    printer_.Append(record, out);
  }

  Interpreter interpreter_;
  LogTime time_;
  RecordPrinter printer_;
  const bool has_user_name_;
};

// What the normalizing writers are made of.
struct Story {
  Story(const SearchOptions& options, Names& names, UserNumbers& users) noexcept
      : interpreter(names, {options.escape, KnownMachines::kReference}), cursor(interpreter), normalizer(users) {}

  Interpreter interpreter;
  EventCursor cursor;
  Normalizer normalizer;
  LocalTime time;
};

class CsvEventWriter final : public EventWriter {
 public:
  CsvEventWriter(const SearchOptions& options, Names& names, UserNumbers& users) noexcept
      : story_(options, names, users), writer_(story_.cursor, story_.normalizer, story_.time, options.csv) {}

  void Append(const Event& event, std::string* out, std::string* errors) override {
    writer_.Append(event, out, errors);
  }
  void AppendHeader(std::string* out) override { writer_.AppendHeader(out); }

 private:
  Story story_;
  CsvWriter writer_;
};

// The reference tells of events it does not understand only when it writes csv.
class TextEventWriter final : public EventWriter {
 public:
  TextEventWriter(const SearchOptions& options, Names& names, UserNumbers& users) noexcept
      : story_(options, names, users),
        writer_(story_.cursor, story_.normalizer, story_.time, options.reports_malformed) {}

  void Append(const Event& event, std::string* out, std::string*) override {
    untold_.clear();
    writer_.Append(event, out, &untold_);
  }

 private:
  std::string untold_;
  Story story_;
  TextWriter writer_;
};

// Escapes by itself, and knows better than the reference where the object of a call stands.
class JsonEventWriter final : public EventWriter {
 public:
  JsonEventWriter(Names& names, UserNumbers& users) noexcept
      : interpreter_(names, {EscapeMode::kRaw, KnownMachines::kAll}),
        cursor_(interpreter_),
        normalizer_(users, NotedPlaces::kTrue),
        writer_(cursor_, normalizer_) {}

  void Append(const Event& event, std::string* out, std::string*) override { writer_.Append(event, out); }

 private:
  Interpreter interpreter_;
  EventCursor cursor_;
  Normalizer normalizer_;
  JsonWriter writer_;
};

}  // namespace

std::unique_ptr<EventWriter> NewEventWriter(const SearchOptions& options, Names& names, UserNumbers& users) {
  switch (options.format) {
    case SearchFormat::kRaw:
      return std::make_unique<RawWriter>();
    case SearchFormat::kInterpret:
      return std::make_unique<InterpretWriter>(options, names);
    case SearchFormat::kCsv:
      return std::make_unique<CsvEventWriter>(options, names, users);
    case SearchFormat::kText:
      return std::make_unique<TextEventWriter>(options, names, users);
    case SearchFormat::kJson:
      return std::make_unique<JsonEventWriter>(names, users);
    case SearchFormat::kDefault:
      break;
  }
  return std::make_unique<DefaultWriter>(options.escape);
}

}  // namespace audit
