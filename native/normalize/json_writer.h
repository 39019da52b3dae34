// One JSON object for each event: ausearch --format json and the daemon's JSON plugin. docs/json.md describes it.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "../interpret/event_cursor.h"
#include "json_text.h"
#include "normalizer.h"

namespace audit {

// Member `version` of every object. Members may be added without a new number.
inline constexpr int kJsonVersion = 1;

// Used by one thread. Unlike the lines of the reference, an object is the whole event, and objects of calls are found
// where they are: give it a normalizer with NotedPlaces::kTrue. Its cursor's interpreter should not escape
// (EscapeMode::kRaw), since JSON does.
class JsonWriter {
 public:
  // Both must outlive the writer.
  JsonWriter(EventCursor& cursor, Normalizer& normalizer) noexcept : cursor_(cursor), normalizer_(normalizer) {}

  // Appends one line. Nothing for an event that is only its own end (EOE).
  void Append(const Event& event, std::string* out);

 private:
  const Event& WithoutEnd(const Event& event);
  void Head();
  void Story();
  void Place(std::string_view name, FieldPlace place);
  void ObjectPlace(std::string_view name, FieldPlace place, bool is_setting);
  void Label(const std::vector<FieldPlace>& attributes, std::string_view name);
  void Processes(const NormalizedObject& object);
  void Keys();
  void Arguments();
  void Paths();
  void SocketAddress(size_t record);
  void Records();
  void Fields(size_t record);
  static size_t MarkOf(std::string_view name) noexcept;
  bool IsMember(const RecordFields& fields, size_t first, size_t index);
  // The decoded value of the first such field; no data: none.
  std::string_view Decoded(std::string_view name);
  std::string_view FullPath(std::string_view name);
  size_t FindType(int32_t type);

  EventCursor& cursor_;
  Normalizer& normalizer_;
  JsonText json_;
  Event event_;
  std::vector<Record> records_;  // when the event has an EOE
  std::string scratch_;
  std::string path_;
  static constexpr size_t kMarks = 512;
  std::unordered_set<std::string_view> names_;
  std::bitset<kMarks> marks_;  // of the names in a record that were met
  std::vector<size_t> repeated_;
};

}  // namespace audit
