#include "log_feed.h"

#include <algorithm>
#include <cstring>

namespace audit {

namespace {

LineRules LibraryLines() {
  LineRules rules;
  rules.header = HeaderRules::kLibrary;
  return rules;
}

}  // namespace

LogFeed::LogFeed(uint32_t timeout_seconds) : timeout_seconds_(timeout_seconds), rules_(LibraryLines()) { Reset(); }

void LogFeed::Reset() {
  batch_.Clear();
  carry_.clear();
  lines_ = {};
  grouper_.reset(new Grouper(GroupRules::kLibrary, timeout_seconds_));
}

EventBatch* LogFeed::Feed(std::string_view bytes) {
  batch_.Clear();
  grouper_->HandOnComplete(&batch_);
  const size_t last = bytes.rfind('\n');
  if (last == std::string_view::npos) {
    Keep(bytes);
  } else {
    if (!carry_.empty()) {
      const size_t first = bytes.find('\n');
      Keep(bytes.substr(0, first));
      carry_ += '\n';
      TakeLines(carry_);
      carry_.clear();
      bytes.remove_prefix(first + 1);
    }
    const size_t end = bytes.rfind('\n') + 1;  // npos + 1 is 0
    TakeLines(bytes.substr(0, end));
    Keep(bytes.substr(end));
  }
  return &batch_;
}

EventBatch* LogFeed::Age(int64_t now) {
  batch_.Clear();
  grouper_->Age(now, &batch_);
  return &batch_;
}

EventBatch* LogFeed::Flush() {
  batch_.Clear();
  grouper_->Finish(GroupEnd::kCompleteAll, &batch_);
  return &batch_;
}

EventBatch* LogFeed::End() {
  batch_.Clear();
  if (!carry_.empty()) {
    TakeLines(carry_);
    carry_.clear();
  }
  grouper_->Finish(GroupEnd::kCompleteAll, &batch_);
  return &batch_;
}

// Of a line that is too long, so much is kept as makes it count as cut.
void LogFeed::Keep(std::string_view rest) {
  const size_t room = kLibraryLine + 1 - std::min(carry_.size(), kLibraryLine + 1);
  carry_.append(rest.substr(0, room));
}

// In blocks of the usual size: an event that stays open keeps no more than its block.
void LogFeed::TakeLines(std::string_view lines) {
  while (!lines.empty()) {
    std::string_view part = lines;
    if (part.size() > BlockPool::kUsualBytes) {
      const size_t newline = part.find('\n', BlockPool::kUsualBytes);
      part = part.substr(0, newline == std::string_view::npos ? part.size() : newline + 1);
    }
    lines.remove_prefix(part.size());
    BlockRef block = pool_->Take(part.size());
    memcpy(block->bytes.get(), part.data(), part.size());
    block->size = part.size();
    parsed_ = {};
    ParseLines(block.get(), 0, true, rules_, &parsed_);
    for (uint32_t index = 0; index < block->records.size(); index++) {
      block->records[index].line += lines_.lines;
      grouper_->Add(block, index, &batch_);
    }
    AddCounts(parsed_.counts, &lines_);
  }
}

ReadCounts LogFeed::Counts() const noexcept {
  ReadCounts counts;
  counts.lines = lines_;
  counts.groups = grouper_->Stats();
  counts.open_events = grouper_->OpenEvents();
  counts.slots = grouper_->Slots();
  counts.ready_events = grouper_->CompleteEvents();
  return counts;
}

}  // namespace audit
