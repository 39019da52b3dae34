#include "decoded_value.h"

#include "../format/number.h"

namespace audit {

void AppendDecodedValue(std::string_view value, std::string* out) {
  if (!value.empty() && value.front() == '"') {
    value.remove_prefix(1);
    out->append(value.substr(0, value.find('"')));
    return;
  }
  bool is_hex = !value.empty() && value.size() % 2 == 0;
  for (size_t i = 0; is_hex && i < value.size(); i++) is_hex = DigitValue(value[i]) < 16;
  if (!is_hex) {
    out->append(value);
    return;
  }
  for (size_t i = 0; i < value.size(); i += 2) {
    *out += static_cast<char>(DigitValue(value[i]) << 4 | DigitValue(value[i + 1]));
  }
}

}  // namespace audit
