#include "enrichment_list.h"

#include <cstring>

namespace audit {

namespace {

char Lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool IsName(std::string_view listed, std::string_view field_name) noexcept {
  if (listed.size() != field_name.size()) return false;
  for (size_t i = 0; i < listed.size(); i++) {
    if (Lower(listed[i]) != field_name[i]) return false;
  }
  return true;
}

}  // namespace

// From the first letter and the length.
uint32_t EnrichmentList::Bit(std::string_view name) noexcept {
  const unsigned first = name.empty() ? 0 : static_cast<unsigned char>(Lower(name[0]));
  return uint32_t{1} << ((first * 5 + name.size()) % 32);
}

void EnrichmentList::Clear() noexcept {
  entries_.clear();
  bits_ = 0;
}

void EnrichmentList::Parse(std::string_view text) {
  Clear();
  constexpr std::string_view kSocketAddress = "SADDR=";
  if (text.substr(0, kSocketAddress.size()) == kSocketAddress) {
    // The only text with blanks in it, and it stands alone.
    const size_t open = text.find('{');
    if (open == std::string_view::npos || text.find('}', open) == std::string_view::npos) return;
    entries_.push_back({"SADDR", text.substr(open)});
    bits_ = Bit("saddr");
    return;
  }
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    if (*at == ' ') {
      at++;
      continue;
    }
    const void* blank = memchr(at, ' ', static_cast<size_t>(end - at));
    const char* const stop = blank == nullptr ? end : static_cast<const char*>(blank);
    if (const void* equals = memchr(at, '=', static_cast<size_t>(stop - at)); equals != nullptr) {
      const char* const middle = static_cast<const char*>(equals);
      const std::string_view name(at, static_cast<size_t>(middle - at));
      entries_.push_back({name, {middle + 1, static_cast<size_t>(stop - middle - 1)}});
      bits_ |= Bit(name);
    }
    at = stop;
  }
}

const std::string_view* EnrichmentList::Find(std::string_view field_name) const noexcept {
  if ((bits_ & Bit(field_name)) == 0) return nullptr;
  for (const RecordField& entry : entries_) {
    if (IsName(entry.name, field_name)) return &entry.value;
  }
  return nullptr;
}

}  // namespace audit
