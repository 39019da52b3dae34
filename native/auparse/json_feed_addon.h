// The JSON feed as a JavaScript object, which works on libuv's threads.
#pragma once

#include <napi.h>

namespace audit {

void ExportJsonFeed(Napi::Env env, Napi::Object exports);

}  // namespace audit
