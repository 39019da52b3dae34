// How a failed system call crosses into JavaScript: an Error with `syscall` and a positive `errno`, which
// src/binding turns into a SystemError.
#pragma once

#include <napi.h>
#include <string.h>

namespace audit {

inline void ThrowSystemError(Napi::Env env, const char* syscall, int error) {
  Napi::Error thrown = Napi::Error::New(env, std::string(syscall) + ": " + strerrordesc_np(error));
  thrown.Set("syscall", Napi::String::New(env, syscall));
  thrown.Set("errno", Napi::Number::New(env, error));
  thrown.ThrowAsJavaScriptException();
}

}  // namespace audit
