#pragma once

#include <napi.h>

namespace audit {

// Adds the classes AuditReader and LineFormatter; their shape is in src/binding/addon.ts.
void ExportReader(Napi::Env env, Napi::Object exports);

}  // namespace audit
