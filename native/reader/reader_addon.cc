// The reader and the formatter as JavaScript objects: argument checks, lifetimes, nothing else.
#include "reader_addon.h"

#include <errno.h>

#include <memory>
#include <string>

#include "../errors.h"
#include "../system/accounts.h"
#include "audit_socket.h"
#include "reader.h"
#include "recorded_log.h"

namespace audit {

namespace {

// Wakes the event loop from the reader thread. Shared, as either may be the last to go.
class LoopWaker {
 public:
  explicit LoopWaker(Napi::Function callback)
      : function_(Napi::ThreadSafeFunction::New(callback.Env(), callback, "audit-reader", 0, 1)) {}

  // Reader thread.
  static void Wake(void* context) {
    auto* self = static_cast<LoopWaker*>(context);
    if (self->closed_) return;
    // napi_closing: the environment goes away, and this function with it.
    if (self->function_.NonBlockingCall() == napi_closing) self->closed_ = true;
  }

  // Event loop, once the thread is gone.
  void Release() {
    if (!closed_) function_.Release();
    closed_ = true;
  }

 private:
  Napi::ThreadSafeFunction function_;
  std::atomic<bool> closed_{false};
};

class AuditReader final : public Napi::ObjectWrap<AuditReader> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "AuditReader",
                       {
                           InstanceMethod<&AuditReader::RequestRegistration>("requestRegistration"),
                           InstanceMethod<&AuditReader::IsRegistered>("isRegistered"),
                           InstanceMethod<&AuditReader::Start>("start"),
                           InstanceMethod<&AuditReader::Reformat>("reformat"),
                           InstanceMethod<&AuditReader::Stop>("stop"),
                           InstanceMethod<&AuditReader::Leave>("leave"),
                           InstanceMethod<&AuditReader::CameUp>("cameUp"),
                           InstanceMethod<&AuditReader::Descriptors>("descriptors"),
                           InstanceMethod<&AuditReader::Abandon>("abandon"),
                           InstanceMethod<&AuditReader::Acknowledge>("acknowledge"),
                           InstanceMethod<&AuditReader::Close>("close"),
                           InstanceAccessor<&AuditReader::IsFinished>("isFinished"),
                           InstanceAccessor<&AuditReader::IsSettled>("isSettled"),
                           InstanceAccessor<&AuditReader::IsReadable>("isReadable"),
                           InstanceAccessor<&AuditReader::StagedFound>("stagedFound"),
                           InstanceAccessor<&AuditReader::Memory>("memory"),
                           InstanceAccessor<&AuditReader::SocketInode>("socketInode"),
                           InstanceAccessor<&AuditReader::ReceiveBytes>("receiveBytes"),
                           InstanceAccessor<&AuditReader::ReceiveBytesGranted>("receiveBytesGranted"),
                       });
  }

  // (ring: {bytes, memfd | null}, source: {kind: 'kernel', receiveBytes, registered, held, window} |
  //  {kind: 'observe', receiveBytes} | {kind: 'recorded', fd}, enriched, node, coalesceMicroseconds, onReadable)
  explicit AuditReader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<AuditReader>(info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 6 || !info[0].IsObject() || !info[1].IsObject() || !info[2].IsBoolean() ||
        !info[3].IsString() || !info[4].IsNumber() || !info[5].IsFunction()) {
      Napi::TypeError::New(env, "AuditReader(ring, source, enriched, node, coalesceMicroseconds, onReadable)")
          .ThrowAsJavaScriptException();
      return;
    }
    const auto wanted = info[0].As<Napi::Object>();
    const Napi::Value memfd = wanted.Get("memfd");
    std::shared_ptr<Ring> ring = memfd.IsNumber() ? Ring::Attach(memfd.ToNumber().Int32Value())
                                                  : Ring::Create(wanted.Get("bytes").ToNumber().Uint32Value());
    if (!ring) {
      ThrowSystemError(env, memfd.IsNumber() ? "attach" : "memfd_create", errno);
      return;
    }
    std::unique_ptr<Source> source = OpenSource(env, info[1].As<Napi::Object>(), ring.get());
    if (!source) return;  // thrown

    ReaderOptions options;
    options.coalesce_microseconds = info[4].As<Napi::Number>().Uint32Value();
    waker_ = std::make_unique<LoopWaker>(info[5].As<Napi::Function>());
    ring_ = ring;
    reader_ = std::make_unique<Reader>(
        std::move(ring), std::move(source), LineFormat{info[2].As<Napi::Boolean>().Value(), info[3].As<Napi::String>()},
        std::make_unique<NameCache>(kSystemAccounts), options, LoopWaker::Wake, waker_.get());
    hooked_ = napi_add_env_cleanup_hook(env, &AuditReader::CloseAtExit, this) == napi_ok;
  }

  ~AuditReader() override { CloseThread(); }

 private:
  std::unique_ptr<Source> OpenSource(Napi::Env env, const Napi::Object& source, Ring* ring) {
    const std::string kind = source.Get("kind").ToString().Utf8Value();
    if (kind == "recorded") return RecordedLog::Open(source.Get("fd").ToNumber().Int32Value(), &ring->counters());
    AuditSocketOptions options;
    options.receive_bytes = source.Get("receiveBytes").ToNumber().Uint32Value();
    options.observe = kind == "observe";
    const auto descriptor = [&source](const char* name) {
      const Napi::Value value = source.Get(name);
      return value.IsNumber() ? value.ToNumber().Int32Value() : -1;
    };
    options.registered = descriptor("registered");
    options.window = descriptor("window");
    if (source.Get("held").IsArray()) {
      const auto held = source.Get("held").As<Napi::Array>();
      for (uint32_t i = 0; i < held.Length() && i < AuditSocketOptions::kMostHeld; i++) {
        options.held[options.held_count++] = held.Get(i).ToNumber().Int32Value();
      }
    }
    Failure failure;
    std::unique_ptr<AuditSocket> socket = AuditSocket::Open(options, ring, &failure);
    if (!socket) ThrowSystemError(env, failure.syscall, failure.error);
    socket_ = socket.get();
    return socket;
  }

  void RequestRegistration(const Napi::CallbackInfo& info) {
    const int error = socket_ == nullptr ? ENOTSOCK : socket_->RequestRegistration();
    if (error != 0) ThrowSystemError(info.Env(), "sendto", error);
  }

  // False while the kernel has not answered; throws its refusal.
  Napi::Value IsRegistered(const Napi::CallbackInfo& info) {
    const int answer = socket_ == nullptr ? AuditSocket::kPending : socket_->registration();
    if (answer == AuditSocket::kPending) return Napi::Boolean::New(info.Env(), false);
    if (answer != 0) ThrowSystemError(info.Env(), "AUDIT_SET pid", answer);
    return Napi::Boolean::New(info.Env(), answer == 0);
  }

  void Start(const Napi::CallbackInfo& info) {
    const int error = reader_->Start();
    if (error != 0) ThrowSystemError(info.Env(), "pthread_create", error);
  }

  // (enriched, node)
  void Reformat(const Napi::CallbackInfo& info) {
    if (info.Length() != 2 || !info[0].IsBoolean() || !info[1].IsString()) {
      Napi::TypeError::New(info.Env(), "reformat(enriched, node)").ThrowAsJavaScriptException();
      return;
    }
    if (reader_) reader_->Reformat({info[0].As<Napi::Boolean>().Value(), info[1].As<Napi::String>()});
  }

  void Stop(const Napi::CallbackInfo&) {
    if (reader_) reader_->Stop();
  }
  void Leave(const Napi::CallbackInfo&) {
    if (reader_) reader_->Leave();
  }
  void CameUp(const Napi::CallbackInfo&) { ring_->CameUp(); }
  void Abandon(const Napi::CallbackInfo&) {
    if (reader_) reader_->Abandon();
  }
  void Acknowledge(const Napi::CallbackInfo&) {
    if (reader_) reader_->Acknowledge();
  }
  void Close(const Napi::CallbackInfo&) { CloseThread(); }

  Napi::Value IsFinished(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), !reader_ || reader_->finished());
  }

  Napi::Value IsSettled(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), socket_ == nullptr || socket_->is_settled());
  }
  Napi::Value IsReadable(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), socket_ != nullptr && socket_->is_readable());
  }
  Napi::Value StagedFound(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), socket_ == nullptr ? 0 : socket_->staged_found());
  }

  // {ring, socket, window, windowIsNew}: descriptors that stay the reader's, -1 for what there is not. Before start().
  Napi::Value Descriptors(const Napi::CallbackInfo& info) {
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("ring", ring_->memfd());
    result.Set("socket", socket_ == nullptr ? -1 : socket_->fd());
    result.Set("window", socket_ == nullptr ? -1 : socket_->window_fd());
    result.Set("windowIsNew", socket_ != nullptr && socket_->window_is_new());
    return result;
  }

  // The views on this memory may outlive the reader and this object: the buffer holds the ring.
  Napi::Value Memory(const Napi::CallbackInfo& info) {
    auto* held = new std::shared_ptr<Ring>(ring_);
    return Napi::ArrayBuffer::New(
        info.Env(), ring_->memory(), ring_->memory_bytes(),
        [](Napi::Env, void*, std::shared_ptr<Ring>* held) { delete held; }, held);
  }

  Napi::Value SocketInode(const Napi::CallbackInfo& info) {
    const uint64_t inode = socket_ == nullptr ? 0 : socket_->inode();
    return Napi::Number::New(info.Env(), static_cast<double>(inode));
  }
  Napi::Value ReceiveBytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), socket_ == nullptr ? 0 : socket_->receive_bytes());
  }
  Napi::Value ReceiveBytesGranted(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), socket_ == nullptr || socket_->receive_bytes_granted());
  }

  // The environment goes away while the thread runs: the thread must not outlive it.
  static void CloseAtExit(void* data) {
    auto* self = static_cast<AuditReader*>(data);
    self->hooked_ = false;
    self->CloseThread();
  }

  void CloseThread() {
    if (hooked_) napi_remove_env_cleanup_hook(Env(), &AuditReader::CloseAtExit, this);
    hooked_ = false;
    socket_ = nullptr;
    reader_.reset();  // ends and joins the thread
    if (waker_) waker_->Release();
    waker_.reset();
  }

  std::shared_ptr<Ring> ring_;
  std::unique_ptr<LoopWaker> waker_;
  std::unique_ptr<Reader> reader_;
  AuditSocket* socket_ = nullptr;  // the reader's source, when that is a socket
  bool hooked_ = false;
};

// The daemon's own records, formatted and enriched as the kernel's are.
class LineFormatter final : public Napi::ObjectWrap<LineFormatter> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "LineFormatter",
                       {
                           InstanceMethod<&LineFormatter::Format>("format"),
                           InstanceMethod<&LineFormatter::Reformat>("reformat"),
                       });
  }

  // (enriched, node)
  explicit LineFormatter(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<LineFormatter>(info), names_(kSystemAccounts), formatter_(FormatOptions{}, names_) {
    Reformat(info);
  }

 private:
  // (enriched, node). Not a new object for each form: the names it caches are half a megabyte, of which the garbage
  // collector knows nothing.
  void Reformat(const Napi::CallbackInfo& info) {
    if (info.Length() != 2 || !info[0].IsBoolean() || !info[1].IsString()) {
      Napi::TypeError::New(info.Env(), "LineFormatter(enriched, node)").ThrowAsJavaScriptException();
      return;
    }
    node_ = info[1].As<Napi::String>().Utf8Value();
    if (node_.size() > kMaxNode) node_.resize(kMaxNode);
    formatter_.Reconfigure(FormatOptions{info[0].As<Napi::Boolean>().Value(), node_});
  }

  // (type, payload) -> the line with its newline
  Napi::Value Format(const Napi::CallbackInfo& info) {
    if (info.Length() != 2 || !info[0].IsNumber() || !info[1].IsTypedArray()) {
      Napi::TypeError::New(info.Env(), "format(type, payload)").ThrowAsJavaScriptException();
      return info.Env().Undefined();
    }
    const auto payload = info[1].As<Napi::Uint8Array>();
    char line[kMaxLine + 1];
    names_.Flush();  // rarely called, so fresh names cost nothing
    const Formatted formatted =
        formatter_.Format(static_cast<uint16_t>(info[0].As<Napi::Number>().Uint32Value()),
                          std::string_view(reinterpret_cast<const char*>(payload.Data()), payload.ByteLength()), line);
    line[formatted.length] = '\n';
    return Napi::Buffer<char>::Copy(info.Env(), line, formatted.length + 1);
  }

  std::string node_;
  NameCache names_;
  Formatter formatter_;
};

}  // namespace

void ExportReader(Napi::Env env, Napi::Object exports) {
  exports.Set("AuditReader", AuditReader::Define(env));
  exports.Set("LineFormatter", LineFormatter::Define(env));
}

}  // namespace audit
