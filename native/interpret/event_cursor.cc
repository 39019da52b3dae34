#include "event_cursor.h"

#include <algorithm>
#include <cstring>

#include "../format/number.h"
#include "../tables/tables.h"

namespace audit {

namespace {

constexpr std::string_view kArpFamily = "3";  // NFPROTO_ARP

}  // namespace

std::string_view EventCursor::Texts::Keep(std::string_view text) {
  if (text.size() > kBlockBytes) {
    large_.push_back(std::make_unique<char[]>(text.size()));
    memcpy(large_.back().get(), text.data(), text.size());
    return {large_.back().get(), text.size()};
  }
  if (blocks_.empty()) {
    blocks_.push_back(std::make_unique<char[]>(kBlockBytes));
  } else if (used_ + text.size() > kBlockBytes) {
    if (++block_ == blocks_.size()) blocks_.push_back(std::make_unique<char[]>(kBlockBytes));
    used_ = 0;
  }
  char* const to = blocks_[block_].get() + used_;
  if (!text.empty()) memcpy(to, text.data(), text.size());
  used_ += text.size();
  return {to, text.size()};
}

void EventCursor::Texts::Clear() noexcept {
  large_.clear();
  block_ = 0;
  used_ = 0;
}

void EventCursor::Reset(const Event& event) {
  for (size_t i = 0; i < event_.count && i < states_.size(); i++) states_[i]->is_split = false;
  while (states_.size() < event.count) {
    states_.push_back(std::make_unique<RecordState>(interpreter_.options().machines));
  }
  event_ = event;
  record_ = 0;
  enrichment_record_ = SIZE_MAX;
  enrichment_dropped_ = false;
  has_fan_rule_ = false;
  family_ = {};
  has_cwd_ = false;
  cwd_ = {};
  texts_.Clear();
}

void EventCursor::Clear() noexcept {
  for (size_t i = 0; i < event_.count && i < states_.size(); i++) states_[i]->is_split = false;
  event_ = {};
  record_ = 0;
  enrichment_record_ = SIZE_MAX;
  texts_.Clear();
}

void EventCursor::Split(size_t record, RecordState* state) {
  state->fields.Split(event_.records[record].text);
  state->texts.assign(state->fields.count(), std::string_view());
  state->field = 0;
  state->is_split = true;
}

bool EventCursor::FirstRecord() {
  if (event_.count == 0) return false;
  enrichment_dropped_ = false;
  record_ = 0;
  State(0).field = 0;
  return true;
}

bool EventCursor::NextRecord() {
  if (record_ >= event_.count) return false;
  record_++;
  enrichment_dropped_ = false;
  return record_ < event_.count;
}

bool EventCursor::GotoRecord(size_t number) {
  if (number >= event_.count) {
    enrichment_dropped_ = true;
    return false;
  }
  record_ = number;
  enrichment_dropped_ = false;
  State(record_).field = 0;
  return true;
}

const RecordFields& EventCursor::fields() { return State(record_).fields; }
const RecordFields& EventCursor::FieldsOf(size_t record) { return State(record).fields; }

int32_t EventCursor::type() { return HasRecord() ? State(record_).fields.type() : 0; }
std::string_view EventCursor::type_name() { return HasRecord() ? RecordTypeName(type()) : std::string_view(); }

size_t EventCursor::field_count() { return HasRecord() ? State(record_).fields.count() : 0; }

bool EventCursor::HasField() {
  if (!HasRecord()) return false;
  const RecordState& state = State(record_);
  return state.field < state.fields.count();
}

size_t EventCursor::field_number() const noexcept {
  return HasRecord() && states_[record_]->is_split ? states_[record_]->field : 0;
}

bool EventCursor::FirstField() {
  if (!HasRecord()) return false;
  State(record_).field = 0;
  return HasField();
}

bool EventCursor::NextField() {
  if (!HasRecord()) return false;
  RecordState& state = State(record_);
  if (state.field + 1 >= state.fields.count()) return false;
  state.field++;
  return true;
}

bool EventCursor::GotoField(size_t number) {
  if (!HasRecord()) return false;
  RecordState& state = State(record_);
  if (number >= state.fields.count()) return false;
  state.field = number;
  return true;
}

std::string_view EventCursor::field_name() {
  if (!HasField()) return {};
  const RecordState& state = State(record_);
  return state.fields[state.field].name;
}

std::string_view EventCursor::field_value() {
  if (!HasField()) return {};
  const RecordState& state = State(record_);
  return state.fields[state.field].value;
}

FieldType EventCursor::field_type() { return HasField() ? TypeAt(record_, field_number()) : FieldType::kUnclassified; }

FieldType EventCursor::TypeAt(size_t record, size_t field) {
  const RecordFields& fields = State(record).fields;
  return TypeOfField(fields.type(), fields[field].name, fields[field].value);
}

bool EventCursor::field_integer(int32_t* value) {
  if (!HasField()) return false;
  *value = static_cast<int32_t>(ParseNumber(field_value(), 10).value);
  return true;
}

bool EventCursor::FindField(std::string_view name) {
  if (!HasRecord()) return false;
  if (HasField() && field_name() == name) return true;
  return FindNext(name);
}

bool EventCursor::FindNext(std::string_view name) {
  if (!NextField()) return false;
  for (;;) {
    RecordState& state = State(record_);
    for (size_t i = state.field; i < state.fields.count(); i++) {
      if (state.fields[i].name != name) continue;
      state.field = i;
      return true;
    }
    if (!NextRecord()) return false;
    State(record_).field = 0;
  }
}

void EventCursor::LoadEnrichment(size_t record) {
  if (enrichment_record_ == record) return;
  enrichment_record_ = record;
  enrichment_.Parse(event_.records[record].interpretation);
}

// As FindField("family") would find it from there.
bool EventCursor::IsNetfilterArp(size_t record, size_t field) {
  if (++field >= State(record).fields.count()) return false;
  const auto is_before = [](size_t a_record, size_t a_field, size_t b_record, size_t b_field) {
    return a_record < b_record || (a_record == b_record && a_field <= b_field);
  };
  if (family_.from_record != SIZE_MAX && is_before(family_.from_record, family_.from_field, record, field) &&
      is_before(record, field, family_.to_record, family_.to_field)) {
    return family_.is_arp;
  }
  family_ = {record, field, event_.count, 0, false};
  for (size_t number = record; number < event_.count; number++, field = 0) {
    const RecordFields& fields = State(number).fields;
    for (; field < fields.count(); field++) {
      if (fields[field].name != "family") continue;
      family_.to_record = number;
      family_.to_field = field;
      family_.is_arp = fields[field].value == kArpFamily;
      return family_.is_arp;
    }
  }
  return false;
}

// The last CWD record's. No data: the event has none.
std::string_view EventCursor::EventCwd() {
  for (size_t number = event_.count; number-- > 0 && !has_cwd_;) {
    cwd_ = State(number).fields.cwd();
    has_cwd_ = cwd_.data() != nullptr;
  }
  has_cwd_ = true;
  return cwd_;
}

std::string_view EventCursor::Interpret() {
  return HasField() ? InterpretAs(record_, field_number(), false) : std::string_view();
}

std::string_view EventCursor::InterpretRealPath() {
  return HasField() ? InterpretRealPathAt(record_, field_number()) : std::string_view();
}

std::string_view EventCursor::InterpretSocketPart(SocketPart part) {
  return HasField() ? InterpretSocketPartAt(record_, field_number(), part) : std::string_view();
}

std::string_view EventCursor::InterpretAt(size_t record, size_t field) { return InterpretAs(record, field, false); }

std::string_view EventCursor::InterpretRealPathAt(size_t record, size_t field) {
  return TypeAt(record, field) == FieldType::kEscapedFile ? InterpretAs(record, field, true) : std::string_view();
}

std::string_view EventCursor::InterpretAs(size_t record, size_t number, bool wants_real_path) {
  RecordState& state = State(record);
  std::string_view& text = state.texts[number];
  if (text.data() != nullptr) return text;
  const RecordField& field = state.fields[number];
  const FieldType type = TypeAt(record, number);
  scratch_.clear();

  if (!enrichment_dropped_ && event_.records[record].has_interpretation) {
    LoadEnrichment(record);
    const std::string_view* enriched = enrichment_.Find(field.name);
    if (enriched != nullptr && enriched->substr(0, 8) != "unknown-") {
      Interpreter::AppendEnriched(type, *enriched, &scratch_);
      return text = texts_.Keep(scratch_);
    }
  }
  FieldContext context;
  context.call = state.fields.call();
  context.has_fan_rule = has_fan_rule_;
  if (type == FieldType::kHook) context.is_arp = IsNetfilterArp(record, number);
  if (type == FieldType::kFanType) has_fan_rule_ = field.value == "1";
  const std::string_view cwd = wants_real_path ? EventCwd() : std::string_view();
  if (cwd.data() != nullptr) {
    AppendRealPath(field.value, cwd, &scratch_);
  } else {
    interpreter_.Append(type, field.value, context, &scratch_);
  }
  return text = texts_.Keep(scratch_);
}

namespace {

// Component by component, as the C library does it: `..` takes the place where the next component goes back to behind
// the slash before it, once, and nothing is cut off until there is a next component.
void ResolveDots(std::string* path) {
  if (path->find("..") == std::string::npos) return;
  std::string result;
  size_t at = 0;  // where the next component goes; what lies behind is cut off by it
  if (!path->empty() && (*path)[0] == '/') {
    result = '/';
    at = 1;
  }
  size_t start = 0;
  while (start < path->size()) {
    size_t end = path->find('/', start);
    if (end == std::string::npos) end = path->size();
    const std::string_view component(path->data() + start, end - start);
    start = end + 1;
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      while (at > 0 && result[at - 1] != '/') at--;
      continue;
    }
    result.resize(at);
    if (at > 0 && result[at - 1] != '/') result += '/';
    result += component;
    at = result.size();
  }
  *path = result;
}

}  // namespace

void EventCursor::AppendRealPath(std::string_view name, std::string_view cwd, std::string* out) {
  std::string path;
  AppendUnescaped(name, &path);
  if (path.empty() || path[0] != '/') {
    std::string full;
    AppendUnescaped(cwd, &full);
    full += '/';
    full += path;
    path = std::move(full);
  }
  ResolveDots(&path);
  AppendEscaped(path, interpreter_.options().escape, out);
}

std::string_view EventCursor::InterpretSocketPartAt(size_t record, size_t field, SocketPart part) {
  if (TypeAt(record, field) != FieldType::kSocketAddress) return {};
  const std::string_view text = InterpretAs(record, field, false);
  const std::string_view key = part == SocketPart::kFamily ? "fam=" : part == SocketPart::kPort ? "lport=" : "laddr=";
  const size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  const size_t start = at + key.size();
  return text.substr(start, std::min(text.find(' ', start), text.size()) - start);
}

}  // namespace audit
