#include "json_feed_addon.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json_feed.h"

namespace audit {

namespace {

// One step of a feed. The bytes are borrowed from JavaScript, which keeps them until the promise settles.
class JsonWork final : public Napi::AsyncWorker {
 public:
  enum class Kind { kFeed, kAge, kEnd, kTakeOpen };

  JsonWork(Napi::Env env, Kind kind, JsonFeed& feed, Napi::Object owner)
      : Napi::AsyncWorker(env, "audit-json"),
        kind_(kind),
        feed_(feed),
        owner_(Napi::Persistent(owner)),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  void Borrow(Napi::Array buffers) {
    kept_ = Napi::Persistent(buffers.As<Napi::Object>());
    for (uint32_t i = 0; i < buffers.Length(); i++) {
      const auto bytes = buffers.Get(i).As<Napi::Uint8Array>();
      parts_.emplace_back(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
    }
  }
  void set_now(int64_t now) { now_ = now; }
  Napi::Promise Promise() const { return deferred_.Promise(); }

  void Execute() override {
    switch (kind_) {
      case Kind::kFeed:
        for (const std::string_view part : parts_) feed_.Feed(part, &lines_);
        return;
      case Kind::kAge:
        return feed_.Age(now_, &lines_);
      case Kind::kEnd:
        return feed_.End(&lines_);
      case Kind::kTakeOpen:
        return feed_.TakeOpen(&lines_);
    }
  }

  void OnOK() override {
    Napi::HandleScope scope(Env());
    deferred_.Resolve(Napi::Buffer<char>::Copy(Env(), lines_.data(), lines_.size()));
  }

 private:
  const Kind kind_;
  JsonFeed& feed_;
  Napi::ObjectReference owner_;  // the feed lives as long as this
  Napi::ObjectReference kept_;
  Napi::Promise::Deferred deferred_;
  std::vector<std::string_view> parts_;
  int64_t now_ = 0;
  std::string lines_;
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
                           InstanceAccessor<&JsonFeedObject::HasOpenEvents>("hasOpenEvents"),
                       });
  }

  // (timeoutSeconds)
  explicit JsonFeedObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<JsonFeedObject>(info), feed_(info[0].ToNumber().Uint32Value()) {}

 private:
  // feed(buffers): Promise<lines>
  Napi::Value Feed(const Napi::CallbackInfo& info) {
    if (!info[0].IsArray()) {
      Napi::TypeError::New(info.Env(), "feed(buffers)").ThrowAsJavaScriptException();
      return info.Env().Undefined();
    }
    auto* work = NewWork(info, JsonWork::Kind::kFeed);
    work->Borrow(info[0].As<Napi::Array>());
    return Start(work);
  }

  // age(nowSeconds): Promise<lines>
  Napi::Value Age(const Napi::CallbackInfo& info) {
    auto* work = NewWork(info, JsonWork::Kind::kAge);
    work->set_now(info[0].ToNumber().Int64Value());
    return Start(work);
  }

  // end(): Promise<lines>
  Napi::Value End(const Napi::CallbackInfo& info) { return Start(NewWork(info, JsonWork::Kind::kEnd)); }

  // takeOpen(): Promise<records>
  Napi::Value TakeOpen(const Napi::CallbackInfo& info) { return Start(NewWork(info, JsonWork::Kind::kTakeOpen)); }

  // Only between two steps.
  Napi::Value HasOpenEvents(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), feed_.open_events() > 0);
  }

  JsonWork* NewWork(const Napi::CallbackInfo& info, JsonWork::Kind kind) {
    return new JsonWork(info.Env(), kind, feed_, info.This().As<Napi::Object>());
  }

  // The worker deletes itself.
  static Napi::Value Start(JsonWork* work) {
    const Napi::Promise promise = work->Promise();
    work->Queue();
    return promise;
  }

  JsonFeed feed_;
};

}  // namespace

void ExportJsonFeed(Napi::Env env, Napi::Object exports) { exports.Set("JsonFeed", JsonFeedObject::Define(env)); }

}  // namespace audit
