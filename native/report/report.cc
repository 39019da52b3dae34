#include "report.h"

#include "detail_report.h"
#include "overview_report.h"
#include "page_report.h"
#include "summary_report.h"

namespace audit {

namespace {

bool IsAddition(int32_t type) {
  switch (type) {
    case 1114:  // ADD_USER
    case 1116:  // ADD_GROUP
    case 1407:  // MAC_CIPSOV4_ADD
    case 1409:  // MAC_MAP_ADD
    case 1411:  // MAC_IPSEC_ADDSA
    case 1413:  // MAC_IPSEC_ADDSPD
    case 1416:  // MAC_UNLBL_STCADD
      return true;
    default:
      return false;
  }
}

bool IsDeletion(int32_t type) {
  switch (type) {
    case 1115:  // DEL_USER
    case 1117:  // DEL_GROUP
    case 1408:  // MAC_CIPSOV4_DEL
    case 1410:  // MAC_MAP_DEL
    case 1412:  // MAC_IPSEC_DELSA
    case 1414:  // MAC_IPSEC_DELSPD
    case 1417:  // MAC_UNLBL_STCDEL
      return true;
    default:
      return false;
  }
}

bool IsOfNode(const ReportOptions& options, const Event& event) {
  if (options.nodes.empty()) return true;
  if (!event.has_node) return false;
  for (const std::string& node : options.nodes) {
    if (event.node == node) return true;
  }
  return false;
}

constexpr int32_t kConfigChange = 1305;
constexpr int32_t kTty = 1319;
constexpr int32_t kUserTty = 1124;

// What must occur in an event of the report; ~0: no type decides.
uint32_t NeededPresence(const ReportOptions& options) {
  switch (options.kind) {
    case ReportKind::kAvc:
      return kHasAvc;
    case ReportKind::kAuthentication:
      return kHasUserAuth | kHasUserManagement;
    case ReportKind::kConfiguration:
      return kAnyConfiguration;
    case ReportKind::kCrypto:
      return kHasKernelCrypto | kHasCrypto;
    case ReportKind::kIntegrity:
      return kHasIntegrity;
    case ReportKind::kLogin:
      return kHasUserLogin;
    case ReportKind::kModification:
      return kAnyModification;
    case ReportKind::kMac:
      return (options.is_summary ? kHasNarrowMac : kHasMac) | kHasLspp;
    case ReportKind::kAnomaly:
      return kHasUserAnomaly | kHasKernelAnomaly | kHasSeccomp;
    case ReportKind::kResponse:
      return kHasResponse;
    case ReportKind::kVirtualization:
      return kHasVirtualization;
    default:
      return ~0u;
  }
}

}  // namespace

bool MayConcern(const ReportOptions& options, const Event& event, uint32_t presence) {
  if (event.count == 0 || !IsOfNode(options, event)) return false;
  const int32_t first = event.records[0].type;
  if (options.leaves_out_config && first == kConfigChange) return false;
  if (options.is_deletions && IsAddition(first)) return false;
  if (options.is_additions && IsDeletion(first)) return false;
  if (options.kind == ReportKind::kKeystroke) return first == kTty || first == kUserTty;
  const uint32_t needed = NeededPresence(options);
  return needed == ~0u || (presence & needed) != 0;
}

bool AgreesWithResult(const ReportOptions& options, const EventFields& fields) {
  return options.only == Success::kUnset || options.only == fields.success;
}

uint32_t WantedFields(const ReportOptions& options) {
  const uint32_t always = kWantSuccess | kWantPid | (options.is_interpreted ? kWantArch : 0u);
  switch (options.kind) {
    case ReportKind::kOverview:
      return always | kWantFile | kWantHost | kWantTerminal | kWantExe | kWantComm | kWantKey | kWantAuid;
    case ReportKind::kAvc:
      return always | kWantComm | kWantSubject | kWantObject;
    case ReportKind::kAuthentication:
      return always | kWantExe | kWantHost | kWantTerminal | kWantUid;
    case ReportKind::kLogin:
    case ReportKind::kModification:
      return always | kWantExe | kWantHost | kWantTerminal | kWantAuid;
    case ReportKind::kConfiguration:
    case ReportKind::kCrypto:
    case ReportKind::kEvent:
    case ReportKind::kMac:
    case ReportKind::kIntegrity:
      return always | kWantAuid;
    case ReportKind::kFile:
      return always | kWantFile | kWantExe | kWantAuid;
    case ReportKind::kProcess:
      return always | kWantExe | kWantAuid;
    case ReportKind::kHost:
      return always | kWantHost | kWantAuid;
    case ReportKind::kSyscall:
      return always | kWantComm | kWantAuid;
    case ReportKind::kTerminal:
    case ReportKind::kExecutable:
      return always | kWantTerminal | kWantHost | kWantExe | kWantAuid;
    case ReportKind::kCommand:
      return always | kWantTerminal | kWantHost | kWantComm | kWantAuid;
    case ReportKind::kUser:
      return always | kWantTerminal | kWantHost | kWantExe | kWantUid | kWantDaemonUid | kWantAuid;
    case ReportKind::kAnomaly:
      return always | kWantTerminal | kWantHost | kWantExe | kWantComm | kWantAuid;
    case ReportKind::kKey:
      return always | kWantExe | kWantKey | kWantAuid;
    case ReportKind::kKeystroke:
      return always | kWantSession | kWantAuid | kWantTerminal | kWantComm;
    case ReportKind::kPage:
      return always | kWantArch | kWantFile | kWantHost | kWantExe | kWantKey | kWantAuid;
    case ReportKind::kVirtualization:
    case ReportKind::kResponse:
    case ReportKind::kLog:
      break;
  }
  return always;
}

std::unique_ptr<Report> MakeReport(const ReportOptions& options, Names& names) {
  if (options.kind == ReportKind::kOverview) return std::make_unique<OverviewReport>(options);
  if (options.kind == ReportKind::kPage) return std::make_unique<PageReport>(names);
  if (options.is_summary) return std::make_unique<SummaryReport>(options, names);
  return std::make_unique<DetailReport>(options, names);
}

}  // namespace audit
