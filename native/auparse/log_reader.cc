#include "log_reader.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace audit {

namespace {

constexpr size_t kEventsAtOnce = 1024;  // handed out by one step at the end of the input

ReadRules RulesOf(bool follow) {
  ReadRules rules;
  rules.line_limit = kLibraryLine;
  rules.follow = follow;
  return rules;
}

LineRules LibraryLines() {
  LineRules rules;
  rules.header = HeaderRules::kLibrary;
  return rules;
}

}  // namespace

LogReader::LogReader(std::vector<LogInput> inputs, uint32_t timeout_seconds, bool follow)
    : cancel_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reader_(std::move(inputs), RulesOf(follow), cancel_, -1),
      grouper_(GroupRules::kLibrary, timeout_seconds),
      rules_(LibraryLines()) {}

LogReader::~LogReader() {
  if (cancel_ >= 0) close(cancel_);
}

void LogReader::Cancel() noexcept {
  if (cancel_ >= 0) eventfd_write(cancel_, 1);
}

LogReader::Step LogReader::Read(std::vector<ReadEvent>* events) {
  if (is_finishing_) {
    const bool more = grouper_.Finish(GroupEnd::kCompleteAll, &batch_, kEventsAtOnce);
    TakeEvents(&batch_, events);
    return more ? Step::kMore : Step::kEnd;
  }
  BlockRef block;
  uint32_t file = 0;
  bool starts_line = true;
  switch (reader_.Next(&block, &file, &starts_line)) {
    case BlockReader::Step::kBlock:
      break;
    case BlockReader::Step::kPause:
      return Step::kMore;
    case BlockReader::Step::kEnd:
      is_finishing_ = true;
      return Step::kMore;
    case BlockReader::Step::kCancelled:
      return Step::kCancelled;
    case BlockReader::Step::kFailed:
      return Step::kFailed;
  }
  if (file != last_file_) {
    last_file_ = file;
    lines_before_ = 0;
  }
  parsed_ = {};
  ParseLines(block.get(), file, starts_line, rules_, &parsed_);
  for (uint32_t index = 0; index < block->records.size(); index++) {
    block->records[index].line += lines_before_;
    grouper_.Add(block, index, &batch_);
  }
  lines_before_ += parsed_.counts.lines;
  AddCounts(parsed_.counts, &lines_);
  block = BlockRef();
  TakeEvents(&batch_, events);
  return Step::kMore;
}

ReadCounts LogReader::Counts() const noexcept {
  ReadCounts counts;
  counts.lines = lines_;
  counts.groups = grouper_.Stats();
  counts.open_events = grouper_.OpenEvents();
  counts.slots = grouper_.Slots();
  counts.ready_events = grouper_.CompleteEvents();
  return counts;
}

}  // namespace audit
