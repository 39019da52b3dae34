// The face of this room to JavaScript.
#pragma once

#include <napi.h>

namespace audit {

void ExportReport(Napi::Env env, Napi::Object exports);

}  // namespace audit
