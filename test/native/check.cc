#include "check.h"

#include <cstdio>
#include <cstring>
#include <vector>

namespace check {

namespace {

struct Registered {
  const char* name;
  void (*run)();
};

std::vector<Registered>& Tests() {
  static std::vector<Registered> tests;
  return tests;
}

int failures = 0;

}  // namespace

Test::Test(const char* name, void (*run)()) { Tests().push_back({name, run}); }

void Fail(const char* file, int line, const std::string& what) {
  if (++failures > 50) return;  // one wrong byte can fail ten thousand cases
  std::fprintf(stderr, "  %s:%d: %s\n", file, line, what.c_str());
}

std::string Printable(std::string_view text) {
  std::string printable;
  for (const char c : text.substr(0, 2000)) {
    if (c >= ' ' && c <= '~') {
      printable += c;
    } else {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02X", static_cast<unsigned char>(c));
      printable += hex;
    }
  }
  return printable;
}

}  // namespace check

// With an argument: only the tests whose name holds it.
int main(int count, char** arguments) {
  int run = 0;
  int failed = 0;
  for (const check::Registered& test : check::Tests()) {
    if (count > 1 && std::strstr(test.name, arguments[1]) == nullptr) continue;
    const int before = check::failures;
    test.run();
    run++;
    if (check::failures == before) continue;
    failed++;
    std::fprintf(stderr, "not ok: %s\n", test.name);
  }
  std::printf("%d tests, %d failed\n", run, failed);
  return failed > 0 || run == 0 ? 1 : 0;
}
