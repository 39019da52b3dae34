// A test is a function; a failed check prints both sides and goes on. check.cc has the main program.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

namespace check {

struct Test {
  Test(const char* name, void (*run)());
};

void Fail(const char* file, int line, const std::string& what);

// Text as it can be printed: control bytes and bytes above 0x7E as \xNN.
std::string Printable(std::string_view text);

inline std::string Show(std::string_view value) { return Printable(value); }
inline std::string Show(const std::string& value) { return Printable(value); }
inline std::string Show(const char* value) { return Printable(value); }
inline std::string Show(bool value) { return value ? "true" : "false"; }
template <typename Value>
std::string Show(const Value& value) {
  return std::to_string(static_cast<long long>(value));
}

template <typename Actual, typename Expected>
void Equal(const char* file, int line, const Actual& actual, const Expected& expected) {
  if constexpr (std::is_integral_v<Actual> && std::is_integral_v<Expected>) {
    if (static_cast<long long>(actual) == static_cast<long long>(expected)) return;  // of either sign
  } else if (actual == expected) {
    return;
  }
  Fail(file, line, "\n    got      " + Show(actual) + "\n    expected " + Show(expected));
}

}  // namespace check

// What holds, in words: TEST("An empty payload is lost") { ... }
#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)
#define TEST(what)                                                                        \
  static void CHECK_JOIN(test_, __LINE__)();                                              \
  static const check::Test CHECK_JOIN(run_, __LINE__)(what, CHECK_JOIN(test_, __LINE__)); \
  static void CHECK_JOIN(test_, __LINE__)()

#define EQUAL(actual, expected) check::Equal(__FILE__, __LINE__, actual, expected)
#define OK(condition) \
  if (!(condition)) check::Fail(__FILE__, __LINE__, #condition)
