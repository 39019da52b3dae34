#include "json_writer.h"

#include <algorithm>

#include "decimal.h"
#include "decoded_value.h"
#include "event_result.h"
#include "json_string.h"
#include "record_type.h"
#include "type_meaning.h"
#include "utc_time.h"

namespace audit {

namespace {

namespace type = record_type;

constexpr size_t kNoRecord = SIZE_MAX;
constexpr size_t kFewFields = 48;

bool IsDigit(char c) noexcept { return c >= '0' && c <= '9'; }

// "a0", "a12", "a2[1]": one argument of EXECVE, or a piece of a long one. False for argc, a2_len and others.
bool IsArgument(std::string_view name, std::string_view* number, bool* is_piece) noexcept {
  if (name.size() < 2 || name[0] != 'a' || !IsDigit(name[1])) return false;
  size_t end = 1;
  while (end < name.size() && IsDigit(name[end])) end++;
  *number = name.substr(1, end - 1);
  *is_piece = end < name.size() && name[end] == '[';
  return end == name.size() || *is_piece;
}

// Component by component; ".." of the root is the root.
void AppendResolved(std::string_view path, std::string* out) {
  const size_t root = out->size();
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view component = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      const size_t slash = out->rfind('/');
      if (slash != std::string::npos && slash >= root) out->resize(slash);
      continue;
    }
    *out += '/';
    *out += component;
  }
  if (out->size() == root) *out += '/';
}

std::string_view EmptyIsNone(std::string_view text) noexcept { return text.empty() ? std::string_view() : text; }

}  // namespace

void JsonWriter::Append(const Event& event, std::string* out) {
  const Event& whole = WithoutEnd(event);
  if (whole.count == 0) return;
  cursor_.Reset(whole);
  json_.Begin();
  json_.BeginObject();
  Head();
  Story();
  Keys();
  Arguments();
  Paths();
  Records();
  if (json_.HasOddStrings()) {
    json_.Key("not_utf8");
    json_.OddStrings();
  }
  json_.EndObject();
  json_.End(out);
  cursor_.Clear();
}

// The daemon hands on the mark that ends an event, logs do not hold it; the object is the same.
const Event& JsonWriter::WithoutEnd(const Event& event) {
  event_ = event;
  const auto is_end = [](const Record& record) { return record.type == type::EOE; };
  if (std::any_of(event.records, event.records + event.count, is_end)) {
    records_.clear();
    std::remove_copy_if(event.records, event.records + event.count, std::back_inserter(records_), is_end);
    event_.records = records_.data();
    event_.count = records_.size();
  }
  return event_;
}

void JsonWriter::Head() {
  const Stamp& stamp = event_.stamp;
  json_.Member("version", kJsonVersion);
  scratch_.clear();
  AppendDecimal(stamp.seconds, &scratch_);
  scratch_ += '.';
  for (int limit = 100; limit > 1 && stamp.milliseconds < limit; limit /= 10) scratch_ += '0';
  AppendDecimal(stamp.milliseconds, &scratch_);
  scratch_ += ':';
  AppendDecimal(stamp.serial, &scratch_);
  json_.Member("id", scratch_);
  const std::string time = UtcTime(stamp);
  json_.Member("time", EmptyIsNone(time));
  json_.Member("serial", stamp.serial);
  json_.Member("node", event_.has_node ? event_.node : std::string_view());
  json_.Key("type");
  json_.String(event_.records[0].type_name);
}

void JsonWriter::Story() {
  const Normalized& story = normalizer_.Normalize(cursor_, WantedAttributes::kAll);
  json_.Member("kind", EventKindOf(cursor_.FieldsOf(0).type()));
  json_.Member("action", EmptyIsNone(story.action));
  json_.Member("result", EmptyIsNone(ResultText(cursor_, story)));
  Place("session", story.session);

  json_.Key("subject");
  json_.BeginObject();
  Place("primary", story.subject.primary);
  Place("secondary", story.subject.secondary);
  json_.Member("kind", EmptyIsNone(story.subject.kind));
  Label(story.subject.attributes, "subj");
  json_.EndObject();

  json_.Key("object");
  json_.BeginObject();
  const bool is_setting = cursor_.FieldsOf(0).type() == type::CONFIG_CHANGE && ObjectIsFieldName(story);
  ObjectPlace("primary", story.object.primary, is_setting);
  Place("secondary", story.object.secondary);
  ObjectPlace("primary2", story.object.primary2, false);
  json_.Member("kind", NameOf(story.object.kind));
  Label(story.object.attributes, "obj");
  Processes(story.object);
  json_.EndObject();

  json_.Member("how", EmptyIsNone(story.how));
}

void JsonWriter::Place(std::string_view name, FieldPlace place) { json_.Member(name, TextAt(cursor_, place, false)); }

void JsonWriter::ObjectPlace(std::string_view name, FieldPlace place, bool is_setting) {
  json_.Key(name);
  if (GoTo(cursor_, place) != Reached::kField) return json_.Null();
  if (is_setting) return json_.String(cursor_.field_name());
  if (cursor_.field_type() != FieldType::kEscapedFile) return json_.StringOrNull(cursor_.Interpret());
  json_.StringOrNull(FullPath(cursor_.field_value()));
}

// The security label among the attributes.
void JsonWriter::Label(const std::vector<FieldPlace>& attributes, std::string_view name) {
  json_.Key("label");
  for (const FieldPlace place : attributes) {
    if (GoTo(cursor_, place) == Reached::kField && cursor_.field_name() == name) {
      return json_.StringOrNull(cursor_.Interpret());
    }
  }
  json_.Null();
}

// Those that got a signal.
void JsonWriter::Processes(const NormalizedObject& object) {
  if (object.kind != ObjectKind::kProcess && object.kind != ObjectKind::kProcessGroup) return;
  json_.Key("pids");
  json_.BeginArray();
  for (const FieldPlace place : object.attributes) {
    if (GoTo(cursor_, place) == Reached::kField && cursor_.field_name() == "opid") json_.String(cursor_.Interpret());
  }
  json_.EndArray();
}

// All of the event, each once.
void JsonWriter::Keys() {
  names_.clear();
  json_.Key("keys");
  json_.BeginArray();
  for (size_t record = 0; record < event_.count; record++) {
    const RecordFields& fields = cursor_.FieldsOf(record);
    for (size_t i = 0; i < fields.count(); i++) {
      if (fields[i].name != "key" || fields[i].value == "(null)") continue;
      const std::string_view key = TextAt(cursor_, {static_cast<uint32_t>(record), static_cast<uint32_t>(i)}, false);
      if (names_.insert(key).second) json_.String(key);
    }
  }
  json_.EndArray();
}

size_t JsonWriter::FindType(int32_t wanted) {
  for (size_t record = 0; record < event_.count; record++) {
    if (event_.records[record].type == wanted) return record;
  }
  return kNoRecord;
}

// In the order they stand in, through all EXECVE records: the kernel splits long lists.
void JsonWriter::Arguments() {
  if (FindType(type::EXECVE) != kNoRecord) {
    json_.Key("argv");
    json_.BeginArray();
    std::string_view open;  // number of the argument whose pieces are in scratch_
    scratch_.clear();
    for (size_t record = 0; record < event_.count; record++) {
      if (event_.records[record].type != type::EXECVE) continue;
      const RecordFields& fields = cursor_.FieldsOf(record);
      for (size_t i = 0; i < fields.count(); i++) {
        std::string_view number;
        bool is_piece = false;
        if (!IsArgument(fields[i].name, &number, &is_piece)) continue;
        if (!open.empty() && !(is_piece && number == open)) {
          json_.String(scratch_);
          scratch_.clear();
        }
        open = number;
        AppendDecodedValue(fields[i].value, &scratch_);
      }
    }
    if (!open.empty()) json_.String(scratch_);
    json_.EndArray();
  }
  const size_t proctitle = FindType(type::PROCTITLE);
  if (proctitle == kNoRecord) return;
  const RecordField* title = cursor_.FieldsOf(proctitle).Find("proctitle");
  if (title == nullptr) return;
  scratch_.clear();
  AppendDecodedValue(title->value, &scratch_);
  while (!scratch_.empty() && scratch_.back() == '\0') scratch_.pop_back();
  std::replace(scratch_.begin(), scratch_.end(), '\0', ' ');
  json_.Member("proctitle", scratch_);
}

std::string_view JsonWriter::Decoded(std::string_view name) {
  const RecordField* field = cursor_.fields().Find(name);
  if (field == nullptr || field->value == "(null)") return {};
  scratch_.clear();
  AppendDecodedValue(field->value, &scratch_);
  return scratch_;
}

// Of a name as logged. No data: the name is not known, or it is relative to a directory that is not.
std::string_view JsonWriter::FullPath(std::string_view name) {
  if (name == "(null)") return {};
  scratch_.clear();
  AppendDecodedValue(name, &scratch_);
  path_.clear();
  if (!scratch_.empty() && scratch_.front() == '/') {
    AppendResolved(scratch_, &path_);
    return path_;
  }
  const size_t record = FindType(type::CWD);
  if (record == kNoRecord) return {};
  const RecordField* cwd = cursor_.FieldsOf(record).Find("cwd");
  if (cwd == nullptr) return {};
  std::string joined;
  AppendDecodedValue(cwd->value, &joined);
  joined += '/';
  joined += scratch_;
  AppendResolved(joined, &path_);
  return path_;
}

void JsonWriter::Paths() {
  const size_t cwd = FindType(type::CWD);
  if (cwd != kNoRecord && cursor_.GotoRecord(cwd)) json_.Member("cwd", Decoded("cwd"));
  if (FindType(type::PATH) != kNoRecord) {
    json_.Key("paths");
    json_.BeginArray();
    for (size_t record = 0; record < event_.count; record++) {
      if (event_.records[record].type != type::PATH) continue;
      cursor_.GotoRecord(record);
      json_.BeginObject();
      json_.Member("name", Decoded("name"));
      const RecordField* name = cursor_.fields().Find("name");
      json_.Member("path", name == nullptr ? std::string_view() : FullPath(name->value));
      for (const std::string_view member : {"nametype", "inode", "dev", "mode", "ouid", "ogid", "obj"}) {
        json_.Key(member);
        cursor_.GotoRecord(record);
        json_.StringOrNull(cursor_.fields().Find(member) != nullptr && cursor_.FindField(member) ? cursor_.Interpret()
                                                                                                 : std::string_view());
      }
      json_.EndObject();
    }
    json_.EndArray();
  }
  const size_t address = FindType(type::SOCKADDR);
  if (address != kNoRecord && cursor_.FieldsOf(address).Find("saddr") != nullptr) SocketAddress(address);
}

void JsonWriter::SocketAddress(size_t record) {
  constexpr size_t kFamilyBytes = 2;
  cursor_.GotoRecord(record);
  cursor_.FindField("saddr");
  json_.Key("sockaddr");
  json_.BeginObject();
  const std::string_view family = cursor_.InterpretSocketPart(SocketPart::kFamily);
  json_.Member("family", family);
  json_.Member("address", cursor_.InterpretSocketPart(SocketPart::kAddress));
  json_.Member("port", cursor_.InterpretSocketPart(SocketPart::kPort));
  std::string_view path;
  bool is_abstract = false;
  if (family == "local") {
    scratch_.clear();
    AppendDecodedValue(cursor_.field_value(), &scratch_);
    path = std::string_view(scratch_).substr(std::min(kFamilyBytes, scratch_.size()));
    is_abstract = path.size() > 1 && path.front() == '\0';
    if (is_abstract) path.remove_prefix(1);
    path = EmptyIsNone(path.substr(0, path.find('\0')));
  }
  json_.Member("path", is_abstract ? std::string_view() : path);
  json_.Member("abstract", is_abstract ? path : std::string_view());
  json_.Member("text", cursor_.Interpret());
  json_.EndObject();
}

void JsonWriter::Records() {
  json_.Key("records");
  json_.BeginArray();
  for (size_t record = 0; record < event_.count; record++) {
    json_.BeginObject();
    json_.Key("type");
    json_.String(event_.records[record].type_name);
    Fields(record);
    json_.EndObject();
  }
  json_.EndArray();
}

// Equal names have the same; of different ones few do.
size_t JsonWriter::MarkOf(std::string_view name) noexcept {
  if (name.empty()) return 0;
  const auto byte = [name](size_t index) { return static_cast<unsigned char>(name[index]); };
  return (byte(0) * 7 + byte(name.size() - 1) * 31 + byte(name.size() / 2) + name.size() * 57) % kMarks;
}

// Whether the field goes into the objects: a name that is there already, or is no text, goes into a list.
bool JsonWriter::IsMember(const RecordFields& fields, size_t first, size_t index) {
  const std::string_view name = fields[index].name;
  if (!IsUtf8(name)) return false;
  // A set costs more than to look at the few fields that records have, and most need no look.
  if (fields.count() > kFewFields) return names_.insert(name).second;
  const size_t mark = MarkOf(name);
  if (!marks_[mark]) {
    marks_[mark] = true;
    return true;
  }
  for (size_t i = first; i < index; i++) {
    if (fields[i].name == name) return false;
  }
  return true;
}

void JsonWriter::Fields(size_t record) {
  cursor_.GotoRecord(record);
  const RecordFields& fields = cursor_.fields();
  names_.clear();
  marks_.reset();
  repeated_.clear();
  json_.Key("fields");
  json_.BeginObject();
  // The head's words are members of the event and of the record.
  size_t first = 0;
  if (first < fields.count() && fields[first].name == "node") first++;
  if (first < fields.count() && fields[first].name == "type") first++;
  for (size_t i = first; i < fields.count(); i++) {
    if (IsMember(fields, first, i)) {
      json_.Member(fields[i].name, fields[i].value);
    } else {
      repeated_.push_back(i);
    }
  }
  json_.EndObject();

  json_.Key("interpreted");
  json_.BeginObject();
  size_t next_repeated = 0;
  for (size_t i = first; i < fields.count(); i++) {
    if (next_repeated < repeated_.size() && repeated_[next_repeated] == i) {
      next_repeated++;
      continue;
    }
    const std::string_view text = cursor_.InterpretAt(record, i);
    if (text.data() != nullptr && text != fields[i].value) json_.Member(fields[i].name, text);
  }
  json_.EndObject();

  if (repeated_.empty()) return;
  json_.Key("more");
  json_.BeginArray();
  for (const size_t i : repeated_) {
    json_.BeginObject();
    json_.Member("name", fields[i].name);
    json_.Member("raw", fields[i].value);
    json_.Member("text", cursor_.InterpretAt(record, i));
    json_.EndObject();
  }
  json_.EndArray();
}

}  // namespace audit
