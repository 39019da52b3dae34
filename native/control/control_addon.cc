// The control socket's face to JavaScript: checks arguments, copies bytes, turns failures into errors. No logic.
#include "control_addon.h"

#include <cstring>
#include <limits>

#include "control_socket.h"

namespace {

using audit::Answer;
using audit::ControlSocket;
using audit::Expect;

const napi_type_tag kControlTag = {0x6e6f64652d617564, 0x69742d6374726c31};

// `syscall` is null when the kernel's audit subsystem itself refused the request.
Napi::Value ThrowErrno(Napi::Env env, int error, const char* syscall) {
  const char* where = syscall == nullptr ? "audit" : syscall;
  Napi::Error thrown = Napi::Error::New(env, std::string(where) + ": " + std::strerror(error));
  thrown.Set("errno", Napi::Number::New(env, error));
  thrown.Set("syscall", syscall == nullptr ? env.Null() : Napi::String::New(env, syscall).As<Napi::Value>());
  thrown.ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value ThrowType(Napi::Env env, const char* expected) {
  Napi::TypeError::New(env, expected).ThrowAsJavaScriptException();
  return env.Undefined();
}

// Null, with a JavaScript exception pending, when the first argument is no control socket.
ControlSocket* SocketOf(const Napi::CallbackInfo& info) {
  if (info.Length() > 0 && info[0].IsExternal()) {
    auto handle = info[0].As<Napi::External<ControlSocket>>();
    if (handle.CheckTypeTag(&kControlTag)) return handle.Data();
  }
  ThrowType(info.Env(), "handle: expected what controlOpen() returned");
  return nullptr;
}

bool IntegerOf(const Napi::Value& value, double least, double most, int64_t* result) {
  if (!value.IsNumber()) return false;
  double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= least && number <= most)) return false;
  *result = static_cast<int64_t>(number);
  return static_cast<double>(*result) == number;
}

Napi::Value ControlOpen(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int descriptor = ControlSocket::OpenDescriptor();
  if (descriptor < 0) return ThrowErrno(env, -descriptor, "socket");
  auto handle = Napi::External<ControlSocket>::New(env, new ControlSocket(descriptor, 0),
                                                   [](Napi::Env, ControlSocket* socket) { delete socket; });
  handle.TypeTag(&kControlTag);
  return handle;
}

Napi::Value ControlRequest(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  ControlSocket* socket = SocketOf(info);
  if (socket == nullptr) return env.Undefined();
  int64_t type;
  int64_t expect;
  int64_t timeout_ms;
  if (info.Length() != 5) return ThrowType(env, "expected handle, type, payload, expect, timeoutMs");
  if (!IntegerOf(info[1], 0, UINT16_MAX, &type)) return ThrowType(env, "type: expected 0 to 65535");
  if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    return ThrowType(env, "payload: expected a Uint8Array");
  }
  if (!IntegerOf(info[3], 0, 2, &expect)) return ThrowType(env, "expect: expected 0 (ack), 1 (single) or 2 (dump)");
  if (!IntegerOf(info[4], 0, std::numeric_limits<int>::max(), &timeout_ms)) {
    return ThrowType(env, "timeoutMs: expected 0 to 2147483647");
  }
  auto payload = info[2].As<Napi::Uint8Array>();
  Answer answer = socket->Request(static_cast<uint16_t>(type), payload.Data(), payload.ByteLength(),
                                  static_cast<Expect>(expect), static_cast<int>(timeout_ms));
  if (answer.error != 0) return ThrowErrno(env, answer.error, answer.syscall);

  Napi::Array replies = Napi::Array::New(env, answer.replies.size());
  for (size_t i = 0; i < answer.replies.size(); i++) {
    const std::vector<uint8_t>& bytes = answer.replies[i];
    Napi::Uint8Array copy = Napi::Uint8Array::New(env, bytes.size());
    if (!bytes.empty()) std::memcpy(copy.Data(), bytes.data(), bytes.size());
    replies.Set(static_cast<uint32_t>(i), copy);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("acknowledged", Napi::Number::New(env, answer.acknowledged));
  result.Set("replies", replies);
  return result;
}

Napi::Value ControlClose(const Napi::CallbackInfo& info) {
  ControlSocket* socket = SocketOf(info);
  if (socket != nullptr) socket->Close();
  return info.Env().Undefined();
}

Napi::Value ControlStray(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  ControlSocket* socket = SocketOf(info);
  if (socket == nullptr) return env.Undefined();
  Napi::Object result = Napi::Object::New(env);
  result.Set("skipped", Napi::Number::New(env, static_cast<double>(socket->stray().skipped)));
  result.Set("refused", Napi::Number::New(env, static_cast<double>(socket->stray().refused)));
  result.Set("damaged", Napi::Number::New(env, static_cast<double>(socket->stray().damaged)));
  return result;
}

}  // namespace

Napi::Object InitControl(Napi::Env env, Napi::Object exports) {
  exports.Set("controlOpen", Napi::Function::New(env, ControlOpen, "controlOpen"));
  exports.Set("controlRequest", Napi::Function::New(env, ControlRequest, "controlRequest"));
  exports.Set("controlClose", Napi::Function::New(env, ControlClose, "controlClose"));
  exports.Set("controlStray", Napi::Function::New(env, ControlStray, "controlStray"));
  return exports;
}
