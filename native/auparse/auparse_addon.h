#pragma once

#include <napi.h>

namespace audit {

// Adds the log reader, the feed and the event view; their shape is in src/binding/auparse.ts.
void ExportAuparse(Napi::Env env, Napi::Object exports);

}  // namespace audit
