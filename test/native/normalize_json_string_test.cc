// Strings and times of JSON, which events and reports share.
#include <random>
#include <string>

#include "check.h"
#include "json_reader.h"
#include "native/normalize/json_string.h"
#include "native/normalize/utc_time.h"

namespace {

struct Quoted {
  std::string text;
  bool is_utf8;
};

Quoted Quote(std::string_view bytes) {
  Quoted quoted;
  quoted.is_utf8 = audit::AppendJsonString(bytes, &quoted.text);
  return quoted;
}

std::string Base64(std::string_view bytes) {
  std::string text;
  audit::AppendBase64(bytes, &text);
  return text;
}

}  // namespace

TEST("Text stays as it is but for what JSON or a terminal would take for something else") {
  EQUAL(Quote("a \"b\" \\ /\xC3\xA9\xF0\x9F\x98\x80").text, "\"a \\\"b\\\" \\\\ /\xC3\xA9\xF0\x9F\x98\x80\"");
  EQUAL(Quote(std::string_view("\0\n\x1B\x7F", 4)).text, R"("\u0000\u000a\u001b\u007f")");
  EQUAL(Quote("\xC2\x9B\xE2\x80\xAE\xE2\x81\xA6\xEF\xBB\xBF").text, R"("\u009b\u202e\u2066\ufeff")");
  OK(Quote("\xE2\x80\xAE").is_utf8);
}

TEST("Each byte that is no UTF-8 is replaced: overlong forms, surrogates, what is cut short") {
  for (const std::string_view bytes : {"\xFF", "\x80", "\xC3"}) {
    EQUAL(Quote(bytes).text, R"("\ufffd")");
    EQUAL(Quote(bytes).is_utf8, false);
  }
  EQUAL(Quote("\xC0\xAFx\xE0\x80\x80").text, R"("\ufffd\ufffdx\ufffd\ufffd\ufffd")");
  EQUAL(Quote("\xED\xA0\x80").text, R"("\ufffd\ufffd\ufffd")");
  EQUAL(Quote("\xF4\x90\x80\x80").text, R"("\ufffd\ufffd\ufffd\ufffd")");
}

TEST("Base64 pads") {
  EQUAL(Base64(""), "");
  EQUAL(Base64("f"), "Zg==");
  EQUAL(Base64("fo"), "Zm8=");
  EQUAL(Base64("foo"), "Zm9v");
  EQUAL(Base64("caf\xE9"), "Y2Fm6Q==");
}

TEST("What needs no escape is copied up to the first byte that may, wherever it stands") {
  for (int byte = 0; byte < 256; byte++) {
    for (size_t size = 1; size < 26; size++) {
      for (size_t at = 0; at < size; at++) {
        std::string bytes(size, '~');
        bytes[at] = static_cast<char>(byte);
        const bool is_plain = byte >= ' ' && byte < 0x7F && byte != '"' && byte != '\\';
        std::string copy(size, '\0');
        const size_t copied = audit::CopyPlain(bytes, copy.data());
        if (copied != (is_plain ? size : at)) EQUAL(copied, at);
        if (copy.compare(0, copied, bytes, 0, copied) != 0) EQUAL(copy, bytes);
      }
    }
  }
  EQUAL(audit::CopyPlain("", nullptr), 0);
}

TEST("Any bytes make one JSON string without control bytes") {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; round++) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const Quoted quoted = Quote(bytes);
    std::string fault;
    if (!IsJson(quoted.text, &fault)) check::Fail(__FILE__, __LINE__, fault + " in " + check::Printable(quoted.text));
    OK(audit::IsUtf8(quoted.text));
    EQUAL(quoted.is_utf8, audit::IsUtf8(bytes));
    for (const char c : quoted.text) OK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  }
}

TEST("A time is RFC 3339 as long as that has a form for it") {
  EQUAL(audit::UtcTime({1700000000, 1, 7}), "2023-11-14T22:13:20.007Z");
  EQUAL(audit::UtcTime({253402300799, 1, 999}), "9999-12-31T23:59:59.999Z");
  EQUAL(audit::UtcTime({253402300800, 1, 0}), "");
  EQUAL(audit::UtcTime({INT64_MAX, 1, 0}), "");
  EQUAL(audit::UtcTime({-62135596800, 1, 0}), "0001-01-01T00:00:00.000Z");
}
