#include "system_addon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <malloc.h>
#include <netdb.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../errors.h"
#include "accounts.h"
#include "append.h"
#include "execute.h"
#include "notify.h"
#include "signals.h"

namespace audit {

namespace {

// setCommandName(name): /proc/self/comm, as killall(1) and pgrep(1) look for it; 15 bytes at most.
void SetCommandName(const Napi::CallbackInfo& info) {
  const std::string name = info[0].ToString().Utf8Value();
  prctl(PR_SET_NAME, name.c_str());
}

// raiseFileLimits(): a log may grow, and the daemon run, without limit. Best effort, as the reference.
void RaiseFileLimits(const Napi::CallbackInfo&) {
  const rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_FSIZE, &unlimited);
  setrlimit(RLIMIT_CPU, &unlimited);
}

// openSyslog(ident | null, facility, withPid): null restores libc's default ident, the program's name.
void OpenSyslog(const Napi::CallbackInfo& info) {
  static std::string ident;  // libc keeps the pointer
  closelog();
  ident = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : std::string();
  openlog(ident.empty() ? nullptr : ident.c_str(), info[2].ToBoolean() ? LOG_PID : 0, info[1].ToNumber().Int32Value());
}

// syslog(priority, message): text, or bytes as they are
void Syslog(const Napi::CallbackInfo& info) {
  std::string message;
  if (info[1].IsTypedArray()) {
    const auto bytes = info[1].As<Napi::Uint8Array>();
    message.assign(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
  } else {
    message = info[1].ToString().Utf8Value();
  }
  ::syslog(info[0].ToNumber().Int32Value(), "%s", message.c_str());
}

// heapUse(): bytes, from mallinfo2(3)
Napi::Value HeapUse(const Napi::CallbackInfo& info) {
  const struct mallinfo2 heap = mallinfo2();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("arenaBytes", static_cast<double>(heap.arena));
  result.Set("inUseBytes", static_cast<double>(heap.uordblks));
  result.Set("freeBytes", static_cast<double>(heap.fordblks));
  return result;
}

// groupNumber(name): the gid, or null
Napi::Value GroupNumberOf(const Napi::CallbackInfo& info) {
  const int64_t gid = GroupNumber(info[0].ToString().Utf8Value().c_str());
  if (gid < 0) return info.Env().Null();
  return Napi::Number::New(info.Env(), static_cast<double>(gid));
}

// userNumber(name): the uid, or null
Napi::Value UserNumberOf(const Napi::CallbackInfo& info) {
  const int64_t uid = UserNumber(info[0].ToString().Utf8Value().c_str());
  if (uid < 0) return info.Env().Null();
  return Napi::Number::New(info.Env(), static_cast<double>(uid));
}

// canonicalName(host): getaddrinfo(3) with AI_CANONNAME; may wait for a name server.
Napi::Value CanonicalName(const Napi::CallbackInfo& info) {
  addrinfo hints = {};
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(info[0].ToString().Utf8Value().c_str(), nullptr, &hints, &found);
  if (error != 0) {
    Napi::Error::New(info.Env(), gai_strerror(error)).ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  Napi::Value name = Napi::String::New(info.Env(), found->ai_canonname);
  freeaddrinfo(found);
  return name;
}

// keepDescriptorsFromChildren(): whatever was inherited without close-on-exec reaches no program that this one starts.
void KeepDescriptorsFromChildren(const Napi::CallbackInfo&) {
  close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);  // before Linux 5.11: they stay as they are
}

// leaveTerminal(): standard input, output and error become /dev/null, the working directory /, the session a new one.
void LeaveTerminal(const Napi::CallbackInfo& info) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return ThrowSystemError(info.Env(), "open", errno);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    if (dup2(null, fd) < 0) return ThrowSystemError(info.Env(), "dup2", errno);
  }
  if (null > STDERR_FILENO) close(null);
  if (chdir("/") != 0) return ThrowSystemError(info.Env(), "chdir", errno);
  setsid();  // fails for the leader of a group, which then is where it should be
}

std::vector<int> Numbers(const Napi::Value& value) {
  std::vector<int> result;
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) result.push_back(array.Get(i).ToNumber().Int32Value());
  return result;
}

// routeSignals(handled: number[], ignored: number[]): the descriptor to read SignalMessages from
Napi::Value RouteSignalsTo(const Napi::CallbackInfo& info) {
  if (!info[0].IsArray() || !info[1].IsArray()) {
    Napi::TypeError::New(info.Env(), "routeSignals(handled, ignored)").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  const std::vector<int> handled = Numbers(info[0]);
  const std::vector<int> ignored = Numbers(info[1]);
  const int fd =
      RouteSignals(handled.data(), static_cast<int>(handled.size()), ignored.data(), static_cast<int>(ignored.size()));
  if (fd < 0) {
    ThrowSystemError(info.Env(), "sigaction", errno);
    return info.Env().Undefined();
  }
  return Napi::Number::New(info.Env(), fd);
}

std::vector<std::string> Strings(const Napi::Value& value) {
  std::vector<std::string> result;
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) result.push_back(array.Get(i).ToString().Utf8Value());
  return result;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// notify(path, text, descriptors: number[])
void NotifyManager(const Napi::CallbackInfo& info) {
  if (!info[2].IsArray()) {
    Napi::TypeError::New(info.Env(), "notify(path, text, descriptors)").ThrowAsJavaScriptException();
    return;
  }
  const std::vector<int> descriptors = Numbers(info[2]);
  const int error = Notify(info[0].ToString().Utf8Value(), info[1].ToString().Utf8Value(), descriptors.data(),
                           static_cast<int>(descriptors.size()));
  if (error != 0) ThrowSystemError(info.Env(), "sendmsg", error);
}

// execute(path, arguments: string[], environment: string[], kept: number[])
void ExecuteProgram(const Napi::CallbackInfo& info) {
  if (!info[1].IsArray() || !info[2].IsArray() || !info[3].IsArray()) {
    Napi::TypeError::New(info.Env(), "execute(path, arguments, environment, kept)").ThrowAsJavaScriptException();
    return;
  }
  const std::string path = info[0].ToString().Utf8Value();
  std::vector<std::string> arguments = Strings(info[1]);
  std::vector<std::string> environment = Strings(info[2]);
  const std::vector<int> kept = Numbers(info[3]);
  const int error = Execute(path.c_str(), Pointers(arguments).data(), Pointers(environment).data(), kept.data(),
                            static_cast<int>(kept.size()));
  ThrowSystemError(info.Env(), "execve", error);
}

// The bytes are borrowed from JavaScript, which keeps them until the promise settles.
class AppendWorker final : public Napi::AsyncWorker {
 public:
  AppendWorker(Napi::Env env, int descriptor, Napi::Uint8Array bytes)
      : Napi::AsyncWorker(env, "audit-append"),
        descriptor_(descriptor),
        bytes_(reinterpret_cast<const char*>(bytes.Data())),
        count_(bytes.ByteLength()),
        kept_(Napi::Persistent(bytes.As<Napi::Object>())),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise Promise() const { return deferred_.Promise(); }
  void Execute() override { appended_ = Append(descriptor_, bytes_, count_); }
  void OnOK() override {
    const Napi::Env env = Env();
    Napi::HandleScope scope(env);
    const Napi::Object answer = Napi::Object::New(env);
    answer.Set("errno", appended_.error);
    answer.Set("bytes", static_cast<double>(appended_.bytes));
    answer.Set("links",
               appended_.links < 0 ? env.Null() : Napi::Number::New(env, static_cast<double>(appended_.links)));
    deferred_.Resolve(answer);
  }

 private:
  const int descriptor_;
  const char* const bytes_;
  const size_t count_;
  Napi::ObjectReference kept_;
  Napi::Promise::Deferred deferred_;
  Appended appended_;
};

// append(descriptor, bytes): Promise<{errno, bytes, links}>
Napi::Value AppendTo(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber() || !info[1].IsTypedArray()) {
    Napi::TypeError::New(info.Env(), "append(descriptor, bytes)").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  // It deletes itself.
  auto* worker = new AppendWorker(info.Env(), info[0].ToNumber().Int32Value(), info[1].As<Napi::Uint8Array>());
  const Napi::Promise promise = worker->Promise();
  worker->Queue();
  return promise;
}

// isOpen(descriptor)
Napi::Value IsOpen(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), fcntl(info[0].ToNumber().Int32Value(), F_GETFD) >= 0);
}

}  // namespace

void ExportSystem(Napi::Env env, Napi::Object exports) {
  exports.Set("setCommandName", Napi::Function::New<SetCommandName>(env));
  exports.Set("raiseFileLimits", Napi::Function::New<RaiseFileLimits>(env));
  exports.Set("openSyslog", Napi::Function::New<OpenSyslog>(env));
  exports.Set("syslog", Napi::Function::New<Syslog>(env));
  exports.Set("heapUse", Napi::Function::New<HeapUse>(env));
  exports.Set("groupNumber", Napi::Function::New<GroupNumberOf>(env));
  exports.Set("userNumber", Napi::Function::New<UserNumberOf>(env));
  exports.Set("canonicalName", Napi::Function::New<CanonicalName>(env));
  exports.Set("keepDescriptorsFromChildren", Napi::Function::New<KeepDescriptorsFromChildren>(env));
  exports.Set("leaveTerminal", Napi::Function::New<LeaveTerminal>(env));
  exports.Set("notify", Napi::Function::New<NotifyManager>(env));
  exports.Set("execute", Napi::Function::New<ExecuteProgram>(env));
  exports.Set("append", Napi::Function::New<AppendTo>(env));
  exports.Set("isOpen", Napi::Function::New<IsOpen>(env));
  exports.Set("routeSignals", Napi::Function::New<RouteSignalsTo>(env));
}

}  // namespace audit
