#include "check.h"
#include "native/format/format.h"

namespace {

bool IsNone(const audit::PayloadStamp& stamp) { return !stamp.valid && stamp.milliseconds == 0 && stamp.serial == 0; }

}  // namespace

TEST("A stamp is time and serial") {
  const audit::PayloadStamp stamp = audit::ParseStamp("audit(1700000000.123:45): a=1");
  OK(stamp.valid);
  EQUAL(stamp.milliseconds, 1700000000123u);
  EQUAL(stamp.serial, 45u);
  OK(audit::ParseStamp("audit(0.000:0)").valid);
  OK(audit::ParseStamp("audit(1.5:4294967295):").serial == 4294967295u);
  EQUAL(audit::ParseStamp("audit(18446744073709550.999:1):").milliseconds, 18446744073709550999u);
}

TEST("What is not written as the kernel writes it is no stamp") {
  for (const char* payload : {"",
                              "a",
                              "audit",
                              "audit(",
                              "audit()",
                              "audit(1)",
                              "audit(1.",
                              "audit(1.000",
                              "audit(1.000:",
                              "audit(1.000:1",
                              "audit(1.000:1 ",
                              "audit(.000:1):",
                              "audit(1.:1):",
                              "audit(1.000:):",
                              "audit(1:1):",
                              "audit(1.0000:1):",
                              "audit(1.000:4294967296):",
                              "audit(1.000:99999999999):",
                              "audit(18446744073709551616.000:1):",
                              "audit(99999999999999999999999.000:1):",
                              "audit(-1.000:1):",
                              "audit(+1.000:1):",
                              "audit( 1.000:1):",
                              " audit(1.000:1):",
                              "AUDIT(1.000:1):",
                              "audit[1.000:1]:",
                              "msg=audit(1.000:1):"}) {
    if (!IsNone(audit::ParseStamp(payload))) check::Fail(__FILE__, __LINE__, payload);
  }
}

TEST("A stamp cut off anywhere is no stamp") {
  const std::string whole = "audit(1700000000.123:45)";
  OK(audit::ParseStamp(whole).valid);
  for (size_t length = 0; length < whole.size(); length++) OK(IsNone(audit::ParseStamp({whole.data(), length})));
}

TEST("A number of a million digits is no stamp") {
  const std::string digits(1000000, '9');
  OK(IsNone(audit::ParseStamp("audit(" + digits + ".123:45):")));
  OK(IsNone(audit::ParseStamp("audit(1.123:" + digits + "):")));
}
