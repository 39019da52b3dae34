// A place in an event: a record and, in each record, a field; with the movements of the C library, side effects
// included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../scan/record.h"
#include "enrichment_list.h"
#include "interpreter.h"
#include "record_fields.h"

namespace audit {

// The parts of a socket address that can be asked for by themselves.
enum class SocketPart : uint8_t { kFamily, kPort, kAddress };

// Reused from event to event. Records are split when they are first looked at, fields interpreted when first asked for.
// Texts and values are views that live until the next Reset.
class EventCursor {
 public:
  // The interpreter must outlive the cursor.
  explicit EventCursor(Interpreter& interpreter) noexcept : interpreter_(interpreter) {}
  EventCursor(const EventCursor&) = delete;
  EventCursor& operator=(const EventCursor&) = delete;

  // To record 0, field 0 of an event whose records and texts live until the next Reset.
  void Reset(const Event& event);
  // To no event.
  void Clear() noexcept;
  const Event& event() const noexcept { return event_; }

  size_t record_count() const noexcept { return event_.count; }
  // False: past the last record; then nothing is there but FirstRecord and GotoRecord.
  bool HasRecord() const noexcept { return record_ < event_.count; }
  size_t record_number() const noexcept { return record_; }
  bool FirstRecord();
  // The new record keeps the field cursor it had.
  bool NextRecord();
  // The record's field cursor goes to 0. False: no such record; the cursor stays, but without the enrichment list.
  bool GotoRecord(size_t number);

  // Of the record at hand, which must be there.
  const Record& record() const noexcept { return event_.records[record_]; }
  const RecordFields& fields();
  // The same of any record, without moving.
  const RecordFields& FieldsOf(size_t record);
  // By the field `type`; 0 without one, or without a record.
  int32_t type();
  std::string_view type_name();  // empty: the type has none

  size_t field_count();
  // False: the record has no field there.
  bool HasField();
  size_t field_number() const noexcept;
  bool FirstField();
  bool NextField();
  bool GotoField(size_t number);
  // Empty without a field.
  std::string_view field_name();
  // No data without a field.
  std::string_view field_value();
  FieldType field_type();
  // Base 10, cut to 32 bits; false without a value.
  bool field_integer(int32_t* value);

  // The field under the cursor when it has that name, otherwise the next one that has. False: not found, and the cursor
  // is past the last record, unless it stood on its record's last field: then it stays.
  bool FindField(std::string_view name);
  bool FindNext(std::string_view name);

  // The field's text; no data without a field. What was said first about a field is said again, whatever is asked
  // later.
  std::string_view Interpret();
  // The full path of an escaped file name; no data for other fields.
  std::string_view InterpretRealPath();
  // A part of a socket address; no data for other fields, or when the address has none.
  std::string_view InterpretSocketPart(SocketPart part);

  // The same three of any field, without moving. The field must be there.
  std::string_view InterpretAt(size_t record, size_t field);
  std::string_view InterpretRealPathAt(size_t record, size_t field);
  std::string_view InterpretSocketPartAt(size_t record, size_t field, SocketPart part);

  Interpreter& interpreter() noexcept { return interpreter_; }

 private:
  struct RecordState {
    explicit RecordState(KnownMachines known) : fields(known) {}
    RecordFields fields;
    std::vector<std::string_view> texts;  // by field; no data: not interpreted yet
    size_t field = 0;
    bool is_split = false;
  };

  // Memory that only grows within an event, and does not move.
  class Texts {
   public:
    std::string_view Keep(std::string_view text);
    void Clear() noexcept;

   private:
    static constexpr size_t kBlockBytes = 16 * 1024;
    std::vector<std::unique_ptr<char[]>> blocks_;  // of kBlockBytes each, kept from event to event
    std::vector<std::unique_ptr<char[]>> large_;   // of one text each
    size_t block_ = 0;
    size_t used_ = 0;
  };

  RecordState& State(size_t record) {
    RecordState& state = *states_[record];
    if (!state.is_split) Split(record, &state);
    return state;
  }
  void Split(size_t record, RecordState* state);
  void LoadEnrichment(size_t record);
  // Whether the first `family` field behind this one says so.
  bool IsNetfilterArp(size_t record, size_t field);
  std::string_view EventCwd();
  FieldType TypeAt(size_t record, size_t field);
  std::string_view InterpretAs(size_t record, size_t field, bool wants_real_path);
  void AppendRealPath(std::string_view name, std::string_view cwd, std::string* out);

  Interpreter& interpreter_;
  Event event_;
  std::vector<std::unique_ptr<RecordState>> states_;  // at least one for each record seen; reused
  size_t record_ = 0;
  EnrichmentList enrichment_;
  size_t enrichment_record_ = SIZE_MAX;  // whose list is loaded; SIZE_MAX: none
  bool enrichment_dropped_ = false;      // a movement failed: the list does not count until the cursor moves
  bool has_fan_rule_ = false;
  // What the last searches of their kind found: an event may have very many fields that ask for the same.
  struct FamilySearch {
    size_t from_record = SIZE_MAX;  // SIZE_MAX: there was none
    size_t from_field = 0;
    size_t to_record = 0;  // where it ended
    size_t to_field = 0;
    bool is_arp = false;
  };
  FamilySearch family_;
  bool has_cwd_ = false;
  std::string_view cwd_;
  Texts texts_;
  std::string scratch_;
};

}  // namespace audit
