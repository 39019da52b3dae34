// Everything the addon exports. The typed face of it is src/binding/.
#include <napi.h>

#include "auparse/auparse_addon.h"
#include "auparse/json_feed_addon.h"
#include "control/control_addon.h"
#include "dispatch/dispatch_addon.h"
#include "reader/reader_addon.h"
#include "report/report_addon.h"
#include "search/index_addon.h"
#include "search/search_addon.h"
#include "system/system_addon.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  audit::ExportReader(env, exports);
  audit::ExportReport(env, exports);
  audit::ExportSearch(env, exports);
  audit::ExportIndex(env, exports);
  audit::ExportSystem(env, exports);
  audit::ExportAuparse(env, exports);
  audit::ExportDispatch(env, exports);
  audit::ExportJsonFeed(env, exports);
  return InitControl(env, exports);
}

}  // namespace

NODE_API_MODULE(node_auditd, Init)
