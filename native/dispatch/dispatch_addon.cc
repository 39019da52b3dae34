// The dispatcher's sockets and streams as JavaScript objects: argument checks, lifetimes, nothing else.
#include "dispatch_addon.h"

#include <errno.h>
#include <math.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <string>

#include "../errors.h"
#include "record_stream.h"
#include "stream_socket.h"

namespace audit {

namespace {

// A descriptor that the event loop watches. Lives until libuv has let go of it, which is after its owner.
class Poll {
 public:
  using Ready = void (*)(void* owner, int status, int events);

  // Null with errno set.
  static Poll* Open(Napi::Env env, int fd, void* owner, Ready ready) {
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(env, &loop);
    auto* watch = new Poll(owner, ready);
    const int error = uv_poll_init(loop, &watch->poll_, fd);
    if (error == 0) return watch;
    delete watch;
    errno = -error;
    return nullptr;
  }

  void For(int events) {
    if (events == 0) {
      uv_poll_stop(&poll_);
    } else {
      uv_poll_start(&poll_, events, [](uv_poll_t* poll, int status, int events) {
        auto* self = static_cast<Poll*>(poll->data);
        if (self->owner_ != nullptr) self->ready_(self->owner_, status, events);
      });
    }
  }

  // The descriptor may be closed when this has returned.
  void Close() {
    owner_ = nullptr;
    uv_poll_stop(&poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_),
             [](uv_handle_t* handle) { delete static_cast<Poll*>(handle->data); });
  }

 private:
  Poll(void* owner, Ready ready) : owner_(owner), ready_(ready) { poll_.data = this; }

  uv_poll_t poll_ = {};
  void* owner_;
  Ready ready_;
};

Napi::Value ThrowType(Napi::Env env, const char* signature) {
  Napi::TypeError::New(env, signature).ThrowAsJavaScriptException();
  return env.Undefined();
}

// One end of a stream to a plugin or client.
class Outlet final : public Napi::ObjectWrap<Outlet> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Outlet",
                       {
                           InstanceMethod<&Outlet::Write>("write"),
                           InstanceMethod<&Outlet::Finish>("finish"),
                           InstanceMethod<&Outlet::Close>("close"),
                           InstanceMethod<&Outlet::Detach>("detach"),
                           InstanceAccessor<&Outlet::Unread>("unreadBytes"),
                       });
  }

  // (fd, onWritable, onGone)
  explicit Outlet(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Outlet>(info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 3 || !info[0].IsNumber() || !info[1].IsFunction() || !info[2].IsFunction()) {
      ThrowType(env, "Outlet(fd, onWritable, onGone)");
      return;
    }
    const int fd = info[0].ToNumber().Int32Value();
    watch_ = Poll::Open(
        env, fd, this, [](void* self, int status, int events) { static_cast<Outlet*>(self)->OnReady(status, events); });
    if (watch_ == nullptr) {
      ThrowSystemError(env, "uv_poll_init", errno);
      return;
    }
    fd_ = fd;
    on_writable_ = Napi::Persistent(info[1].As<Napi::Function>());
    on_gone_ = Napi::Persistent(info[2].As<Napi::Function>());
    Ref();  // the loop holds it until Close
    Watch();
  }

  ~Outlet() override { Shut(); }

 private:
  static constexpr size_t kMostParts = 64;

  // (buffers, offset): bytes taken, of the buffers one behind the other from `offset` of the first on.
  Napi::Value Write(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 2 || !info[0].IsArray() || !info[1].IsNumber())
      return ThrowType(env, "write(buffers, offset)");
    if (fd_ < 0) return Napi::Number::New(env, 0);
    const auto buffers = info[0].As<Napi::Array>();
    size_t offset = info[1].ToNumber().Uint32Value();
    iovec parts[kMostParts];
    size_t count = 0;
    size_t wanted = 0;
    for (uint32_t i = 0; i < buffers.Length() && count < kMostParts; i++) {
      const Napi::Value value = buffers.Get(i);
      if (!value.IsTypedArray()) return ThrowType(env, "write: a buffer is none");
      auto bytes = value.As<Napi::Uint8Array>();
      if (offset > bytes.ByteLength()) return ThrowType(env, "write: an offset behind the first buffer");
      parts[count].iov_base = bytes.Data() + offset;
      parts[count].iov_len = bytes.ByteLength() - offset;
      wanted += parts[count++].iov_len;
      offset = 0;
    }
    const ssize_t taken = SendNow(fd_, parts, count);
    if (taken < 0) {
      ThrowSystemError(env, "sendmsg", static_cast<int>(-taken));
      return env.Undefined();
    }
    if (static_cast<size_t>(taken) < wanted) {
      is_blocked_ = true;
      Watch();
    }
    return Napi::Number::New(env, static_cast<double>(taken));
  }

  // The reader gets what was sent, then the end.
  void Finish(const Napi::CallbackInfo&) {
    if (fd_ >= 0) shutdown(fd_, SHUT_WR);
  }

  void Close(const Napi::CallbackInfo&) { Shut(); }

  // The descriptor, which belongs to the caller from here on.
  Napi::Value Detach(const Napi::CallbackInfo& info) {
    const int fd = fd_;
    fd_ = -1;
    Shut();
    return Napi::Number::New(info.Env(), fd);
  }

  Napi::Value Unread(const Napi::CallbackInfo& info) {
    const int64_t bytes = fd_ < 0 ? -EBADF : UnreadBytes(fd_);
    // What a reader that has gone did not read is no longer there, and must not pass for read.
    const bool is_known = bytes >= 0 && StateOfPeer(fd_) != PeerState::kGone;
    return Napi::Number::New(info.Env(), is_known ? static_cast<double>(bytes) : INFINITY);
  }

  void Watch() {
    // Once the peer has closed its sending half, the event of it would come again and again.
    watch_->For((is_blocked_ ? UV_WRITABLE : 0) | (half_closed_ ? 0 : UV_DISCONNECT));
  }

  void OnReady(int status, int events) {
    const Napi::HandleScope scope(Env());
    [[maybe_unused]] const Napi::Object self = Value();  // what is called may close this, and drop the last reference
    if (status < 0) return Tell(on_gone_);
    if ((events & UV_DISCONNECT) != 0) {
      const PeerState state = StateOfPeer(fd_);
      if (state == PeerState::kGone) return Tell(on_gone_);
      half_closed_ = half_closed_ || state == PeerState::kHalfClosed;
    }
    const bool is_writable = (events & UV_WRITABLE) != 0;
    if (is_writable) is_blocked_ = false;
    Watch();
    if (is_writable) Tell(on_writable_);
  }

  void Tell(const Napi::FunctionReference& callback) {
    if (&callback == &on_gone_) watch_->For(0);
    callback.MakeCallback(Env().Global(), {});
  }

  void Shut() {
    if (watch_ == nullptr) return;
    watch_->Close();
    watch_ = nullptr;
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    Unref();
  }

  int fd_ = -1;
  bool half_closed_ = false;
  bool is_blocked_ = false;  // the peer takes no more, and is watched until it does
  Poll* watch_ = nullptr;
  Napi::FunctionReference on_writable_;
  Napi::FunctionReference on_gone_;
};

// A Unix socket that waits for clients.
class UnixListener final : public Napi::ObjectWrap<UnixListener> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "UnixListener",
                       {
                           InstanceMethod<&UnixListener::Listen>("listen"),
                           InstanceMethod<&UnixListener::Pause>("pause"),
                           InstanceMethod<&UnixListener::Close>("close"),
                       });
  }

  // (path, mode, onClient(fd, pid, uid, gid), onFailure(errno))
  explicit UnixListener(const Napi::CallbackInfo& info) : Napi::ObjectWrap<UnixListener>(info) {
    const Napi::Env env = info.Env();
    if (info.Length() != 4 || !info[0].IsString() || !info[1].IsNumber() || !info[2].IsFunction() ||
        !info[3].IsFunction()) {
      ThrowType(env, "UnixListener(path, mode, onClient, onFailure)");
      return;
    }
    const int fd = BindUnixSocket(info[0].ToString().Utf8Value().c_str(), info[1].ToNumber().Uint32Value() & 0777);
    if (fd < 0) {
      ThrowSystemError(env, "bind", -fd);
      return;
    }
    watch_ = Poll::Open(env, fd, this, [](void* self, int, int) { static_cast<UnixListener*>(self)->OnReady(); });
    if (watch_ == nullptr) {
      const int error = errno;
      close(fd);
      ThrowSystemError(env, "uv_poll_init", error);
      return;
    }
    fd_ = fd;
    on_client_ = Napi::Persistent(info[2].As<Napi::Function>());
    on_failure_ = Napi::Persistent(info[3].As<Napi::Function>());
    Ref();
  }

  ~UnixListener() override { Shut(); }

 private:
  // In one go, so that a storm of connections does not hold up the records.
  static constexpr int kMostClientsAtOnce = 16;
  static constexpr int kBacklog = 64;

  void Listen(const Napi::CallbackInfo& info) {
    if (fd_ < 0) return;
    if (listen(fd_, kBacklog) != 0) return ThrowSystemError(info.Env(), "listen", errno);
    watch_->For(UV_READABLE);
  }

  // Nobody is accepted until the next listen().
  void Pause(const Napi::CallbackInfo&) {
    if (watch_ != nullptr) watch_->For(0);
  }

  void Close(const Napi::CallbackInfo&) { Shut(); }

  void OnReady() {
    const Napi::Env env = Env();
    const Napi::HandleScope scope(env);
    [[maybe_unused]] const Napi::Object self = Value();  // as above
    for (int i = 0; i < kMostClientsAtOnce && fd_ >= 0; i++) {
      const Peer peer = AcceptPeer(fd_);
      if (peer.fd == -EAGAIN) return;
      if (peer.fd < 0) {
        on_failure_.MakeCallback(env.Global(), {Napi::Number::New(env, -peer.fd)});
        return;
      }
      on_client_.MakeCallback(env.Global(), {Napi::Number::New(env, peer.fd), Napi::Number::New(env, peer.pid),
                                             Napi::Number::New(env, peer.uid), Napi::Number::New(env, peer.gid)});
    }
  }

  void Shut() {
    if (watch_ == nullptr) return;
    watch_->Close();
    watch_ = nullptr;
    close(fd_);
    fd_ = -1;
    Unref();
  }

  int fd_ = -1;
  Poll* watch_ = nullptr;
  Napi::FunctionReference on_client_;
  Napi::FunctionReference on_failure_;
};

// Three arguments from `first` on: isBinary, wholeLines, node. `node` holds the text that the options look at.
bool AreOptions(const Napi::CallbackInfo& info, size_t first) {
  return info[first].IsBoolean() && info[first + 1].IsBoolean() && info[first + 2].IsString();
}

StreamOptions OptionsAt(const Napi::CallbackInfo& info, size_t first, std::string* node) {
  StreamOptions options;
  options.format = info[first].As<Napi::Boolean>() ? StreamFormat::kBinary : StreamFormat::kString;
  options.whole_lines = info[first + 1].As<Napi::Boolean>();
  *node = info[first + 2].As<Napi::String>();
  options.node = *node;
  return options;
}

// renderRecords(memory, start, end, isBinary, wholeLines, node, out, offset, filling). Scalars, and a result that is
// written into the caller's three words (next, records, bytes): this runs at each wake, and names cost more than a
// copy.
Napi::Value RenderFromRing(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 9 || !info[0].IsArrayBuffer() || !AreOptions(info, 3) || !info[6].IsTypedArray() ||
      !info[8].IsTypedArray()) {
    return ThrowType(env, "renderRecords(memory, start, end, isBinary, wholeLines, node, out, offset, filling)");
  }
  auto memory = info[0].As<Napi::ArrayBuffer>();
  const RingView ring = RingView::Of(static_cast<const uint8_t*>(memory.Data()), memory.ByteLength());
  if (ring.index == nullptr) return ThrowType(env, "renderRecords: this memory holds no ring");
  auto out = info[6].As<Napi::Uint8Array>();
  const size_t offset = info[7].ToNumber().Uint32Value();
  if (offset > out.ByteLength()) return ThrowType(env, "renderRecords: an offset behind the end");
  auto filling = info[8].As<Napi::Uint32Array>();
  if (filling.TypedArrayType() != napi_uint32_array || filling.ElementLength() != 3) {
    return ThrowType(env, "renderRecords: filling is no Uint32Array of 3");
  }
  std::string node;
  const StreamOptions options = OptionsAt(info, 3, &node);
  const Rendered rendered =
      RenderRecords(ring, info[1].ToNumber().Uint32Value(), info[2].ToNumber().Uint32Value(), options,
                    reinterpret_cast<char*>(out.Data()) + offset, out.ByteLength() - offset);
  uint32_t* words = filling.Data();
  words[0] = rendered.next;
  words[1] = rendered.records;
  words[2] = rendered.bytes;
  return env.Undefined();
}

// renderLine(type, line, isBinary, wholeLines, node, out, offset): bytes written
Napi::Value RenderOneLine(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 7 || !info[0].IsNumber() || !info[1].IsTypedArray() || !AreOptions(info, 2) ||
      !info[5].IsTypedArray()) {
    return ThrowType(env, "renderLine(type, line, isBinary, wholeLines, node, out, offset)");
  }
  auto line = info[1].As<Napi::Uint8Array>();
  auto out = info[5].As<Napi::Uint8Array>();
  const size_t offset = info[6].ToNumber().Uint32Value();
  if (offset > out.ByteLength()) return ThrowType(env, "renderLine: an offset behind the end");
  std::string node;
  const StreamOptions options = OptionsAt(info, 2, &node);
  const size_t bytes =
      RenderLine(info[0].ToNumber().Uint32Value(), {reinterpret_cast<const char*>(line.Data()), line.ByteLength()},
                 options, reinterpret_cast<char*>(out.Data()) + offset, out.ByteLength() - offset);
  return Napi::Number::New(env, static_cast<double>(bytes));
}

// socketPair(): [ours, theirs]
Napi::Value SocketPair(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  int fds[2];
  if (!MakeSocketPair(fds)) {
    ThrowSystemError(env, "socketpair", errno);
    return env.Undefined();
  }
  Napi::Array pair = Napi::Array::New(env, 2);
  pair.Set(0u, Napi::Number::New(env, fds[0]));
  pair.Set(1u, Napi::Number::New(env, fds[1]));
  return pair;
}

// reapChild(pid): true once that child has ended and is reaped, or was no child of this process.
Napi::Value ReapChild(const Napi::CallbackInfo& info) {
  int status = 0;
  const pid_t pid = waitpid(info[0].ToNumber().Int32Value(), &status, WNOHANG);
  return Napi::Boolean::New(info.Env(), pid != 0);
}

}  // namespace

void ExportDispatch(Napi::Env env, Napi::Object exports) {
  exports.Set("Outlet", Outlet::Define(env));
  exports.Set("UnixListener", UnixListener::Define(env));
  exports.Set("renderRecords", Napi::Function::New<RenderFromRing>(env));
  exports.Set("renderLine", Napi::Function::New<RenderOneLine>(env));
  exports.Set("socketPair", Napi::Function::New<SocketPair>(env));
  exports.Set("reapChild", Napi::Function::New<ReapChild>(env));
}

}  // namespace audit
