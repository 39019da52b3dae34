#include "notice.h"

namespace audit {

namespace {

bool IsName(std::string_view name) noexcept {
  if (name.empty() || name.size() > kMostName) return false;
  for (const char byte : name) {
    if (byte <= ' ' || byte > '~' || byte == ':') return false;
  }
  return true;
}

}  // namespace

Notice ParseNotice(std::string_view text) noexcept {
  Notice notice;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    constexpr std::string_view kName = "FDNAME=";
    if (line == "READY=1") notice.is_ready = true;
    if (line == "WATCHDOG=1") notice.is_alive = true;
    if (line == "WATCHDOG=trigger") notice.is_stuck = true;
    if (line == "FDSTORE=1") notice.stores = true;
    if (line == "FDSTOREREMOVE=1") notice.removes = true;
    if (line.substr(0, kName.size()) == kName && IsName(line.substr(kName.size()))) {
      notice.name = line.substr(kName.size());
    }
  }
  return notice;
}

}  // namespace audit
