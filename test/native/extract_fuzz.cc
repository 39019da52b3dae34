// What a search reads of arbitrary events, and the shortcuts that it takes: every event that matches has one of the
// search's needles in one of its lines, and every term that an index is asked for. The first byte chooses which fields
// are wanted; a line is a record type and what follows its head.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "native/scan/header.h"
#include "native/scan/index_terms.h"
#include "native/search/matcher.h"

namespace {

#define HOLDS(condition)                                \
  do {                                                  \
    if (!(condition)) {                                 \
      std::fprintf(stderr, "broken: %s\n", #condition); \
      std::abort();                                     \
    }                                                   \
  } while (false)

constexpr uint32_t kEverything = ~0u;

class NoNames final : public audit::Names {
 public:
  std::string_view User(uint32_t) noexcept override { return {}; }
  std::string_view Group(uint32_t) noexcept override { return {}; }
  void Flush() noexcept override {}
};

class FuzzedEvent {
 public:
  explicit FuzzedEvent(std::string_view all) {
    constexpr size_t kMostRecords = 40;
    for (size_t at = 0; at <= all.size() && records_.size() < kMostRecords;) {
      const size_t end = std::min(all.find('\n', at), all.size());
      const std::string_view line = all.substr(at, end - at);
      at = end + 1;
      // As the scanner hands them on: no line has a NUL.
      const size_t blank = std::min(line.find(' '), line.size());
      std::string text = "type=" + std::string(line.substr(0, std::min<size_t>(blank, 20))) +
                         " msg=audit(1700000000.123:45): " + std::string(line.substr(blank));
      text.resize(std::min(text.find('\0'), text.size()));
      lines_.push_back(std::move(text));
      audit::Record record;
      if (audit::ParseHeader(lines_.back(), audit::HeaderRules::kTool, &record) == audit::HeaderFault::kNone) {
        records_.push_back(record);
      }
    }
    event_.records = records_.data();
    event_.count = records_.size();
    if (!records_.empty()) event_.stamp = records_[0].stamp;
  }
  const audit::Event& get() const noexcept { return event_; }

 private:
  std::deque<std::string> lines_;
  std::vector<audit::Record> records_;
  audit::Event event_;
};

// The line as the file has it: there needles are looked for.
std::string_view LineOf(const audit::Record& record) noexcept {
  const char* const end = record.has_interpretation ? record.interpretation.data() + record.interpretation.size()
                                                    : record.text.data() + record.text.size();
  return {record.text.data(), static_cast<size_t>(end - record.text.data())};
}

bool HasTerm(const audit::Event& event, const audit::IndexTerm& wanted) {
  const bool is_number = wanted.field == audit::IndexField::kUser || wanted.field == audit::IndexField::kProcess ||
                         wanted.field == audit::IndexField::kSyscall;
  bool has = false;
  audit::IndexTerms terms;
  for (size_t i = 0; i < event.count; i++) {
    terms.Each(event.records[i].text, [&](audit::IndexField field, std::string_view text) {
      if (field != wanted.field) return;
      has = has || text == audit::kRelativeFile ||
            (is_number ? text == wanted.text : text.find(wanted.text) != std::string_view::npos);
    });
  }
  return has;
}

void CheckShortcuts(const audit::Event& event, const audit::Criteria& criteria) {
  NoNames names;
  audit::Matcher matcher(criteria, 0, names);
  if (matcher.Match(event) != audit::Verdict::kYes) return;
  const std::vector<std::string> needles = audit::Needles(criteria);
  bool has_needle = needles.empty();
  for (size_t i = 0; i < event.count && !has_needle; i++) {
    for (const std::string& needle : needles) {
      has_needle = has_needle || LineOf(event.records[i]).find(needle) != std::string_view::npos;
    }
  }
  HOLDS(has_needle);
  for (const std::vector<audit::IndexTerm>& any_of : audit::QueryOf(criteria).all_of) {
    bool has_term = false;
    for (const audit::IndexTerm& term : any_of) has_term = has_term || HasTerm(event, term);
    HOLDS(has_term);
  }
}

// Searches for what was found, and for its middle.
void CheckText(const audit::Event& event, audit::Text text, std::optional<std::string> audit::Criteria::*wanted) {
  if (!audit::IsPresent(text)) return;
  audit::Criteria criteria;
  criteria.*wanted = std::string(text);
  CheckShortcuts(event, criteria);
  criteria.*wanted = std::string(text.substr(text.size() / 4, text.size() / 2 + 1));
  CheckShortcuts(event, criteria);
}

template <typename Number>
void CheckNumber(const audit::Event& event, const std::optional<Number>& number,
                 std::optional<Number> audit::Criteria::*wanted) {
  audit::Criteria criteria;
  criteria.*wanted = number;
  if (number.has_value()) CheckShortcuts(event, criteria);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const FuzzedEvent source({reinterpret_cast<const char*>(data) + 1, size - 1});
  const audit::Event& event = source.get();
  if (event.count == 0) return 0;
  audit::Extractor extractor(data[0] % 32 < 22 ? 1u << (data[0] % 32) : kEverything);
  if (!extractor.Extract(event)) HOLDS(extractor.malformation().record < event.count);
  const audit::EventFields& fields = extractor.fields();
  for (const audit::FileName& file : fields.files) {
    CheckText(event, file.name, &audit::Criteria::file);
    HOLDS(!audit::IsPresent(file.kind) || file.kind.size() <= size);
  }
  CheckText(event, fields.cwd, &audit::Criteria::file);
  for (const audit::Text key : fields.keys) CheckText(event, key, &audit::Criteria::key);
  for (const audit::AccessContext& context : fields.contexts) {
    CheckText(event, context.subject, &audit::Criteria::subject);
    CheckText(event, context.object, &audit::Criteria::object);
  }
  CheckText(event, fields.exe, &audit::Criteria::exe);
  CheckText(event, fields.comm, &audit::Criteria::comm);
  CheckText(event, fields.terminal, &audit::Criteria::terminal);
  CheckText(event, fields.host, &audit::Criteria::host);
  CheckText(event, fields.vm, &audit::Criteria::vm);
  CheckText(event, fields.uuid, &audit::Criteria::uuid);
  CheckNumber(event, fields.uid, &audit::Criteria::uid);
  CheckNumber(event, fields.euid, &audit::Criteria::euid);
  CheckNumber(event, fields.auid, &audit::Criteria::auid);
  CheckNumber(event, fields.pid, &audit::Criteria::pid);
  CheckNumber(event, fields.ppid, &audit::Criteria::ppid);
  if (fields.has_syscall) CheckNumber(event, std::optional(fields.syscall), &audit::Criteria::syscall);
  return 0;
}
