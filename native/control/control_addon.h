#pragma once

#include <napi.h>

// Adds controlOpen, controlRequest, controlClose and controlStray to `exports`; src/binding/control.ts types them.
Napi::Object InitControl(Napi::Env env, Napi::Object exports);
