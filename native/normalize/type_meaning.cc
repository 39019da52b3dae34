#include "type_meaning.h"

#include <algorithm>
#include <iterator>

namespace audit {

namespace {

struct KindOfTypes {
  int32_t first;
  int32_t last;
  std::string_view kind;
};
constexpr KindOfTypes kKinds[] = {
#include "tables/event_kinds.inc"
};

struct ActionOfType {
  int32_t type;
  std::string_view name;  // for the reader of the table, and for a test
  std::string_view action;
};
constexpr ActionOfType kActions[] = {
#include "tables/actions.inc"
};

}  // namespace

std::string_view EventKindOf(int32_t type) noexcept {
  const auto row = std::lower_bound(std::begin(kKinds), std::end(kKinds), type,
                                    [](const KindOfTypes& kinds, int32_t wanted) { return kinds.last < wanted; });
  return row != std::end(kKinds) && row->first <= type ? row->kind : "unknown";
}

std::string_view ActionOf(int32_t type) noexcept {
  const auto row = std::lower_bound(std::begin(kActions), std::end(kActions), type,
                                    [](const ActionOfType& action, int32_t wanted) { return action.type < wanted; });
  return row != std::end(kActions) && row->type == type ? row->action : std::string_view();
}

}  // namespace audit
