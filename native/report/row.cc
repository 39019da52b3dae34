#include "row.h"

#include "../normalize/json_string.h"

namespace audit {

void Row::Separate(std::string_view name) {
  switch (format_) {
    case ReportFormat::kText:
      if (!is_first_) *out_ += ' ';
      break;
    case ReportFormat::kCsv:
      if (!is_first_) *out_ += ',';
      break;
    case ReportFormat::kJson:
      *out_ += is_first_ ? '{' : ',';
      AppendJsonString(name, out_);
      *out_ += ':';
      break;
  }
  is_first_ = false;
}

std::string* Row::Raw(std::string_view name) {
  Separate(name);
  return out_;
}

void Row::Cell(std::string_view name, std::string_view text, bool is_escaped, bool is_number) {
  Separate(name);
  switch (format_) {
    case ReportFormat::kText:
      AppendEscaped(text, is_escaped ? escape_ : plain_, out_);
      break;
    case ReportFormat::kCsv:
      if (plain_ == EscapeMode::kRaw) {
        AppendCsvField(text, out_);
      } else {
        std::string visible;
        AppendEscaped(text, plain_, &visible);
        AppendCsvField(visible, out_);
      }
      break;
    case ReportFormat::kJson:
      if (is_number) {
        *out_ += text;
      } else if (!AppendJsonString(text, out_)) {
        KeepBytes(name, text);
      }
      break;
  }
}

void Row::Missing(std::string_view name, std::string_view missing, bool is_escaped) {
  Separate(name);
  if (format_ == ReportFormat::kText) AppendEscaped(missing, is_escaped ? escape_ : plain_, out_);
  if (format_ == ReportFormat::kJson) *out_ += "null";
}

// Two names that differ in such bytes alone would otherwise be the same.
void Row::KeepBytes(std::string_view name, std::string_view bytes) {
  odd_ += odd_.empty() ? "{\"at\":\"/" : ",{\"at\":\"/";
  odd_ += name;
  odd_ += "\",\"base64\":\"";
  AppendBase64(bytes, &odd_);
  odd_ += "\"}";
}

void Row::End() {
  if (!odd_.empty()) {
    *out_ += ",\"not_utf8\":[";
    *out_ += odd_;
    *out_ += ']';
  }
  *out_ += format_ == ReportFormat::kJson ? "}\n" : "\n";
}

void AppendCsvField(std::string_view text, std::string* out) {
  if (text.find_first_of(",\"\r\n") == text.npos) {
    *out += text;
    return;
  }
  *out += '"';
  for (const char c : text) {
    if (c == '"') *out += '"';
    *out += c;
  }
  *out += '"';
}

}  // namespace audit
