#pragma once

#include <napi.h>

namespace audit {

// Adds the dispatcher's native parts; their shape is in src/binding/dispatch.ts.
void ExportDispatch(Napi::Env env, Napi::Object exports);

}  // namespace audit
