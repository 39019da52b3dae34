#pragma once

#include <napi.h>

namespace audit {

// Adds the libc calls that Node lacks; their shape is in src/binding/addon.ts.
void ExportSystem(Napi::Env env, Napi::Object exports);

}  // namespace audit
