// Turns a field's raw value into the text that people read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../format/names.h"
#include "field_type.h"
#include "record_fields.h"

namespace audit {

// What is done to interpreted text before it is handed out. Bytes above 0x7E pass unchanged in every mode.
enum class EscapeMode : uint8_t {
  kRaw,         // nothing
  kTty,         // control bytes become \ooo
  kShell,       // and a backslash goes before " ' ` $ \ ! ( ) | and blank
  kShellQuote,  // and before ; # & * ? [ ] < > { }
};

// Appends `text` as `mode` wants it.
void AppendEscaped(std::string_view text, EscapeMode mode, std::string* out);

// Appends what an escaped string means: quotes removed or hexadecimal decoded, up to the first zero byte.
void AppendUnescaped(std::string_view value, std::string* out);

struct InterpreterOptions {
  EscapeMode escape = EscapeMode::kTty;
  KnownMachines machines = KnownMachines::kReference;
};

// What a value's meaning depends on, beside its type.
struct FieldContext {
  CallContext call;
  bool is_arp = false;        // for `hook`: the packet's family is ARP
  bool has_fan_rule = false;  // for `fan_info`: `fan_type` said it is a rule's number
};

// Interprets values; has no state but its scratch memory, and is used by one thread.
class Interpreter {
 public:
  explicit Interpreter(Names& names, InterpreterOptions options = {}) noexcept : names_(names), options_(options) {}

  // Appends the text of a value of this type, escaped. Never fails: what cannot be understood says so in the text.
  void Append(FieldType type, std::string_view value, const FieldContext& context, std::string* out);
  // The same, unescaped.
  void AppendPlain(FieldType type, std::string_view value, const FieldContext& context, std::string* out);
  // Appends the text of a value of the record's enrichment list. Escape modes do not apply to those.
  static void AppendEnriched(FieldType type, std::string_view enriched, std::string* out);

  const InterpreterOptions& options() const noexcept { return options_; }
  void set_escape(EscapeMode mode) noexcept { options_.escape = mode; }
  Names& names() noexcept { return names_; }

 private:
  Names& names_;
  InterpreterOptions options_;
  std::string scratch_;
};

}  // namespace audit
