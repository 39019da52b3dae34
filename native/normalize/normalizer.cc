#include "normalizer.h"

#include "compound_event.h"
#include "record_type.h"
#include "simple_event.h"
#include "type_meaning.h"

namespace audit {

const Normalized& Normalizer::Normalize(EventCursor& cursor, WantedAttributes attributes) {
  result_.Clear();
  cursor.FirstRecord();
  if (cursor.record_count() == 1 && cursor.type() != record_type::SYSCALL) {
    result_.is_understood = true;
    result_.event_kind = EventKindOf(cursor.type());
    NormalizeSimple(cursor, users_, attributes, &result_);
  } else if (cursor.record_count() > 0) {
    result_.is_understood = NormalizeCompound(cursor, users_, attributes, places_, &result_);
  }
  cursor.FirstRecord();
  return result_;
}

Reached GoTo(EventCursor& cursor, FieldPlace place) {
  if (!place.IsSet()) return Reached::kUnset;
  if (!cursor.GotoRecord(place.record)) return Reached::kNoRecord;
  return cursor.GotoField(place.field) ? Reached::kField : Reached::kNoField;
}

}  // namespace audit
