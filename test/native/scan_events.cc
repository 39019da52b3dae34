// Prints a log's events as `ausearch --raw` does, for tests and measurements.
//
//   scan_events [--library] [--timeout N] [--start N] [--end N] [--needle TEXT]… [--threads N] [--stats] [--set]
//   [--index]
//               [--term FIELDTEXT]… FILE…
//
// Without FILE: standard input. --library ends each event with an empty line; --set takes FILE for a rotated set.
// --index makes an index of every FILE; each --term (ktext, x, f, u, p, s: native/scan/index.h) has to be met, with the
// indexes there are.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "native/scan/engine.h"
#include "native/scan/index.h"

namespace {

class RawPrinter : public audit::Consumer {
 public:
  explicit RawPrinter(bool separate, bool quiet) : separate_(separate), quiet_(quiet) {}

  void Consume(const audit::Event& event, audit::Output* output) override {
    ++output->matches;
    if (quiet_) return;
    for (size_t index = 0; index < event.count; index++) {
      const audit::Record& record = event.records[index];
      output->bytes.append(record.text);
      if (record.has_interpretation) output->bytes.append(1, '\x1d').append(record.interpretation);
      output->bytes += '\n';
    }
    if (separate_) output->bytes += '\n';
  }

 private:
  const bool separate_;
  const bool quiet_;
};

class BadStampPrinter : public audit::BadStampWatcher {
 public:
  void OnBadStamp(uint32_t, uint64_t, std::string_view stamp) override {
    std::fprintf(stderr, "Error extracting time stamp (%.*s)\n", static_cast<int>(stamp.size()), stamp.data());
  }
};

}  // namespace

int main(int count, char** arguments) {
  audit::ScanOptions options;
  audit::IndexQuery query;
  bool makes_index = false, stats = false, is_set = false, quiet = false;
  for (int index = 1; index < count; index++) {
    const std::string_view word = arguments[index];
    const auto number = [&] { return std::strtoll(arguments[++index], nullptr, 10); };
    if (word == "--library") {
      options.lines.header = audit::HeaderRules::kLibrary;
      options.group = audit::GroupRules::kLibrary;
    } else if (word == "--timeout") {
      options.end_of_event_timeout = static_cast<uint32_t>(number());
    } else if (word == "--start") {
      options.lines.start = number();
    } else if (word == "--end") {
      options.lines.end = number();
    } else if (word == "--needle") {
      options.lines.needles.emplace_back(arguments[++index]);
    } else if (word == "--threads") {
      options.threads = static_cast<unsigned>(number());
    } else if (word == "--limit") {
      options.limits.open_bytes = static_cast<size_t>(number());
    } else if (word == "--stats") {
      stats = true;
    } else if (word == "--quiet") {
      quiet = true;
    } else if (word == "--follow") {
      options.follow = true;
    } else if (word == "--index") {
      makes_index = true;
    } else if (word == "--term") {
      const std::string term = arguments[++index];
      query.all_of.push_back({{static_cast<audit::IndexField>(term[0]), term.substr(1)}});
    } else if (word == "--set") {
      is_set = true;
    } else if (is_set) {
      options.inputs = audit::FindLogSet(arguments[index]);
    } else {
      options.inputs.push_back(audit::LogInput::File(arguments[index]));
    }
  }
  if (options.inputs.empty()) options.inputs.push_back(audit::LogInput::Descriptor(0, "stdin"));
  if (makes_index) {
    for (const audit::LogInput& input : options.inputs) {
      const audit::IndexBuilt built = audit::BuildIndex(input.path, nullptr);
      std::fprintf(stderr, "%s built=%d error=%d bytes=%llu chunks=%u\n", built.path.c_str(), built.is_built,
                   built.error, static_cast<unsigned long long>(built.bytes), built.chunks);
    }
    return 0;
  }
  if (!query.all_of.empty()) {
    const audit::IndexUse use = audit::NarrowWithIndex(query, &options);
    std::fprintf(stderr, "index used=%u absent=%u refused=%u skipped=%llu\n", use.used, use.absent, use.refused,
                 static_cast<unsigned long long>(use.skipped_bytes));
  }
  BadStampPrinter bad_stamps;
  options.bad_stamps = &bad_stamps;
  std::vector<std::unique_ptr<RawPrinter>> printers;
  std::vector<audit::Consumer*> consumers;
  for (unsigned index = 0; index < audit::ScanThreads(options); index++) {
    printers.push_back(std::make_unique<RawPrinter>(options.group == audit::GroupRules::kLibrary, quiet));
    consumers.push_back(printers.back().get());
  }
  audit::DescriptorSink sink(1, -1);
  const audit::ScanResult result = audit::Scan(options, consumers, &sink);
  if (result.end == audit::ScanResult::End::kFailed) {
    std::fprintf(stderr, "Error opening %s (%s)\n", result.path.c_str(), std::strerror(result.error));
  }
  if (stats) {
    const audit::ScanStats& s = result.stats;
    struct rusage usage {};
    getrusage(RUSAGE_SELF, &usage);
    std::fprintf(
        stderr,
        "bytes=%llu lines=%llu records=%llu out_of_range=%llu malformed=%llu cut=%llu events=%llu consumed=%llu "
        "dropped_eoe=%llu early=%llu early_matters=%llu damaged=%zu kilobytes=%ld\n",
        static_cast<unsigned long long>(s.bytes), static_cast<unsigned long long>(s.lines.lines),
        static_cast<unsigned long long>(s.lines.records), static_cast<unsigned long long>(s.lines.out_of_range),
        static_cast<unsigned long long>(s.lines.malformed), static_cast<unsigned long long>(s.lines.cut),
        static_cast<unsigned long long>(s.groups.events), static_cast<unsigned long long>(s.consumed),
        static_cast<unsigned long long>(s.groups.dropped_eoe), static_cast<unsigned long long>(s.groups.early_events),
        static_cast<unsigned long long>(s.groups.early_matters), result.damaged.size(), usage.ru_maxrss);
  }
  return result.end == audit::ScanResult::End::kFailed ? 1 : 0;
}
