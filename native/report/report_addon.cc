// Checks arguments, starts a thread for the report, turns its result into a value. No logic.
#include "report_addon.h"

#include <malloc.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

#include "../interpret/log_time.h"
#include "report_scan.h"

namespace audit {

namespace {

constexpr uint8_t kHighestEscape = 3;
constexpr uint8_t kHighestFormat = 2;

// What the thread and the JavaScript object share.
struct SharedRun {
  ReportRun run;
  ScanOptions scan;
  ScanControl control;
  std::string path;  // what was asked for: a file, or the newest of a set
};

// startReport()'s thread: Node's own pool, so that a process that exits waits for nothing.
class ReportWorker final : public Napi::AsyncWorker {
 public:
  ReportWorker(Napi::Env env, std::shared_ptr<SharedRun> shared)
      : AsyncWorker(env), shared_(std::move(shared)), deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }

  // Off the event loop.
  void Execute() override {
    if (shared_->scan.inputs.empty()) {
      // A set: the log and its rotated files.
      std::vector<LogInput> set = FindLogSet(shared_->path);
      if (set.empty()) {
        result_.scan.end = ScanResult::End::kFailed;
        result_.scan.path = shared_->path;
        result_.scan.error = errno;
        return;
      }
      const int64_t start = shared_->scan.lines.start;
      const size_t first = start == INT64_MIN ? 0 : FirstWanted(set, start);
      shared_->scan.inputs.assign(set.begin() + static_cast<std::ptrdiff_t>(first), set.end());
    }
    result_ = RunReport(shared_->run, shared_->scan);
  }

  void OnOK() override { deferred_.Resolve(ToValue(Env())); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  static Napi::Value Milliseconds(Napi::Env env, const Stamp& stamp) {
    return Napi::Number::New(env, static_cast<double>(stamp.seconds) * 1000 + stamp.milliseconds);
  }

  Napi::Value ToValue(Napi::Env env) {
    Napi::Object value = Napi::Object::New(env);
    const ScanResult& scan = result_.scan;
    value.Set("isComplete", scan.end == ScanResult::End::kComplete);
    value.Set("hasRows", result_.has_rows);
    value.Set("rest", Napi::Buffer<char>::Copy(env, result_.rest.data(), result_.rest.size()));
    value.Set("outputErrno", result_.output_error);
    // With a start time the reference names the first record that is older, or newer than the end.
    const LineCounts& lines = scan.stats.lines;
    const bool has_start = shared_->scan.lines.start != INT64_MIN;
    const Stamp& first = has_start ? lines.first_out_of_range : lines.first;
    value.Set("first", first.seconds != 0 ? Milliseconds(env, first) : env.Null());
    value.Set("malformedEvents", static_cast<double>(result_.malformed_events));
    value.Set("malformedLines", static_cast<double>(scan.stats.lines.malformed));
    value.Set("bytes", static_cast<double>(scan.stats.bytes));
    value.Set("events", static_cast<double>(scan.stats.groups.events));
    if (scan.end == ScanResult::End::kFailed) {
      Napi::Object failure = Napi::Object::New(env);
      failure.Set("path", Bytes(env, scan.path));
      failure.Set("errno", scan.error);
      failure.Set("isOpening", scan.failed_to_open);
      value.Set("failure", failure);
    } else {
      value.Set("failure", env.Null());
    }
    Napi::Array inputs = Napi::Array::New(env, result_.ranges.size());
    for (uint32_t index = 0; index < result_.ranges.size(); index++) {
      const LogRange& range = result_.ranges[index];
      Napi::Object input = Napi::Object::New(env);
      input.Set("path", Bytes(env, shared_->scan.inputs[index].path));
      input.Set("first", range.has_events ? Milliseconds(env, range.first) : env.Null());
      input.Set("last", range.has_events ? Milliseconds(env, range.last) : env.Null());
      inputs.Set(index, input);
    }
    value.Set("inputs", inputs);
    Napi::Array damaged = Napi::Array::New(env, scan.damaged.size());
    for (uint32_t index = 0; index < scan.damaged.size(); index++) {
      damaged.Set(index, Bytes(env, shared_->scan.inputs[scan.damaged[index].file].path));
    }
    value.Set("damaged", damaged);
    return value;
  }

  static Napi::Value Bytes(Napi::Env env, const std::string& bytes) {
    return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
  }

  const std::shared_ptr<SharedRun> shared_;
  const Napi::Promise::Deferred deferred_;
  ReportResult result_;
};

std::string BytesOf(const Napi::Value& value) {
  if (!value.IsBuffer()) return {};
  const auto buffer = value.As<Napi::Buffer<char>>();
  return {buffer.Data(), buffer.Length()};
}

bool Flag(const Napi::Object& options, const char* name) { return options.Get(name).ToBoolean().Value(); }

uint32_t Number(const Napi::Object& options, const char* name) { return options.Get(name).ToNumber().Uint32Value(); }

Napi::Value Refuse(Napi::Env env, const char* what) {
  Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
  return env.Undefined();
}

// By itself glibc takes the first large block that is freed for a sign that such blocks are better kept. What the open
// events of a burst held would then stay with the process: a quarter of its memory.
void ReturnLargeBlocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

// startReport(options): see ReportAddon in src/binding/report.ts.
Napi::Value StartReport(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsObject()) return Refuse(env, "options: expected an object");
  const Napi::Object options = info[0].As<Napi::Object>();
  auto shared = std::make_shared<SharedRun>();

  ReportOptions& report = shared->run.report;
  const uint32_t kind = Number(options, "kind");
  const uint32_t escape = Number(options, "escape");
  const uint32_t format = Number(options, "format");
  if (kind >= kReportKinds || escape > kHighestEscape || format > kHighestFormat) {
    return Refuse(env, "kind, escape, format: expected a number that has a meaning");
  }
  report.kind = static_cast<ReportKind>(kind);
  report.escape = static_cast<EscapeMode>(escape);
  report.format = static_cast<ReportFormat>(format);
  report.is_summary = Flag(options, "isSummary");
  report.is_interpreted = Flag(options, "isInterpreted");
  report.is_for_terminal = Flag(options, "outputIsTerminal");
  report.is_additions = Flag(options, "isAdditions");
  report.is_deletions = Flag(options, "isDeletions");
  report.leaves_out_config = Flag(options, "leavesOutConfig");
  const Napi::Value is_success = options.Get("isSuccess");
  if (is_success.IsBoolean()) report.only = is_success.ToBoolean() ? Success::kYes : Success::kNo;
  if (!options.Get("nodes").IsArray() || !options.Get("input").IsObject()) {
    return Refuse(env, "nodes, input: expected an array and an object");
  }
  const Napi::Array nodes = options.Get("nodes").As<Napi::Array>();
  for (uint32_t index = 0; index < nodes.Length(); index++) report.nodes.push_back(BytesOf(nodes.Get(index)));

  shared->run.reports_malformed = Flag(options, "reportsMalformed");
  shared->run.output = options.Get("output").ToNumber().Int32Value();
  shared->run.errors = options.Get("errors").ToNumber().Int32Value();
  shared->run.errors_is_terminal = Flag(options, "errorsIsTerminal");

  ScanOptions& scan = shared->scan;
  scan.control = &shared->control;
  scan.end_of_event_timeout = Number(options, "endOfEventTimeout");
  const Napi::Value start = options.Get("start");
  const Napi::Value end = options.Get("end");
  if (start.IsNumber()) scan.lines.start = start.ToNumber().Int64Value();
  if (end.IsNumber()) scan.lines.end = end.ToNumber().Int64Value();
  const Napi::Object input = options.Get("input").ToObject();
  const std::string input_kind = input.Get("kind").ToString();
  shared->path = BytesOf(input.Get("path"));
  if (input_kind == "descriptor") {
    scan.inputs.push_back(LogInput::Descriptor(input.Get("descriptor").ToNumber().Int32Value(), shared->path));
  } else if (input_kind == "file") {
    scan.inputs.push_back(LogInput::File(shared->path));
  }

  ReturnLargeBlocks();
  auto* const worker = new ReportWorker(env, shared);
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("finished", worker->Promise());
  handle.Set("cancel", Napi::Function::New(env, [shared](const Napi::CallbackInfo&) { shared->control.Cancel(); }));
  handle.Set("progress", Napi::Function::New(env, [shared](const Napi::CallbackInfo& call) -> Napi::Value {
               Napi::Object progress = Napi::Object::New(call.Env());
               progress.Set("bytes", static_cast<double>(shared->control.bytes.load()));
               progress.Set("size", static_cast<double>(shared->control.size.load()));
               progress.Set("events", static_cast<double>(shared->control.events.load()));
               return progress;
             }));
  worker->Queue();
  return handle;
}

// reportTime(seconds): local date and time in the locale's form.
Napi::Value ReportTime(const Napi::CallbackInfo& info) {
  LogTime time;
  std::string text;
  time.AppendDateTime(info[0].ToNumber().Int64Value(), &text);
  return Napi::String::New(info.Env(), text);
}

// reportCtime(seconds): ctime(3) without its newline.
Napi::Value ReportCtime(const Napi::CallbackInfo& info) {
  const time_t time = info[0].ToNumber().Int64Value();
  char text[64];
  if (ctime_r(&time, text) == nullptr) return Napi::String::New(info.Env(), "?");
  return Napi::String::New(info.Env(), text, strcspn(text, "\n"));
}

}  // namespace

void ExportReport(Napi::Env env, Napi::Object exports) {
  exports.Set("reportTime", Napi::Function::New(env, ReportTime));
  exports.Set("reportCtime", Napi::Function::New(env, ReportCtime));
  exports.Set("startReport", Napi::Function::New(env, StartReport));
}

}  // namespace audit
