#include "json_feed_addon.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json_feed.h"
#include "line_queue.h"

namespace audit {

namespace {

class JsonFeedObject;

// One step of a feed. The bytes are borrowed from JavaScript, which keeps them until the promise settles.
class JsonWork final : public Napi::AsyncWorker {
 public:
  enum class Kind { kFeed, kAge, kEnd, kTakeOpen };

  JsonWork(Napi::Env env, Kind kind, JsonFeedObject* feed);

  void Borrow(Napi::Array buffers) {
    kept_ = Napi::Persistent(buffers.As<Napi::Object>());
    for (uint32_t i = 0; i < buffers.Length(); i++) {
      const auto bytes = buffers.Get(i).As<Napi::Uint8Array>();
      parts_.emplace_back(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
    }
  }
  void set_now(int64_t now) { now_ = now; }
  Napi::Promise Promise() const { return deferred_.Promise(); }

  void Execute() override;
  void OnOK() override;

 private:
  const Kind kind_;
  JsonFeedObject* const feed_;
  Napi::ObjectReference owner_;  // the feed lives as long as this
  Napi::ObjectReference kept_;
  Napi::Promise::Deferred deferred_;
  std::vector<std::string_view> parts_;
  int64_t now_ = 0;
  std::string open_records_;
};

class JsonFeedObject final : public Napi::ObjectWrap<JsonFeedObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "JsonFeed",
                       {
                           InstanceMethod<&JsonFeedObject::Feed>("feed"),
                           InstanceMethod<&JsonFeedObject::Age>("age"),
                           InstanceMethod<&JsonFeedObject::End>("end"),
                           InstanceMethod<&JsonFeedObject::TakeOpen>("takeOpen"),
                           InstanceMethod<&JsonFeedObject::Take>("take"),
                           InstanceMethod<&JsonFeedObject::TakeFirst>("takeFirst"),
                           InstanceAccessor<&JsonFeedObject::HasOpenEvents>("hasOpenEvents"),
                       });
  }

  // (timeoutSeconds)
  explicit JsonFeedObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<JsonFeedObject>(info), feed_(info[0].ToNumber().Uint32Value()) {}

 private:
  friend class JsonWork;

  // feed(buffers): Promise<void>
  Napi::Value Feed(const Napi::CallbackInfo& info) {
    if (!info[0].IsArray()) return ThrowType(info.Env(), "feed(buffers)");
    return Start(info.Env(), JsonWork::Kind::kFeed, [&](JsonWork* work) { work->Borrow(info[0].As<Napi::Array>()); });
  }

  // age(nowSeconds): Promise<void>
  Napi::Value Age(const Napi::CallbackInfo& info) {
    const int64_t now = info[0].ToNumber().Int64Value();
    return Start(info.Env(), JsonWork::Kind::kAge, [now](JsonWork* work) { work->set_now(now); });
  }

  // end(): Promise<void>
  Napi::Value End(const Napi::CallbackInfo& info) {
    return Start(info.Env(), JsonWork::Kind::kEnd, [](JsonWork*) {});
  }

  // takeOpen(): Promise<records>
  Napi::Value TakeOpen(const Napi::CallbackInfo& info) {
    return Start(info.Env(), JsonWork::Kind::kTakeOpen, [](JsonWork*) {});
  }

  // take(out, offset): {records, bytes}
  Napi::Value Take(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (is_working_) return ThrowBusy(env);
    if (!info[0].IsTypedArray() || !info[1].IsNumber()) return ThrowType(env, "take(out, offset)");
    auto out = info[0].As<Napi::Uint8Array>();
    const size_t offset = info[1].ToNumber().Uint32Value();
    if (offset > out.ByteLength()) return ThrowType(env, "take: an offset behind the end");
    const LineQueue::Taken taken = lines_.Take(reinterpret_cast<char*>(out.Data()) + offset, out.ByteLength() - offset);
    const Napi::Object filling = Napi::Object::New(env);
    filling.Set("records", static_cast<double>(taken.lines));
    filling.Set("bytes", static_cast<double>(taken.bytes));
    return filling;
  }

  // takeFirst(): line | null
  Napi::Value TakeFirst(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (is_working_) return ThrowBusy(env);
    const std::string_view line = lines_.First();
    if (line.empty()) return env.Null();
    const auto copy = Napi::Buffer<char>::Copy(env, line.data(), line.size());
    lines_.DropFirst();
    return copy;
  }

  // Only between two steps.
  Napi::Value HasOpenEvents(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), feed_.open_events() > 0);
  }

  // The worker deletes itself.
  template <typename Prepare>
  Napi::Value Start(Napi::Env env, JsonWork::Kind kind, Prepare prepare) {
    if (is_working_) return ThrowBusy(env);
    is_working_ = true;
    auto* work = new JsonWork(env, kind, this);
    prepare(work);
    const Napi::Promise promise = work->Promise();
    work->Queue();
    return promise;
  }

  static Napi::Value ThrowType(Napi::Env env, const char* what) {
    Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
    return env.Undefined();
  }

  static Napi::Value ThrowBusy(Napi::Env env) {
    Napi::Error::New(env, "the feed takes one call at a time").ThrowAsJavaScriptException();
    return env.Undefined();
  }

  JsonFeed feed_;
  LineQueue lines_;
  bool is_working_ = false;
};

JsonWork::JsonWork(Napi::Env env, Kind kind, JsonFeedObject* feed)
    : Napi::AsyncWorker(env, "audit-json"),
      kind_(kind),
      feed_(feed),
      owner_(Napi::Persistent(feed->Value())),
      deferred_(Napi::Promise::Deferred::New(env)) {}

void JsonWork::Execute() {
  std::string* const lines = feed_->lines_.text();
  switch (kind_) {
    case Kind::kFeed:
      for (const std::string_view part : parts_) feed_->feed_.Feed(part, lines);
      return;
    case Kind::kAge:
      return feed_->feed_.Age(now_, lines);
    case Kind::kEnd:
      return feed_->feed_.End(lines);
    case Kind::kTakeOpen:
      return feed_->feed_.TakeOpen(&open_records_);
  }
}

void JsonWork::OnOK() {
  Napi::HandleScope scope(Env());
  feed_->is_working_ = false;
  if (kind_ != Kind::kTakeOpen) return deferred_.Resolve(Env().Undefined());
  deferred_.Resolve(Napi::Buffer<char>::Copy(Env(), open_records_.data(), open_records_.size()));
}

}  // namespace

void ExportJsonFeed(Napi::Env env, Napi::Object exports) { exports.Set("JsonFeed", JsonFeedObject::Define(env)); }

}  // namespace audit
