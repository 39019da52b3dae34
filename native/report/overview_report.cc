#include "overview_report.h"

#include "row.h"

namespace audit {

namespace {

void CountBytes(Counter* counter, const void* bytes, size_t size) {
  counter->Add({static_cast<const char*>(bytes), size}, 0);
}

}  // namespace

void OverviewReport::Add(const Event&, uint32_t presence, const EventFields& fields, uint64_t, Output*) {
  const auto has = [&](uint32_t bits) -> uint64_t { return (presence & bits) != 0 ? 1 : 0; };
  const bool is_yes = fields.success == Success::kYes;
  const bool is_no = fields.success == Success::kNo;

  counts_[kEvents]++;
  for (const uint32_t bit : {kHasConfigChange, kHasDaemonConfig, kHasUsysConfig, kHasNetfilterConfig, kHasFeatureChange,
                             kHasUserMacConfigChange, kHasMac}) {
    counts_[kConfigurations] += has(bit);
  }
  for (const uint32_t bit :
       {kHasPasswordChange, kHasAccountChange, kHasUserManagement, kHasGroupManagement, kHasRoleChange}) {
    counts_[kModifications] += has(bit);
  }
  if (has(kHasUserLogin)) {
    counts_[kLogins] += is_yes ? 1 : 0;
    counts_[kFailedLogins] += is_no ? 1 : 0;
  }
  if (!has(kHasUserAuth) && has(kHasUserManagement) && is_no) {
    counts_[kFailedAuthentications]++;
  } else if (has(kHasUserAuth | kHasGroupAuth)) {
    counts_[kAuthentications] += is_yes ? 1 : 0;
    counts_[kFailedAuthentications] += is_no ? 1 : 0;
  }
  counts_[kAvcs] += has(kHasAvc);
  counts_[kMacs] += has(kHasMac) + has(kHasLspp);
  if (is_no && fields.syscall > 0) counts_[kFailedSyscalls]++;
  counts_[kAnomalies] += has(kHasUserAnomaly) + has(kHasKernelAnomaly);
  counts_[kResponses] += has(kHasResponse);
  counts_[kCryptos] += has(kHasKernelCrypto) + has(kHasCrypto);
  counts_[kIntegrities] += has(kHasIntegrity);
  counts_[kVirtualizations] += has(kHasVirtualization);

  if (fields.auid.has_value()) CountBytes(&users_, &*fields.auid, sizeof(*fields.auid));
  if (fields.pid.has_value() && *fields.pid != kNoProcess) CountBytes(&processes_, &*fields.pid, sizeof(*fields.pid));
  if (IsPresent(fields.terminal)) terminals_.Add(fields.terminal, 0);
  if (IsPresent(fields.host)) hosts_.Add(fields.host, 0);
  if (IsPresent(fields.exe)) executables_.Add(fields.exe, 0);
  if (IsPresent(fields.comm)) commands_.Add(fields.comm, 0);
  for (const FileName& file : fields.files) files_.Add(file.name, 0);
  for (const Text key : fields.keys) {
    if (key != "(null)") keys_.Add(key, 0);
  }
}

void OverviewReport::Merge(Report* other) {
  OverviewReport* const from = static_cast<OverviewReport*>(other);
  for (size_t index = 0; index < kCounts; index++) counts_[index] += from->counts_[index];
  for (Counter OverviewReport::*counter :
       {&OverviewReport::users_, &OverviewReport::terminals_, &OverviewReport::hosts_, &OverviewReport::executables_,
        &OverviewReport::commands_, &OverviewReport::files_, &OverviewReport::keys_, &OverviewReport::processes_}) {
    (this->*counter).Merge(from->*counter);
  }
}

bool OverviewReport::Finish(std::string* out) {
  struct Line {
    std::string_view words;
    std::string_view name;
    uint64_t number;
  };
  const Line lines[] = {
      {"changes in configuration", "configurationChanges", counts_[kConfigurations]},
      {"changes to accounts, groups, or roles", "accountChanges", counts_[kModifications]},
      {"logins", "logins", counts_[kLogins]},
      {"failed logins", "failedLogins", counts_[kFailedLogins]},
      {"authentications", "authentications", counts_[kAuthentications]},
      {"failed authentications", "failedAuthentications", counts_[kFailedAuthentications]},
      {"users", "users", users_.size()},
      {"terminals", "terminals", terminals_.size()},
      {"host names", "hostNames", hosts_.size()},
      {"executables", "executables", executables_.size()},
      {"commands", "commands", commands_.size()},
      {"files", "files", files_.size()},
      {"AVC's", "avcs", counts_[kAvcs]},
      {"MAC events", "macEvents", counts_[kMacs]},
      {"failed syscalls", "failedSyscalls", counts_[kFailedSyscalls]},
      {"anomaly events", "anomalyEvents", counts_[kAnomalies]},
      {"responses to anomaly events", "anomalyResponses", counts_[kResponses]},
      {"crypto events", "cryptoEvents", counts_[kCryptos]},
      {"integrity events", "integrityEvents", counts_[kIntegrities]},
      {"virt events", "virtEvents", counts_[kVirtualizations]},
      {"keys", "keys", keys_.size()},
      {"process IDs", "processIds", processes_.size()},
      {"events", "events", counts_[kEvents]},
  };
  for (const auto& [words, name, number] : lines) {
    const std::string digits = std::to_string(number);
    switch (options_.format) {
      case ReportFormat::kText:
        *out += "Number of ";
        *out += words;
        *out += ": ";
        *out += digits;
        *out += '\n';
        break;
      case ReportFormat::kCsv:
        *out += name;
        *out += ',';
        *out += digits;
        *out += '\n';
        break;
      case ReportFormat::kJson:
        if (&name != &lines[0].name) *out += ',';
        *out += '"';
        *out += name;
        *out += "\":";
        *out += digits;
        break;
    }
  }
  return true;
}

}  // namespace audit
