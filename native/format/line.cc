// Formatter::Format: how a line is put together, and where it is cut.
#include <algorithm>

#include "../tables/tables.h"
#include "enrichment.h"
#include "fields.h"
#include "format.h"
#include "line_writer.h"
#include "payload_map.h"
#include "record_types.h"

namespace audit {

namespace {

// Longest line before its interpreted part, when there is no node= in front (reference daemon). With a node it would
// be 9192, behind kMaxLine.
constexpr size_t kMaxPlainLine = 8937;

void AppendPrefix(std::string_view node, uint16_t type, LineWriter* line) noexcept {
  if (!node.empty()) {
    line->Append("node=");
    line->Append(node.substr(0, kMaxNode));
    line->Append(' ');
  }
  line->Append("type=");
  const std::string_view name = RecordTypeName(type);
  if (name.empty()) {
    line->Append("UNKNOWN[");
    line->AppendDecimal(type);
    line->Append(']');
  } else {
    line->Append(name);
  }
  line->Append(" msg=");
}

// Takes off what the end of a payload must not have: all NULs, then one blank.
std::string_view TrimEnd(std::string_view payload, uint16_t* flags) noexcept {
  while (!payload.empty() && payload.back() == '\0') payload.remove_suffix(1);
  if (payload.empty()) return payload;
  if (payload.back() == ' ' || IsForbidden(payload.back())) {
    *flags |= kHadTrailingBlank;
    if (payload.back() != ' ') *flags |= kHadNewline;
    payload.remove_suffix(1);
  }
  return payload;
}

// An account was made or will be: names learnt before would be wrong.
bool ChangesAccountsBefore(uint16_t type) noexcept { return type == AUDIT_ADD_USER || type == AUDIT_ADD_GROUP; }

bool ChangesAccountsAfter(uint16_t type) noexcept {
  return type == AUDIT_USER_MGMT || type == AUDIT_DEL_USER || type == AUDIT_DEL_GROUP || type == AUDIT_GRP_MGMT;
}

}  // namespace

Formatted Formatter::Format(uint16_t type, std::string_view payload, char* out) noexcept {
  Formatted formatted;
  LineWriter line(out, kMaxLine);
  AppendPrefix(options_.node, type, &line);

  if (payload.size() > kMaxPayload) {
    payload = payload.substr(0, kMaxPayload);
    formatted.flags |= kWasCut;
  }
  formatted.stamp = ParseStamp(payload);
  if (!formatted.stamp.valid) formatted.flags |= kNoStamp;
  const bool is_missing = payload.find_first_not_of('\0') == std::string_view::npos;
  payload = is_missing ? "lost" : TrimEnd(payload, &formatted.flags);

  const size_t room = (options_.node.empty() ? kMaxPlainLine : kMaxLine) - line.length();
  if (payload.size() > room) formatted.flags |= kWasCut;
  PayloadMap map;
  if (map.Copy(payload.data(), std::min(payload.size(), room), out + line.length())) formatted.flags |= kHadNewline;
  line.Advance(map.size());

  if (options_.enriched && formatted.stamp.valid && type != AUDIT_EOE) {
    if (ChangesAccountsBefore(type)) names_.Flush();
    Fields fields;
    FindFields(type, payload.data(), map, &fields);
    if (AppendEnrichment(fields, names_, &line)) formatted.flags |= kHasEnrichment;
    if (ChangesAccountsAfter(type)) names_.Flush();
  }
  if (line.length() > kMaxLine) formatted.flags |= kWasCut;
  formatted.length = static_cast<uint32_t>(std::min(line.length(), kMaxLine));
  return formatted;
}

}  // namespace audit
