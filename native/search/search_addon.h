#pragma once

#include <napi.h>

namespace audit {

// Adds the class LogSearch and the local clock's functions; their shape is in src/binding/search.ts.
void ExportSearch(Napi::Env env, Napi::Object exports);

}  // namespace audit
