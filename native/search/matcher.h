// Holds events against what a search asks for.
#pragma once

#include "../format/names.h"
#include "../scan/record.h"
#include "criteria.h"
#include "extract.h"

namespace audit {

enum class Verdict : uint8_t {
  kNo,
  kYes,
  kMalformed,  // a record lacks what the criteria need: the event does not match
  kNotRead,    // it is another event that was asked for
};

// Used by one thread. `criteria` and `names` must outlive it.
class Matcher {
 public:
  // `extra_fields` are read, and may make events malformed, beyond those of the criteria: a sum of Want.
  Matcher(const Criteria& criteria, uint32_t extra_fields, Names& names) noexcept
      : criteria_(criteria), names_(names), extractor_(WantedFields(criteria) | extra_fields) {}

  Verdict Match(const Event& event) noexcept;

  // After kMalformed: which record, and what is wrong with it.
  const Malformation& malformation() const noexcept { return extractor_.malformation(); }

 private:
  bool MatchesNode(const Event& event) const noexcept;
  bool MatchesUsers(const EventFields& fields) noexcept;
  bool MatchesGroups(const EventFields& fields) const noexcept;
  bool MatchesTypes(const Event& event) const noexcept;
  bool MatchesFile(const EventFields& fields) const noexcept;
  bool MatchesContexts(const EventFields& fields) const noexcept;
  bool MatchesText(const std::optional<std::string>& wanted, Text found) const noexcept;
  bool IsUserNamed(const std::optional<uint32_t>& uid, const std::string& name) noexcept;

  const Criteria& criteria_;
  Names& names_;
  Extractor extractor_;
};

}  // namespace audit
