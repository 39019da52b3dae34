// Prints a log's events as `ausearch --format csv`, `text` or `json` does when it is given nothing to search for.
//
//   event_lines csv|text|json [--extra-keys] [--extra-labels] [--extra-obj2] [--extra-time] [--debug] [--escape MODE]
//               [--repeat N] LOG
//
// --repeat reads the log N times.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "native/format/name_cache.h"
#include "native/normalize/csv_writer.h"
#include "native/normalize/json_writer.h"
#include "native/normalize/text_writer.h"
#include "native/scan/engine.h"
#include "native/search/extract.h"
#include "native/system/accounts.h"
#include "native/system/user_numbers.h"

namespace {

enum class LineFormat { kCsv, kText, kJson };

struct Choices {
  LineFormat format = LineFormat::kCsv;
  audit::CsvColumns columns;
  bool debug = false;
  audit::EscapeMode escape = audit::EscapeMode::kTty;
  int repeat = 1;
  std::string log;
};

class LinePrinter : public audit::Consumer {
 public:
  explicit LinePrinter(const Choices& choices)
      : choices_(choices),
        interpreter_(names_, {choices.format == LineFormat::kJson ? audit::EscapeMode::kRaw : choices.escape,
                              audit::KnownMachines::kReference}),
        normalizer_(users_,
                    choices.format == LineFormat::kJson ? audit::NotedPlaces::kTrue : audit::NotedPlaces::kReference),
        csv_(cursor_, normalizer_, time_, choices.columns),
        text_(cursor_, normalizer_, time_, choices.debug),
        json_(cursor_, normalizer_) {}

  void Consume(const audit::Event& event, audit::Output* output) override {
    if (!extractor_.Extract(event)) return;  // malformed to a search, even to one for everything
    output->matches++;
    switch (choices_.format) {
      case LineFormat::kCsv:
        if (!has_header_) csv_.AppendHeader(&output->bytes);
        has_header_ = true;
        return csv_.Append(event, &output->bytes, &errors_);
      case LineFormat::kText:
        return text_.Append(event, &output->bytes, &errors_);
      case LineFormat::kJson:
        return json_.Append(event, &output->bytes);
    }
  }

  const std::string& errors() const { return errors_; }

 private:
  const Choices& choices_;
  audit::Extractor extractor_{0};
  audit::NameCache names_{audit::kSystemAccounts};
  audit::SystemUserNumbers users_;
  audit::Interpreter interpreter_;
  audit::EventCursor cursor_{interpreter_};
  audit::Normalizer normalizer_;
  audit::LocalTime time_;
  audit::CsvWriter csv_;
  audit::TextWriter text_;
  audit::JsonWriter json_;
  bool has_header_ = false;
  std::string errors_;
};

class StandardOutput : public audit::Sink {
 public:
  bool Write(const audit::Output& output) override {
    return std::fwrite(output.bytes.data(), 1, output.bytes.size(), stdout) == output.bytes.size();
  }
};

audit::EscapeMode EscapeNamed(const std::string& name) {
  if (name == "raw") return audit::EscapeMode::kRaw;
  if (name == "shell") return audit::EscapeMode::kShell;
  return name == "shell_quote" ? audit::EscapeMode::kShellQuote : audit::EscapeMode::kTty;
}

Choices Parse(int count, char** arguments) {
  Choices choices;
  for (int index = 1; index < count; index++) {
    const std::string word = arguments[index];
    if (word == "csv") {
      choices.format = LineFormat::kCsv;
    } else if (word == "text") {
      choices.format = LineFormat::kText;
    } else if (word == "json") {
      choices.format = LineFormat::kJson;
    } else if (word == "--extra-keys") {
      choices.columns.keys = true;
    } else if (word == "--extra-labels") {
      choices.columns.labels = true;
    } else if (word == "--extra-obj2") {
      choices.columns.object2 = true;
    } else if (word == "--extra-time") {
      choices.columns.time = true;
    } else if (word == "--debug") {
      choices.debug = true;
    } else if (word == "--escape" && index + 1 < count) {
      choices.escape = EscapeNamed(arguments[++index]);
    } else if (word == "--repeat" && index + 1 < count) {
      choices.repeat = std::atoi(arguments[++index]);
    } else {
      choices.log = word;
    }
  }
  return choices;
}

}  // namespace

int main(int count, char** arguments) {
  const Choices choices = Parse(count, arguments);
  LinePrinter printer(choices);
  StandardOutput sink;
  for (int round = 0; round < choices.repeat; round++) {
    audit::ScanOptions options;
    options.inputs.push_back(audit::LogInput::File(choices.log));
    options.in_order = true;
    options.threads = 1;
    if (audit::Scan(options, {&printer}, &sink).end != audit::ScanResult::End::kComplete) return 1;
  }
  std::fflush(stdout);
  std::fwrite(printer.errors().data(), 1, printer.errors().size(), stderr);
  return 0;
}
