// A search as a JavaScript object: what is asked for crosses once, the answer once; in between there is only progress.
#include "search_addon.h"

#include <memory>
#include <string>

#include "local_clock.h"
#include "search.h"
#include "search_inputs.h"

namespace audit {

namespace {

// Byte strings cross as buffers.
std::string Bytes(const Napi::Value& value) {
  const auto buffer = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(buffer.Data()), buffer.ByteLength()};
}

std::optional<std::string> OptionalBytes(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsTypedArray()) return std::nullopt;
  return Bytes(value);
}

template <typename T>
std::optional<T> OptionalNumber(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (value.IsBigInt()) {
    bool lossless;
    return static_cast<T>(value.As<Napi::BigInt>().Int64Value(&lossless));
  }
  if (!value.IsNumber()) return std::nullopt;
  return static_cast<T>(value.As<Napi::Number>().Int64Value());
}

bool Flag(const Napi::Object& from, const char* name) { return from.Get(name).ToBoolean(); }

Criteria ReadCriteria(const Napi::Object& from) {
  Criteria criteria;
  criteria.serial = OptionalNumber<uint32_t>(from, "serial");
  const auto nodes = from.Get("nodes").As<Napi::Array>();
  for (uint32_t i = 0; i < nodes.Length(); i++) criteria.nodes.push_back(Bytes(nodes.Get(i)));
  const auto types = from.Get("types").As<Napi::Array>();
  for (uint32_t i = 0; i < types.Length(); i++) criteria.types.push_back(types.Get(i).ToNumber().Int32Value());
  criteria.uid = OptionalNumber<uint32_t>(from, "uid");
  criteria.euid = OptionalNumber<uint32_t>(from, "euid");
  criteria.auid = OptionalNumber<uint32_t>(from, "auid");
  criteria.uid_name = OptionalBytes(from, "uidName");
  criteria.euid_name = OptionalBytes(from, "euidName");
  criteria.auid_name = OptionalBytes(from, "auidName");
  criteria.users = from.Get("users").ToString().Utf8Value() == "any" ? Together::kAny : Together::kAll;
  criteria.gid = OptionalNumber<uint32_t>(from, "gid");
  criteria.egid = OptionalNumber<uint32_t>(from, "egid");
  criteria.groups = from.Get("groups").ToString().Utf8Value() == "any" ? Together::kAny : Together::kAll;
  criteria.pid = OptionalNumber<int32_t>(from, "pid");
  criteria.ppid = OptionalNumber<int32_t>(from, "ppid");
  criteria.arch = OptionalNumber<uint32_t>(from, "arch");
  criteria.syscall = OptionalNumber<int32_t>(from, "syscall");
  criteria.session = OptionalNumber<uint32_t>(from, "session");
  criteria.exit = OptionalNumber<int64_t>(from, "exit");
  const Napi::Value success = from.Get("success");
  if (success.IsBoolean()) criteria.success = success.As<Napi::Boolean>().Value();
  criteria.whole_words = Flag(from, "matchesWholeWords");
  criteria.file = OptionalBytes(from, "file");
  criteria.host = OptionalBytes(from, "host");
  criteria.terminal = OptionalBytes(from, "terminal");
  criteria.exe = OptionalBytes(from, "exe");
  criteria.comm = OptionalBytes(from, "comm");
  criteria.key = OptionalBytes(from, "key");
  criteria.vm = OptionalBytes(from, "vm");
  criteria.uuid = OptionalBytes(from, "uuid");
  criteria.subject = OptionalBytes(from, "subject");
  criteria.object = OptionalBytes(from, "object");
  criteria.either_context = Flag(from, "acceptsEitherContext");
  return criteria;
}

// Numbers of the enumerations in src/binding/search.ts.
SearchOptions ReadOptions(const Napi::Object& from) {
  SearchOptions options;
  options.criteria = ReadCriteria(from.Get("criteria").As<Napi::Object>());
  options.format = static_cast<SearchFormat>(from.Get("format").ToNumber().Uint32Value());
  options.escape = static_cast<EscapeMode>(from.Get("escape").ToNumber().Uint32Value());
  const auto csv = from.Get("csv").As<Napi::Object>();
  options.csv = {Flag(csv, "keys"), Flag(csv, "labels"), Flag(csv, "object2"), Flag(csv, "time")};
  options.stops_after_first = Flag(from, "stopsAfterFirst");
  options.reports_malformed = Flag(from, "reportsMalformed");
  options.builds_index = Flag(from, "buildsIndex");
  options.notes_checkpoint = Flag(from, "notesCheckpoint");
  options.output = from.Get("output").ToNumber().Int32Value();
  options.errors = from.Get("errors").ToNumber().Int32Value();
  options.output_is_terminal = Flag(from, "outputIsTerminal");
  options.errors_is_terminal = Flag(from, "errorsIsTerminal");
  if (from.Get("after").IsObject()) {
    const auto after = from.Get("after").As<Napi::Object>();
    Checkpoint checkpoint;
    checkpoint.stamp.seconds = after.Get("seconds").ToNumber().Int64Value();
    checkpoint.stamp.milliseconds = static_cast<uint16_t>(after.Get("milliseconds").ToNumber().Uint32Value());
    checkpoint.stamp.serial = after.Get("serial").ToNumber().Uint32Value();
    checkpoint.type = after.Get("type").ToNumber().Int32Value();
    if (const auto node = OptionalBytes(after, "node"); node.has_value()) {
      checkpoint.has_node = true;
      checkpoint.node = *node;
    }
    checkpoint.by_time = Flag(after, "byTime");
    options.after = checkpoint;
  }
  return options;
}

ScanOptions ReadScan(const Napi::Object& from) {
  ScanOptions scan;
  scan.end_of_event_timeout = from.Get("endOfEventTimeoutSeconds").ToNumber().Uint32Value();
  scan.lines.start = OptionalNumber<int64_t>(from, "start").value_or(INT64_MIN);
  scan.lines.end = OptionalNumber<int64_t>(from, "end").value_or(INT64_MAX);
  scan.follow = Flag(from, "follows");
  if (Flag(from, "notesCheckpoint")) scan.end = GroupEnd::kCompleteFinal;
  return scan;
}

InputWish ReadInput(const Napi::Object& from, const ScanOptions& scan) {
  InputWish wish;
  const std::string kind = from.Get("kind").ToString().Utf8Value();
  wish.path = Bytes(from.Get("path"));
  if (kind == "descriptor") {
    wish.kind = InputWish::Kind::kDescriptor;
    wish.descriptor = from.Get("descriptor").ToNumber().Int32Value();
  } else if (kind == "set") {
    wish.kind = InputWish::Kind::kSet;
    if (from.Get("first").IsObject()) {
      const auto first = from.Get("first").As<Napi::Object>();
      bool lossless;
      wish.first = FileIdentity{first.Get("device").As<Napi::BigInt>().Uint64Value(&lossless),
                                first.Get("inode").As<Napi::BigInt>().Uint64Value(&lossless)};
    }
    if (scan.lines.start != INT64_MIN) wish.start = scan.lines.start;
  }
  return wish;
}

struct Work {
  SearchOptions options;
  ScanOptions scan;
  InputWish wish;
  ScanControl control;
  // Filled in by the worker.
  InputChoice choice;
  SearchResult result;
  std::optional<FileIdentity> last_file;
};

class SearchWorker final : public Napi::AsyncWorker {
 public:
  SearchWorker(Napi::Env env, std::shared_ptr<Work> work)
      : Napi::AsyncWorker(env), work_(std::move(work)), deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

  void Execute() override {
    work_->choice = ChooseInputs(work_->wish);
    if (work_->choice.inputs.empty()) return;
    work_->scan.inputs = work_->choice.inputs;
    work_->scan.control = &work_->control;
    work_->result = RunSearch(work_->options, work_->scan);
    const size_t file = work_->result.scan.file;
    if (file < work_->choice.inputs.size()) work_->last_file = IdentityOf(work_->choice.inputs[file]);
  }

  void OnOK() override { deferred_.Resolve(Answer()); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Value Count(uint64_t value) const { return Napi::Number::New(Env(), static_cast<double>(value)); }
  Napi::Value Bytes(const std::string& bytes) const {
    return Napi::Buffer<char>::Copy(Env(), bytes.data(), bytes.size());
  }

  Napi::Value Failure(const std::string& path, int error) const {
    Napi::Object failure = Napi::Object::New(Env());
    failure.Set("path", Bytes(path));
    failure.Set("errno", Napi::Number::New(Env(), error));
    return failure;
  }

  Napi::Value Answer() const {
    const Napi::Env env = Env();
    Napi::Object answer = Napi::Object::New(env);
    const ScanResult& scan = work_->result.scan;
    answer.Set("isFirstFileMissing", Napi::Boolean::New(env, work_->choice.is_first_missing));
    Napi::Value failure = env.Null();
    if (work_->choice.error != 0) {
      failure = Failure(work_->wish.path, work_->choice.error);
    } else if (scan.end == ScanResult::End::kFailed) {
      failure = Failure(scan.path, scan.error);
    }
    answer.Set("failure", failure);
    answer.Set("matches", Count(work_->result.matches));
    answer.Set("outputErrno", Napi::Number::New(env, work_->result.output_error));
    answer.Set("isCancelled", Napi::Boolean::New(env, scan.end == ScanResult::End::kCancelled));
    Napi::Array damaged = Napi::Array::New(env);
    for (size_t i = 0; i < scan.damaged.size(); i++) {
      Napi::Object entry = Napi::Object::New(env);
      entry.Set("path", Bytes(work_->choice.inputs[scan.damaged[i].file].path));
      entry.Set("damage", Napi::Number::New(env, static_cast<int>(scan.damaged[i].damage)));
      damaged.Set(static_cast<uint32_t>(i), entry);
    }
    answer.Set("damaged", damaged);
    answer.Set("statistics", Statistics());
    answer.Set("last", Last());
    Napi::Value corrupted = env.Null();
    if (work_->result.corrupted_by.has_value()) {
      const Stamp& stamp = *work_->result.corrupted_by;
      Napi::Object event = Napi::Object::New(env);
      event.Set("seconds", Napi::Number::New(env, static_cast<double>(stamp.seconds)));
      event.Set("milliseconds", Napi::Number::New(env, stamp.milliseconds));
      event.Set("serial", Napi::Number::New(env, stamp.serial));
      corrupted = event;
    }
    answer.Set("corruptedBy", corrupted);
    return answer;
  }

  Napi::Value Statistics() const {
    const ScanStats& stats = work_->result.scan.stats;
    Napi::Object statistics = Napi::Object::New(Env());
    statistics.Set("files", Count(work_->choice.inputs.size()));
    statistics.Set("bytes", Count(stats.bytes));
    statistics.Set("lines", Count(stats.lines.lines));
    statistics.Set("records", Count(stats.lines.records));
    statistics.Set("recordsOutOfRange", Count(stats.lines.out_of_range));
    statistics.Set("malformedLines", Count(stats.lines.malformed));
    statistics.Set("cutLines", Count(stats.lines.cut));
    statistics.Set("events", Count(stats.groups.events));
    statistics.Set("earlyEvents", Count(stats.groups.early_events));
    statistics.Set("eventsRead", Count(stats.consumed));
    statistics.Set("malformedEvents", Count(work_->result.malformed_events));
    return statistics;
  }

  // For the checkpoint: null where there is no file, as with standard input.
  Napi::Value Last() const {
    const Napi::Env env = Env();
    if (!work_->last_file.has_value()) return env.Null();
    Napi::Object last = Napi::Object::New(env);
    last.Set("device", Napi::BigInt::New(env, work_->last_file->device));
    last.Set("inode", Napi::BigInt::New(env, work_->last_file->inode));
    Napi::Value event = env.Null();
    if (work_->result.last.has_value()) {
      const Checkpoint& checkpoint = *work_->result.last;
      Napi::Object noted = Napi::Object::New(env);
      noted.Set("seconds", Napi::Number::New(env, static_cast<double>(checkpoint.stamp.seconds)));
      noted.Set("milliseconds", Napi::Number::New(env, checkpoint.stamp.milliseconds));
      noted.Set("serial", Napi::Number::New(env, checkpoint.stamp.serial));
      noted.Set("type", Napi::Number::New(env, checkpoint.type));
      noted.Set("node", checkpoint.has_node ? Bytes(checkpoint.node) : env.Null());
      event = noted;
    }
    last.Set("event", event);
    return last;
  }

  std::shared_ptr<Work> work_;
  Napi::Promise::Deferred deferred_;
};

// One search; run() once.
class LogSearch final : public Napi::ObjectWrap<LogSearch> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "LogSearch",
                       {
                           InstanceMethod<&LogSearch::Run>("run"),
                           InstanceMethod<&LogSearch::Cancel>("cancel"),
                           InstanceMethod<&LogSearch::Progress>("progress"),
                       });
  }

  explicit LogSearch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LogSearch>(info) {
    if (info.Length() != 1 || !info[0].IsObject()) {
      Napi::TypeError::New(info.Env(), "LogSearch(request)").ThrowAsJavaScriptException();
      return;
    }
    const auto request = info[0].As<Napi::Object>();
    work_ = std::make_shared<Work>();
    work_->options = ReadOptions(request);
    work_->scan = ReadScan(request);
    work_->wish = ReadInput(request.Get("input").As<Napi::Object>(), work_->scan);
  }

 private:
  Napi::Value Run(const Napi::CallbackInfo& info) {
    UseTimeLocale();
    auto* worker = new SearchWorker(info.Env(), work_);
    const Napi::Promise promise = worker->Promise();
    worker->Queue();
    return promise;
  }

  void Cancel(const Napi::CallbackInfo&) { work_->control.Cancel(); }

  Napi::Value Progress(const Napi::CallbackInfo& info) {
    Napi::Object progress = Napi::Object::New(info.Env());
    progress.Set("bytes", static_cast<double>(work_->control.bytes.load()));
    progress.Set("size", static_cast<double>(work_->control.size.load()));
    progress.Set("events", static_cast<double>(work_->control.events.load()));
    return progress;
  }

  std::shared_ptr<Work> work_;
};

// localTime(seconds): [year, month, day, hours, minutes, seconds, weekday, isDst]
Napi::Value LocalTimeOf(const Napi::CallbackInfo& info) {
  const time_t seconds = info[0].ToNumber().Int64Value();
  tm parts = {};
  localtime_r(&seconds, &parts);
  const int numbers[] = {parts.tm_year + 1900, parts.tm_mon, parts.tm_mday, parts.tm_hour,
                         parts.tm_min,         parts.tm_sec, parts.tm_wday, parts.tm_isdst};
  Napi::Array fields = Napi::Array::New(info.Env());
  for (uint32_t i = 0; i < std::size(numbers); i++) fields.Set(i, Napi::Number::New(info.Env(), numbers[i]));
  return fields;
}

// makeTime(year, month, day, hours, minutes, seconds, isDst): seconds, or null
Napi::Value MakeTimeOf(const Napi::CallbackInfo& info) {
  const auto number = [&info](size_t i) { return info[i].ToNumber().Int32Value(); };
  tm parts = {};
  parts.tm_year = number(0) - 1900;
  parts.tm_mon = number(1);
  parts.tm_mday = number(2);
  parts.tm_hour = number(3);
  parts.tm_min = number(4);
  parts.tm_sec = number(5);
  parts.tm_isdst = number(6);
  int64_t seconds;
  if (!MakeTime(&parts, &seconds)) return info.Env().Null();
  return Napi::Number::New(info.Env(), static_cast<double>(seconds));
}

// readDate(word): [year, month, day, bytes taken], or null
Napi::Value ReadDateOf(const Napi::CallbackInfo& info) {
  const std::string word = Bytes(info[0]);
  tm parts = {};
  const size_t taken = ReadDate(word.c_str(), &parts);
  if (taken == 0) return info.Env().Null();
  const size_t numbers[] = {static_cast<size_t>(parts.tm_year + 1900), static_cast<size_t>(parts.tm_mon),
                            static_cast<size_t>(parts.tm_mday), taken};
  Napi::Array fields = Napi::Array::New(info.Env());
  for (uint32_t i = 0; i < std::size(numbers); i++) {
    fields.Set(i, Napi::Number::New(info.Env(), static_cast<double>(numbers[i])));
  }
  return fields;
}

// readTimeOfDay(word): [hours, minutes, seconds, bytes taken], or null
Napi::Value ReadTimeOfDayOf(const Napi::CallbackInfo& info) {
  const std::string word = Bytes(info[0]);
  tm parts = {};
  const size_t taken = ReadTimeOfDay(word.c_str(), &parts);
  if (taken == 0) return info.Env().Null();
  const int numbers[] = {parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(taken)};
  Napi::Array fields = Napi::Array::New(info.Env());
  for (uint32_t i = 0; i < std::size(numbers); i++) fields.Set(i, Napi::Number::New(info.Env(), numbers[i]));
  return fields;
}

}  // namespace

void ExportSearch(Napi::Env env, Napi::Object exports) {
  exports.Set("LogSearch", LogSearch::Define(env));
  exports.Set("localTime", Napi::Function::New<LocalTimeOf>(env));
  exports.Set("makeTime", Napi::Function::New<MakeTimeOf>(env));
  exports.Set("readDate", Napi::Function::New<ReadDateOf>(env));
  exports.Set("readTimeOfDay", Napi::Function::New<ReadTimeOfDayOf>(env));
}

}  // namespace audit
