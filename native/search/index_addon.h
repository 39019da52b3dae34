// The daemon's way to indexes.
#pragma once

#include <napi.h>

namespace audit {

void ExportIndex(Napi::Env env, Napi::Object exports);

}  // namespace audit
