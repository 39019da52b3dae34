#include "enrichment_list.h"

#include <algorithm>
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

bool IsSameName(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char left, char right) { return Lower(left) == Lower(right); });
}

size_t Hash(std::string_view name) noexcept {
  size_t hash = 2166136261u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(Lower(c))) * 16777619u;
  return hash ^ hash >> 15;
}

// No daemon writes that many; whoever does must not make every field's search as long.
constexpr size_t kMostUnindexed = 64;

}  // namespace

// From the first letter and the length.
uint32_t EnrichmentList::Bit(std::string_view name) noexcept {
  const unsigned first = name.empty() ? 0 : static_cast<unsigned char>(Lower(name[0]));
  return uint32_t{1} << ((first * 5 + name.size()) % 32);
}

void EnrichmentList::Clear() noexcept {
  entries_.clear();
  index_.clear();
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
  if (entries_.size() > kMostUnindexed) Index();
}

void EnrichmentList::Index() {
  size_t size = 4 * kMostUnindexed;
  while (size < 2 * entries_.size()) size *= 2;
  index_.assign(size, 0);
  for (size_t i = 0; i < entries_.size(); i++) {
    size_t slot = Hash(entries_[i].name) & (size - 1);
    // Of several of one name the first counts.
    while (index_[slot] != 0 && !IsSameName(entries_[index_[slot] - 1].name, entries_[i].name)) {
      slot = (slot + 1) & (size - 1);
    }
    if (index_[slot] == 0) index_[slot] = static_cast<uint32_t>(i + 1);
  }
}

const std::string_view* EnrichmentList::Find(std::string_view field_name) const noexcept {
  if ((bits_ & Bit(field_name)) == 0) return nullptr;
  if (!index_.empty()) {
    const size_t mask = index_.size() - 1;
    for (size_t slot = Hash(field_name) & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
      const RecordField& entry = entries_[index_[slot] - 1];
      if (IsName(entry.name, field_name)) return &entry.value;
    }
    return nullptr;
  }
  for (const RecordField& entry : entries_) {
    if (IsName(entry.name, field_name)) return &entry.value;
  }
  return nullptr;
}

}  // namespace audit
