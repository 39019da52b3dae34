// The parts that a line is made with.
#include <cerrno>
#include <cstdlib>
#include <random>

#include "check.h"
#include "native/format/line_writer.h"
#include "native/format/number.h"
#include "native/format/payload_map.h"

TEST("A writer keeps what fits and counts what does not") {
  for (size_t capacity = 0; capacity < 40; capacity++) {
    for (size_t size = 0; size < 40; size++) {
      char* const memory = new char[capacity];
      audit::LineWriter line(memory, capacity);
      const std::string text = std::string("abcdefghijklmnopqrstuvwxyz0123456789ABCDEF").substr(0, size);
      line.Append("0123");
      line.Append(text);
      line.Append('!');
      const std::string all = "0123" + text + "!";
      EQUAL(line.length(), all.size());
      const size_t kept = capacity < all.size() ? capacity : all.size();
      EQUAL(std::string(memory, kept), all.substr(0, kept));
      EQUAL(line.Written(4), capacity < all.size() ? "" : all.substr(4));
      delete[] memory;
    }
  }
}

TEST("A writer writes numbers, digits and escapes") {
  char memory[200];
  audit::LineWriter line(memory, sizeof memory);
  line.AppendDecimal(0);
  line.Append(' ');
  line.AppendDecimal(18446744073709551615u);
  line.Append(' ');
  line.AppendSigned(-2147483647 - 1);
  line.Append(' ');
  line.AppendHex(std::string_view("\x00\xff\x1d", 3));
  line.Append(' ');
  line.AppendEscaped(std::string_view("\x00\x1f~\xff", 4));
  EQUAL(line.Written(0), "0 18446744073709551615 -2147483648 00FF1D \\000\\037~\xff");
  line.Truncate(1);
  line.Append("x");
  EQUAL(line.Written(0), "0x");
}

TEST("Numbers are read as strtoul reads them") {
  std::mt19937_64 random(1);
  const std::string digits = "0123456789abcdefABCDEF+- xX\tz";
  for (int round = 0; round < 200000; round++) {
    std::string text;
    for (unsigned count = random() % 26; count > 0; count--) text += digits[random() % digits.size()];
    if (round % 2 == 0) text = std::to_string(random()) + (round % 3 == 0 ? text : "");
    for (const unsigned base : {10u, 16u}) {
      errno = 0;
      const uint64_t expected = std::strtoull(text.c_str(), nullptr, static_cast<int>(base));
      const bool overflows = errno == ERANGE;
      const audit::Number number = audit::ParseNumber(text, base);
      if (number.value != expected || number.overflows != overflows) check::Fail(__FILE__, __LINE__, text);
    }
  }
}

TEST("Both ways to copy a block of payload agree, on every byte value") {
  std::mt19937 random(1);
  for (int round = 0; round < 5000; round++) {
    char from[64], fast[64], portable[64];
    for (char& c : from) c = "=\n \x1d"[random() % 5];
    from[random() % 64] = static_cast<char>(round);
    const audit::PayloadMap::Block a = audit::PayloadMap::CopyBlock(from, fast);
    const audit::PayloadMap::Block b = audit::PayloadMap::CopyBlockPortably(from, portable);
    OK(a.blanks == b.blanks && a.equals == b.equals && a.forbidden == b.forbidden);
    EQUAL(std::string_view(fast, 64), std::string_view(portable, 64));
  }
}

TEST("A map finds every assignment of a payload, wherever it lies") {
  std::mt19937 random(1);
  for (int round = 0; round < 5000; round++) {
    std::string payload = "x";
    const size_t size = 1 + random() % 300;
    while (payload.size() < size)
      payload += random() % 40 == 0 ? std::string(random() % 200, 'y') : std::string(1, " =ab"[random() % 4]);
    std::string copy(payload.size(), '?');
    audit::PayloadMap map;
    OK(!map.Copy(payload.data(), payload.size(), copy.data()));
    EQUAL(copy, payload);

    size_t at = map.NextBlank(0);
    EQUAL(at, payload.find(' ') == std::string::npos ? payload.size() : payload.find(' '));
    audit::PayloadMap::Assignment found;
    while (map.NextAssignment(at, &found)) {
      const size_t equals = payload.find('=', at);
      EQUAL(found.equals, equals);
      EQUAL(found.start, payload.rfind(' ', equals) + 1);
      const size_t end = payload.find(' ', equals);
      EQUAL(found.end, end == std::string::npos ? payload.size() : end);
      at = found.end;
    }
    OK(at >= payload.size() || payload.find('=', at) == std::string::npos);
  }
}
