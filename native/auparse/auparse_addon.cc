// The reader, the feed, the event view and what else src/auparse needs: argument checks, lifetimes, nothing else.
#include "auparse_addon.h"

#include <errno.h>
#include <regex.h>
#include <time.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../errors.h"
#include "../format/name_cache.h"
#include "../interpret/syscall_arguments.h"
#include "../normalize/normalizer.h"
#include "../system/accounts.h"
#include "../system/user_numbers.h"
#include "event_view.h"
#include "log_feed.h"
#include "log_reader.h"

namespace audit {

namespace {

// Shared by all views of a thread: account names are the system's, whatever event asks.
NameCache& SystemNames() {
  static thread_local std::unique_ptr<NameCache> names;
  if (names == nullptr) names.reset(new NameCache(kSystemAccounts));
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  names->Tick(static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000 + 1);
  return *names;
}

std::string_view BytesOf(const Napi::Value& value) {
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

// Bytes that are no UTF-8 become U+FFFD.
Napi::Value Text(Napi::Env env, std::string_view text) { return Napi::String::New(env, text.data(), text.size()); }

Napi::Value TextOrNull(Napi::Env env, std::string_view text) {
  return text.data() == nullptr ? env.Null() : Text(env, text);
}

Napi::Value Bytes(Napi::Env env, std::string_view bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

void ThrowArguments(Napi::Env env, const char* expected) {
  Napi::TypeError::New(env, expected).ThrowAsJavaScriptException();
}

Napi::Value EventsToJs(Napi::Env env, const std::vector<ReadEvent>& events) {
  Napi::Array list = Napi::Array::New(env, events.size());
  for (size_t i = 0; i < events.size(); i++) {
    const ReadEvent& event = events[i];
    Napi::Object object = Napi::Object::New(env);
    object.Set("seconds", Napi::Number::New(env, static_cast<double>(event.stamp.seconds)));
    object.Set("milliseconds", Napi::Number::New(env, event.stamp.milliseconds));
    object.Set("serial", Napi::Number::New(env, event.stamp.serial));
    object.Set("node", event.has_node ? Text(env, event.node) : env.Null());
    object.Set("lines", Bytes(env, event.lines));
    Napi::Array places = Napi::Array::New(env, event.places.size() * 2);
    for (size_t place = 0; place < event.places.size(); place++) {
      places.Set(static_cast<uint32_t>(2 * place), Napi::Number::New(env, event.places[place].file));
      places.Set(static_cast<uint32_t>(2 * place + 1),
                 Napi::Number::New(env, static_cast<double>(event.places[place].line)));
    }
    object.Set("places", places);
    list.Set(static_cast<uint32_t>(i), object);
  }
  return list;
}

Napi::Value CountsToJs(Napi::Env env, const ReadCounts& counts) {
  Napi::Object object = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t value) {
    object.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  set("lines", counts.lines.lines);
  set("records", counts.lines.records);
  set("malformedLines", counts.lines.malformed);
  set("cutLines", counts.lines.cut);
  set("events", counts.groups.events);
  set("droppedEndRecords", counts.groups.dropped_eoe);
  set("droppedRecords", counts.groups.dropped_records);
  set("earlyEvents", counts.groups.early_events);
  set("openEvents", counts.open_events);
  set("mostOpenEvents", counts.slots);
  set("readyEvents", counts.ready_events);
  return object;
}

class LogReaderObject;

// Reads one block on a thread of the pool.
class ReadWork final : public Napi::AsyncWorker {
 public:
  ReadWork(Napi::Env env, LogReader& reader, Napi::Object owner)
      : Napi::AsyncWorker(env, "audit-log-read"),
        deferred_(Napi::Promise::Deferred::New(env)),
        reader_(reader),
        owner_(Napi::Persistent(owner)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }
  void Execute() override { step_ = reader_.Read(&events_); }
  void OnOK() override;

 private:
  Napi::Promise::Deferred deferred_;
  LogReader& reader_;
  Napi::ObjectReference owner_;  // the reader lives as long as this
  std::vector<ReadEvent> events_;
  LogReader::Step step_ = LogReader::Step::kEnd;
};

class LogReaderObject final : public Napi::ObjectWrap<LogReaderObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "LogReader",
                       {
                           InstanceMethod<&LogReaderObject::Read>("read"),
                           InstanceMethod<&LogReaderObject::Cancel>("cancel"),
                           InstanceMethod<&LogReaderObject::Counts>("counts"),
                           InstanceMethod<&LogReaderObject::Damages>("damages"),
                       });
  }

  // (inputs: ({path} | {descriptor, name} | {bytes, name})[], timeoutSeconds, follow)
  explicit LogReaderObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LogReaderObject>(info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 3 || !info[0].IsArray() || !info[1].IsNumber() || !info[2].IsBoolean()) {
      ThrowArguments(env, "LogReader(inputs, timeoutSeconds, follow)");
      return;
    }
    const auto list = info[0].As<Napi::Array>();
    std::vector<LogInput> inputs;
    for (uint32_t i = 0; i < list.Length(); i++) {
      const auto input = list.Get(i).As<Napi::Object>();
      if (input.Has("path")) {
        inputs.push_back(LogInput::File(input.Get("path").ToString().Utf8Value()));
      } else if (input.Has("descriptor")) {
        inputs.push_back(LogInput::Descriptor(input.Get("descriptor").ToNumber().Int32Value(),
                                              input.Get("name").ToString().Utf8Value()));
      } else {
        // A copy: JavaScript's memory may be changed, or moved to another thread, while it is read here.
        bytes_.push_back(std::make_unique<std::string>(BytesOf(input.Get("bytes"))));
        inputs.push_back(LogInput::Buffer(*bytes_.back(), input.Get("name").ToString().Utf8Value()));
      }
    }
    reader_ = std::make_unique<LogReader>(std::move(inputs), info[1].ToNumber().Uint32Value(), info[2].ToBoolean());
  }

  void SetIdle() noexcept { is_reading_ = false; }

 private:
  // read(): Promise<{events, isEnd}>; one at a time
  Napi::Value Read(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (is_reading_) {
      Napi::Error::New(env, "the reader is reading").ThrowAsJavaScriptException();
      return env.Undefined();
    }
    is_reading_ = true;
    auto* work = new ReadWork(env, *reader_, info.This().As<Napi::Object>());  // deletes itself
    const Napi::Promise promise = work->Promise();
    work->Queue();
    return promise;
  }

  void Cancel(const Napi::CallbackInfo&) { reader_->Cancel(); }

  // Not while it reads.
  Napi::Value Counts(const Napi::CallbackInfo& info) { return CountsToJs(info.Env(), reader_->Counts()); }

  // damages(): [file, what, …]
  Napi::Value Damages(const Napi::CallbackInfo& info) {
    Napi::Array list = Napi::Array::New(info.Env());
    for (const BlockReader::Damaged& damaged : reader_->Damages()) {
      list.Set(list.Length(), Napi::Number::New(info.Env(), damaged.file));
      list.Set(list.Length(), Napi::Number::New(info.Env(), static_cast<double>(damaged.damage)));
    }
    return list;
  }

  std::vector<std::unique_ptr<std::string>> bytes_;  // of inputs that are memory
  std::unique_ptr<LogReader> reader_;
  bool is_reading_ = false;
};

void ReadWork::OnOK() {
  const Napi::Env env = Env();
  LogReaderObject::Unwrap(owner_.Value())->SetIdle();
  if (step_ == LogReader::Step::kFailed) {
    const BlockReader::Failed& failure = reader_.Failure();
    const char* syscall = failure.on_open ? "open" : "read";
    Napi::Error error = Napi::Error::New(env, std::string(syscall) + " " + failure.path);
    error.Set("syscall", Napi::String::New(env, syscall));
    error.Set("errno", Napi::Number::New(env, failure.error));
    error.Set("path", Text(env, failure.path));
    deferred_.Reject(error.Value());
    return;
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("events", EventsToJs(env, events_));
  result.Set("isEnd", Napi::Boolean::New(env, step_ != LogReader::Step::kMore));
  deferred_.Resolve(result);
}

class LogFeedObject final : public Napi::ObjectWrap<LogFeedObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "LogFeed",
                       {
                           InstanceMethod<&LogFeedObject::Feed>("feed"),
                           InstanceMethod<&LogFeedObject::Age>("age"),
                           InstanceMethod<&LogFeedObject::Flush>("flush"),
                           InstanceMethod<&LogFeedObject::End>("end"),
                           InstanceMethod<&LogFeedObject::Reset>("reset"),
                           InstanceMethod<&LogFeedObject::Counts>("counts"),
                       });
  }

  // (timeoutSeconds)
  explicit LogFeedObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<LogFeedObject>(info), feed_(info[0].ToNumber().Uint32Value()) {}

 private:
  // feed(bytes): events
  Napi::Value Feed(const Napi::CallbackInfo& info) {
    if (!info[0].IsTypedArray()) {
      ThrowArguments(info.Env(), "feed(bytes)");
      return info.Env().Undefined();
    }
    return Handed(info.Env(), feed_.Feed(BytesOf(info[0])));
  }

  // age(nowSeconds): events
  Napi::Value Age(const Napi::CallbackInfo& info) {
    return Handed(info.Env(), feed_.Age(info[0].ToNumber().Int64Value()));
  }

  Napi::Value Flush(const Napi::CallbackInfo& info) { return Handed(info.Env(), feed_.Flush()); }

  Napi::Value End(const Napi::CallbackInfo& info) { return Handed(info.Env(), feed_.End()); }

  void Reset(const Napi::CallbackInfo&) { feed_.Reset(); }

  static Napi::Value Handed(Napi::Env env, EventBatch* batch) {
    std::vector<ReadEvent> events;
    TakeEvents(batch, &events);
    return EventsToJs(env, events);
  }

  Napi::Value Counts(const Napi::CallbackInfo& info) { return CountsToJs(info.Env(), feed_.Counts()); }

  LogFeed feed_;
};

class EventViewObject final : public Napi::ObjectWrap<EventViewObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    using Self = EventViewObject;
    return DefineClass(env, "EventView",
                       {
                           InstanceMethod<&Self::Head>("head"),
                           InstanceMethod<&Self::RecordCount>("recordCount"),
                           InstanceMethod<&Self::RecordType>("recordType"),
                           InstanceMethod<&Self::RecordText>("recordText"),
                           InstanceMethod<&Self::RecordTextBytes>("recordTextBytes"),
                           InstanceMethod<&Self::RecordInterpretations>("recordInterpretations"),
                           InstanceMethod<&Self::Fields>("fields"),
                           InstanceMethod<&Self::Find>("find"),
                           InstanceMethod<&Self::ValueBytes>("valueBytes"),
                           InstanceMethod<&Self::Interpret>("interpret"),
                           InstanceMethod<&Self::InterpretBytes>("interpretBytes"),
                           InstanceMethod<&Self::RealPath>("realPath"),
                           InstanceMethod<&Self::SocketPartOf>("socketPart"),
                           InstanceMethod<&Self::FirstRecord>("firstRecord"),
                           InstanceMethod<&Self::NextRecord>("nextRecord"),
                           InstanceMethod<&Self::GotoRecord>("gotoRecord"),
                           InstanceMethod<&Self::RecordNumber>("recordNumber"),
                           InstanceMethod<&Self::FirstField>("firstField"),
                           InstanceMethod<&Self::NextField>("nextField"),
                           InstanceMethod<&Self::GotoField>("gotoField"),
                           InstanceMethod<&Self::FieldNumber>("fieldNumber"),
                           InstanceMethod<&Self::FindField>("findField"),
                           InstanceMethod<&Self::FindNext>("findNext"),
                           InstanceMethod<&Self::Normalize>("normalize"),
                       });
  }

  // (lines, escapeMode, allMachines)
  explicit EventViewObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EventViewObject>(info) {
    if (info.Length() != 3 || !info[0].IsTypedArray() || !info[1].IsNumber() || !info[2].IsBoolean()) {
      ThrowArguments(info.Env(), "EventView(lines, escapeMode, allMachines)");
      return;
    }
    InterpreterOptions options;
    options.escape = static_cast<EscapeMode>(info[1].ToNumber().Uint32Value() & 3);
    options.machines = info[2].ToBoolean() ? KnownMachines::kAll : KnownMachines::kReference;
    view_ = std::make_unique<EventView>(SystemNames(), options);
    view_->Load(std::string(BytesOf(info[0])));
  }

 private:
  EventCursor& cursor() noexcept { return view_->cursor(); }

  // The record that the first argument numbers. False, with an exception: there is none.
  bool RecordOf(const Napi::CallbackInfo& info, size_t* record) {
    *record = info[0].ToNumber().Uint32Value();
    if (*record < cursor().record_count()) return true;
    Napi::RangeError::New(info.Env(), "no such record").ThrowAsJavaScriptException();
    return false;
  }

  // The record and field that the first two arguments number.
  bool FieldOf(const Napi::CallbackInfo& info, size_t* record, size_t* field) {
    if (!RecordOf(info, record)) return false;
    *field = info[1].ToNumber().Uint32Value();
    if (*field < cursor().FieldsOf(*record).count()) return true;
    Napi::RangeError::New(info.Env(), "no such field").ThrowAsJavaScriptException();
    return false;
  }

  // head(): {seconds, milliseconds, serial, node}, or null when no line had one
  Napi::Value Head(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const Event& event = cursor().event();
    if (event.count == 0) return env.Null();
    Napi::Object head = Napi::Object::New(env);
    head.Set("seconds", Napi::Number::New(env, static_cast<double>(event.stamp.seconds)));
    head.Set("milliseconds", Napi::Number::New(env, event.stamp.milliseconds));
    head.Set("serial", Napi::Number::New(env, event.stamp.serial));
    head.Set("node", event.has_node ? Text(env, event.node) : env.Null());
    return head;
  }

  Napi::Value RecordCount(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(cursor().record_count()));
  }

  Napi::Value RecordType(const Napi::CallbackInfo& info) {
    size_t record;
    if (!RecordOf(info, &record)) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), cursor().FieldsOf(record).type());
  }

  Napi::Value RecordText(const Napi::CallbackInfo& info) {
    size_t record;
    if (!RecordOf(info, &record)) return info.Env().Undefined();
    return Text(info.Env(), cursor().event().records[record].text);
  }

  Napi::Value RecordTextBytes(const Napi::CallbackInfo& info) {
    size_t record;
    if (!RecordOf(info, &record)) return info.Env().Undefined();
    return Bytes(info.Env(), cursor().event().records[record].text);
  }

  Napi::Value RecordInterpretations(const Napi::CallbackInfo& info) {
    size_t record;
    if (!RecordOf(info, &record)) return info.Env().Undefined();
    const Record& found = cursor().event().records[record];
    return found.has_interpretation ? Text(info.Env(), found.interpretation) : info.Env().Null();
  }

  // fields(record): name, value and type of each, a zero byte behind each: a string that JavaScript splits is several
  // times cheaper than an array of strings, and no field has a zero byte
  Napi::Value Fields(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    size_t record;
    if (!RecordOf(info, &record)) return env.Undefined();
    const RecordFields& fields = cursor().FieldsOf(record);
    std::string text;
    for (size_t i = 0; i < fields.count(); i++) {
      const FieldType type = TypeOfField(fields.type(), fields[i].name, fields[i].value);
      text.append(fields[i].name) += '\0';
      text.append(fields[i].value) += '\0';
      text.append(std::to_string(static_cast<unsigned>(type))) += '\0';
    }
    return Text(env, text);
  }

  // find(record, name): the number of the first field of that name, or -1
  Napi::Value Find(const Napi::CallbackInfo& info) {
    size_t record;
    if (!RecordOf(info, &record)) return info.Env().Undefined();
    const RecordFields& fields = cursor().FieldsOf(record);
    const std::string name = info[1].ToString().Utf8Value();
    for (size_t i = 0; i < fields.count(); i++) {
      if (fields[i].name == name) return Napi::Number::New(info.Env(), static_cast<double>(i));
    }
    return Napi::Number::New(info.Env(), -1);
  }

  Napi::Value ValueBytes(const Napi::CallbackInfo& info) {
    size_t record, field;
    if (!FieldOf(info, &record, &field)) return info.Env().Undefined();
    return Bytes(info.Env(), cursor().FieldsOf(record)[field].value);
  }

  Napi::Value Interpret(const Napi::CallbackInfo& info) {
    size_t record, field;
    if (!FieldOf(info, &record, &field)) return info.Env().Undefined();
    return Text(info.Env(), cursor().InterpretAt(record, field));
  }

  Napi::Value InterpretBytes(const Napi::CallbackInfo& info) {
    size_t record, field;
    if (!FieldOf(info, &record, &field)) return info.Env().Undefined();
    return Bytes(info.Env(), cursor().InterpretAt(record, field));
  }

  Napi::Value RealPath(const Napi::CallbackInfo& info) {
    size_t record, field;
    if (!FieldOf(info, &record, &field)) return info.Env().Undefined();
    return TextOrNull(info.Env(), cursor().InterpretRealPathAt(record, field));
  }

  // socketPart(record, field, part): 0 family, 1 port, 2 address
  Napi::Value SocketPartOf(const Napi::CallbackInfo& info) {
    size_t record, field;
    if (!FieldOf(info, &record, &field)) return info.Env().Undefined();
    const uint32_t part = info[2].ToNumber().Uint32Value();
    if (part > 2) {
      ThrowArguments(info.Env(), "socketPart(record, field, 0 to 2)");
      return info.Env().Undefined();
    }
    return TextOrNull(info.Env(), cursor().InterpretSocketPartAt(record, field, static_cast<SocketPart>(part)));
  }

  Napi::Value Boolean(const Napi::CallbackInfo& info, bool value) { return Napi::Boolean::New(info.Env(), value); }

  Napi::Value FirstRecord(const Napi::CallbackInfo& info) { return Boolean(info, cursor().FirstRecord()); }
  Napi::Value NextRecord(const Napi::CallbackInfo& info) { return Boolean(info, cursor().NextRecord()); }
  Napi::Value GotoRecord(const Napi::CallbackInfo& info) {
    return Boolean(info, cursor().GotoRecord(info[0].ToNumber().Uint32Value()));
  }
  // recordNumber(): -1 past the last one
  Napi::Value RecordNumber(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), cursor().HasRecord() ? static_cast<double>(cursor().record_number()) : -1);
  }
  Napi::Value FirstField(const Napi::CallbackInfo& info) { return Boolean(info, cursor().FirstField()); }
  Napi::Value NextField(const Napi::CallbackInfo& info) { return Boolean(info, cursor().NextField()); }
  Napi::Value GotoField(const Napi::CallbackInfo& info) {
    return Boolean(info, cursor().GotoField(info[0].ToNumber().Uint32Value()));
  }
  // fieldNumber(): -1 without a field
  Napi::Value FieldNumber(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), cursor().HasField() ? static_cast<double>(cursor().field_number()) : -1);
  }
  Napi::Value FindField(const Napi::CallbackInfo& info) {
    return Boolean(info, cursor().FindField(info[0].ToString().Utf8Value()));
  }
  Napi::Value FindNext(const Napi::CallbackInfo& info) {
    return Boolean(info, cursor().FindNext(info[0].ToString().Utf8Value()));
  }

  // Of places that lead to no field: null.
  Napi::Value Place(Napi::Env env, FieldPlace place) {
    if (!place.IsSet() || place.record >= cursor().record_count()) return env.Null();
    if (place.field >= cursor().FieldsOf(place.record).count()) return env.Null();
    Napi::Array pair = Napi::Array::New(env, 2);
    pair.Set(0u, Napi::Number::New(env, place.record));
    pair.Set(1u, Napi::Number::New(env, place.field));
    return pair;
  }

  Napi::Value Places(Napi::Env env, const std::vector<FieldPlace>& places) {
    Napi::Array list = Napi::Array::New(env);
    for (const FieldPlace place : places) {
      const Napi::Value found = Place(env, place);
      if (!found.IsNull()) list.Set(list.Length(), found);
    }
    return list;
  }

  // normalize(withAttributes, truePlaces): null when the event is not understood
  Napi::Value Normalize(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    static thread_local SystemUserNumbers users;
    Normalizer normalizer(users, info[1].ToBoolean() ? NotedPlaces::kTrue : NotedPlaces::kReference);
    const Normalized& result =
        normalizer.Normalize(cursor(), info[0].ToBoolean() ? WantedAttributes::kAll : WantedAttributes::kNone);
    if (!result.is_understood) return env.Null();
    const auto text = [env](std::string_view value) { return value.empty() ? env.Null() : Text(env, value); };
    Napi::Object object = Napi::Object::New(env);
    object.Set("eventKind", text(result.event_kind));
    object.Set("session", Place(env, result.session));
    object.Set("subjectPrimary", Place(env, result.subject.primary));
    object.Set("subjectSecondary", Place(env, result.subject.secondary));
    object.Set("subjectAttributes", Places(env, result.subject.attributes));
    object.Set("subjectKind", text(result.subject.kind));
    object.Set("action", text(result.action));
    object.Set("objectPrimary", Place(env, result.object.primary));
    object.Set("objectSecondary", Place(env, result.object.secondary));
    object.Set("objectPrimary2", Place(env, result.object.primary2));
    object.Set("objectAttributes", Places(env, result.object.attributes));
    object.Set("objectKind", text(NameOf(result.object.kind)));
    object.Set("results", Place(env, result.results));
    object.Set("how", TextOrNull(env, result.how));
    object.Set("key", Place(env, result.key));
    return object;
  }

  std::unique_ptr<EventView> view_;
};

// regcomp(3) with extended syntax.
class PosixRegexpObject final : public Napi::ObjectWrap<PosixRegexpObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "PosixRegexp", {InstanceMethod<&PosixRegexpObject::Test>("test")});
  }

  // (pattern); throws what regerror(3) says
  explicit PosixRegexpObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PosixRegexpObject>(info) {
    const std::string pattern = info[0].ToString().Utf8Value();
    const int error = regcomp(&regexp_, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
    is_compiled_ = error == 0;
    if (is_compiled_) return;
    char text[256];
    regerror(error, &regexp_, text, sizeof text);
    Napi::Error::New(info.Env(), text).ThrowAsJavaScriptException();
  }

  ~PosixRegexpObject() override {
    if (is_compiled_) regfree(&regexp_);
  }

 private:
  // test(bytes)
  Napi::Value Test(const Napi::CallbackInfo& info) {
    const std::string text(BytesOf(info[0]));
    return Napi::Boolean::New(info.Env(), regexec(&regexp_, text.c_str(), 0, nullptr, 0) == 0);
  }

  regex_t regexp_;
  bool is_compiled_ = false;
};

// forgetNames(): accounts changed; the next question goes to the system.
void ForgetNames(const Napi::CallbackInfo&) { SystemNames().Flush(); }

// recordTypeName(type): as tables name it, or null
Napi::Value TypeName(const Napi::CallbackInfo& info) {
  const std::string_view name = RecordTypeName(info[0].ToNumber().Int32Value());
  return name.empty() ? info.Env().Null() : Text(info.Env(), name);
}

// recordTypeNumber(name): -1 for what is none
Napi::Value TypeNumber(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), RecordTypeNumber(info[0].ToString().Utf8Value()));
}

// fieldTypeOfName(name)
Napi::Value FieldTypeOfName(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(TypeOfName(info[0].ToString().Utf8Value())));
}

// interpretArgument(arch, syscall, index, hexadecimal value, a0, a1): the text of a system call's argument
Napi::Value InterpretArgument(const Napi::CallbackInfo& info) {
  if (info.Length() != 6 || !info[3].IsString() || info[2].ToNumber().Uint32Value() > 3) {
    ThrowArguments(info.Env(), "interpretArgument(arch, syscall, 0 to 3, value, a0, a1)");
    return info.Env().Undefined();
  }
  CallContext call;
  call.machine = KnownMachine(info[0].ToNumber().Uint32Value(), KnownMachines::kAll);
  call.arch = CallContext::Arch::kKnown;
  call.syscall = info[1].ToNumber().Int32Value();
  call.a0 = static_cast<uint64_t>(info[4].ToNumber().Int64Value());
  call.a1 = static_cast<uint64_t>(info[5].ToNumber().Int64Value());
  std::string text;
  AppendSyscallArgument(info[2].ToNumber().Uint32Value(), info[3].ToString().Utf8Value(), call, SystemNames(), &text);
  return Text(info.Env(), text);
}

// findLogSet(path): the rotated set, oldest first; throws with errno when the log cannot be read
Napi::Value FindSet(const Napi::CallbackInfo& info) {
  const std::vector<LogInput> set = FindLogSet(info[0].ToString().Utf8Value());
  if (set.empty()) {
    ThrowSystemError(info.Env(), "open", errno);
    return info.Env().Undefined();
  }
  Napi::Array list = Napi::Array::New(info.Env(), set.size());
  for (size_t i = 0; i < set.size(); i++) list.Set(static_cast<uint32_t>(i), Text(info.Env(), set[i].path));
  return list;
}

}  // namespace

void ExportAuparse(Napi::Env env, Napi::Object exports) {
  exports.Set("LogReader", LogReaderObject::Define(env));
  exports.Set("LogFeed", LogFeedObject::Define(env));
  exports.Set("EventView", EventViewObject::Define(env));
  exports.Set("PosixRegexp", PosixRegexpObject::Define(env));
  exports.Set("forgetNames", Napi::Function::New<ForgetNames>(env));
  exports.Set("recordTypeName", Napi::Function::New<TypeName>(env));
  exports.Set("recordTypeNumber", Napi::Function::New<TypeNumber>(env));
  exports.Set("fieldTypeOfName", Napi::Function::New<FieldTypeOfName>(env));
  exports.Set("interpretArgument", Napi::Function::New<InterpretArgument>(env));
  exports.Set("findLogSet", Napi::Function::New<FindSet>(env));
}

}  // namespace audit
