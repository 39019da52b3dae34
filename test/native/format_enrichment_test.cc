// The interpreted part, field by field.
#include <cctype>
#include <vector>

#include "check.h"
#include "format_support.h"

using namespace format_support;

namespace {

std::string UpperCase(std::string name) {
  for (char& c : name) c = static_cast<char>(std::toupper(c));
  return name;
}

}  // namespace

TEST("User fields get the user's name under the upper-case name") {
  for (const std::string name : {"auid", "uid", "euid", "suid", "fsuid", "ouid", "oauid", "old-auid", "iuid", "id",
                                 "inode_uid", "sauid", "obj_uid"}) {
    EQUAL(Interpreted(1300, name + "=1001"), UpperCase(name) + "=\"alice\"");
  }
}

TEST("Group fields get the group's name") {
  for (const std::string name : {"gid", "egid", "sgid", "fsgid", "ogid", "igid", "inode_gid", "obj_gid", "new_gid"}) {
    EQUAL(Interpreted(1300, name + "=1001"), UpperCase(name) + "=\"staff\"");
  }
}

TEST("id is a group where groups are made, and a user elsewhere") {
  for (const uint16_t type : {1116, 1117, 1132}) EQUAL(Interpreted(type, "id=4"), "ID=\"adm\"");
  for (const uint16_t type : {1114, 1115, 1102, 1300}) EQUAL(Interpreted(type, "id=1002"), "ID=\"bob\"");
}

TEST("No other field is interpreted") {
  EQUAL(Interpreted(1300,
                    "pid=1001 ppid=1001 ses=3 UID=1001 uidd=1001 xuid=1001 u=1 ui=1001 exit=-13 a1=1 "
                    "success=no comm=\"x\" inode_uie=1 jnode_uid=1 node_uid=1 old_auid=1001 vm-uid=1001"),
        "");
}

TEST("Copies follow the record's order, and a field that comes twice is copied twice") {
  EQUAL(Interpreted(1006, "pid=9 uid=0 old-auid=4294967295 auid=1001 tty=(none) uid=1002"),
        "UID=\"root\" OLD-AUID=\"unset\" AUID=\"alice\" UID=\"bob\"");
}

TEST("Account numbers have the reference's texts") {
  const struct {
    const char* value;
    const char* text;
  } cases[] = {
      {"4294967295", "\"unset\""},
      {"-1", "\"unset\""},
      {"18446744073709551615", "\"unset\""},
      {"0", "\"root\""},
      {"00", "\"root\""},
      {"+1001", "\"alice\""},
      {"01001", "\"alice\""},
      {"1001abc", "\"alice\""},
      {"\t1001", "\"alice\""},
      {"4294968297", "\"alice\""},  // as a 32 bit number
      {"4294967294", "\"unknown(-2)\""},
      {"2147483648", "\"unknown(-2147483648)\""},
      {"2147483647", "\"unknown(2147483647)\""},
      {"99999", "\"unknown(99999)\""},
      {"-2", "\"unknown(-2)\""},
      {"abc", "\"root\""},  // what is no number is 0
      {"?", "\"root\""},
      {"(none)", "\"root\""},
      {"0x3e9", "\"root\""},
      {"-", "\"root\""},
      {"9223372036854775808", "\"root\""},
      // "conversion error(18446744073709551616)" has a blank, so it is hexadecimal like a name with one.
      {"18446744073709551616",
       "636F6E76657273696F6E206572726F72283138343436373434303733373039353531363136"
       "29"},
  };
  for (const auto& [value, text] : cases) {
    EQUAL(Interpreted(1300, std::string("uid=") + value), std::string("UID=") + text);
  }
  EQUAL(Interpreted(1300, "gid=4294967295 gid=0 gid=99999"), "GID=\"unset\" GID=\"root\" GID=\"unknown(99999)\"");
}

TEST("Neither root nor unset is looked up, and one account only once in a run") {
  FakeNames names;
  Format(1300, std::string(kStamp) + "auid=4294967295 uid=0 gid=0 egid=4294967295", {true, {}}, names);
  EQUAL(names.calls, "");
  Format(1300, std::string(kStamp) + "auid=1001 uid=1001 gid=1001 euid=1002 egid=1001", {true, {}}, names);
  EQUAL(names.calls, "u1001 g1001 u1002 ");
}

TEST("A name with a quote, a blank or other bytes is hexadecimal, without quotes") {
  FakeNames names;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"al ice", "616C20696365"},
      {"al\"ice", "616C22696365"},
      {"al\x1dice", "616C1D696365"},
      {"al\nice", "616C0A696365"},
      {"\x7f", "7F"},
      {"\xc3\xa9", "C3A9"},
      {"\x20", "20"},
      {"~!'\\", "\"~!'\\\""},
  };
  for (const auto& [name, text] : cases) {
    names.users[7] = name;
    EQUAL(Format(1300, std::string(kStamp) + "uid=7", {true, {}}, names).line,
          "type=SYSCALL msg=" + std::string(kStamp) + "uid=7\x1dUID=" + text);
  }
}

TEST("Fields inside a user message count like any other") {
  EQUAL(Interpreted(1105, "pid=1 uid=0 auid=1001 ses=1 msg='op=PAM:x acct=\"bob\" id=1002 res=success'"),
        "UID=\"root\" AUID=\"alice\" ID=\"bob\"");
  EQUAL(Interpreted(1105, "msg='uid=1001 res=1'"), "UID=\"alice\"");
  EQUAL(Interpreted(1105, "msg='uid=1001'"), "UID=\"alice\"");
  EQUAL(Interpreted(1105, "msg=' uid=1001'"), "UID=\"alice\"");
  EQUAL(Interpreted(1105, "msg='uid' uid=1001 msg='uid="), "UID=\"alice\"");
  EQUAL(Interpreted(1105, "msg=' msg=\""), "");
}

TEST("A second stamp is no field, and neither is a field without a value") {
  EQUAL(Interpreted(1300, "msg=audit(1.000:1): uid=1001"), "UID=\"alice\"");
  EQUAL(Interpreted(1300, "uid= gid="), "");
  EQUAL(Interpreted(1300, "msg="), "");
}

TEST("Punctuation around names and values is taken off once each, in order") {
  EQUAL(Interpreted(1300, "(uid=1001,"), "UID=\"alice\"");
  EQUAL(Interpreted(1300, "((uid=1001"), "");
  const std::pair<const char*, const char*> values[] = {
      {"zz:", "zz"},   {"zz,", "zz"},    {"zz'", "zz"},        {"zz)", "zz"},        {"zz,:", "zz"},
      {"zz',:", "zz"}, {"zz)',:", "zz"}, {"zz:,", "zz:"},      {"zz')", "zz'"},      {"zz,'", "zz,"},
      {"zz:)", "zz:"}, {"zz))", "zz)"},  {"(none)", "(none)"}, {"(null)", "(null)"}, {"(nil)", "(nil"},
  };
  for (const auto& [value, text] : values) {
    EQUAL(Interpreted(1400, std::string("arch=") + value), "ARCH=unknown-elf-type(" + std::string(text) + ")");
  }
  EQUAL(Interpreted(1400, "uid=:"), "UID=\"root\"");  // an empty value is left, and that is 0
}

TEST("Fields are separated by blanks only") {
  EQUAL(Interpreted(1300, "a=1\tuid=1001"), "");
  EQUAL(Interpreted(1300, "  uid=1001   gid=4  "), "UID=\"alice\" GID=\"adm\"");
  EQUAL(Interpreted(1300, "comm=\"a uid=1001\""), "UID=\"alice\"");
  EQUAL(Interpreted(1300, "x\nuid=1001\ngid=4"), "UID=\"alice\" GID=\"adm\"");
}

TEST("The stamp's own word is no field") {
  EQUAL(Enriched(1300, "audit(1700000000.123:45):uid=1001"), "type=SYSCALL msg=audit(1700000000.123:45):uid=1001");
}

TEST("Machines have names, others their number") {
  const std::pair<const char*, const char*> machines[] = {
      {"40000003", "i386"},
      {"c000003e", "x86_64"},
      {"C000003E", "x86_64"},
      {"0xc000003e", "x86_64"},
      {"14", "ppc"},
      {"80000015", "ppc64"},
      {"c0000015", "ppc64le"},
      {"16", "s390"},
      {"80000016", "s390x"},
      {"40000028", "armeb"},
      {"c00000b7", "aarch64"},
      {"400000f3", "riscv32"},
      {"c00000f3", "riscv64"},
      {"1c000003e", "x86_64"},  // as a 32 bit number, like ausearch -i
      {"c000003f", "unknown-elf-type(c000003f)"},
      {"0", "unknown-elf-type(0)"},
      {"zz", "unknown-elf-type(zz)"},
      {"1\x01", "unknown-elf-type(1\\001)"},
      {"11c000003e0000000", "conversion error(11c000003e0000000)"},
  };
  for (const auto& [value, text] : machines) {
    EQUAL(Interpreted(1300, std::string("arch=") + value), std::string("ARCH=") + text);
  }
}

TEST("A system call's name is the one of the record's machine") {
  EQUAL(Interpreted(1300, "arch=c000003e syscall=257 success=yes"), "ARCH=x86_64 SYSCALL=openat");
  EQUAL(Interpreted(1300, "arch=40000003 syscall=5"), "ARCH=i386 SYSCALL=open");
  EQUAL(Interpreted(1300, "arch=c00000b7 syscall=221"), "ARCH=aarch64 SYSCALL=execve");
  EQUAL(Interpreted(1300, "arch=80000015 syscall=5"), "ARCH=ppc64 SYSCALL=open");
  EQUAL(Interpreted(1300, "arch=c000003e syscall=471"), "ARCH=x86_64 SYSCALL=rseq_slice_yield");
}

TEST("A number without a system call is unknown") {
  EQUAL(Interpreted(1300, "arch=c000003e syscall=472"), "ARCH=x86_64 SYSCALL=unknown-syscall(472)");
  EQUAL(Interpreted(1300, "arch=c000003e syscall=99999"), "ARCH=x86_64 SYSCALL=unknown-syscall(99999)");
  EQUAL(Interpreted(1300, "arch=c000003e syscall=-1"), "ARCH=x86_64 SYSCALL=unknown-syscall(-1)");
  EQUAL(Interpreted(1300, "arch=40000003 syscall=17"), "ARCH=i386 SYSCALL=break");
  EQUAL(Interpreted(1300, "arch=c000003e syscall=99999999999999999999999"), "ARCH=x86_64 SYSCALL=unknown-syscall(-1)");
}

#if defined(__x86_64__)
TEST("Without a known machine the native one is assumed") {
  EQUAL(Interpreted(1300, "arch=c000003f syscall=257"), "ARCH=unknown-elf-type(c000003f) SYSCALL=openat");
  EQUAL(Interpreted(1300, "per=0 syscall=257 arch=40000003"), "SYSCALL=openat ARCH=i386");
}
#endif

TEST("A machine that is no number leaves the call unknown") {
  EQUAL(Interpreted(1300, "arch=11c000003e0000000 syscall=257"),
        "ARCH=conversion error(11c000003e0000000) SYSCALL=unknown-syscall(257)");
}

TEST("The call counts only where the kernel puts it: second field in SYSCALL") {
  EQUAL(Interpreted(1300, "arch=c000003e per=8 syscall=257"), "ARCH=x86_64 SYSCALL=unknown-syscall(-1)");
  EQUAL(Interpreted(1300, "syscall=257 arch=c000003e"), "SYSCALL=unknown-syscall(-1) ARCH=x86_64");
  EQUAL(Interpreted(1300, "arch=c000003e syscall=257 a=1 arch=40000003 syscall=5"),
        "ARCH=x86_64 SYSCALL=openat ARCH=x86_64 SYSCALL=openat");
}

TEST("In SECCOMP records arch is tenth and syscall eleventh, when there is a subj field") {
  const std::string start = "auid=1001 uid=1001 gid=1001 ses=3 ";
  const std::string end = "pid=80 comm=\"c\" exe=\"/c\" sig=31 arch=40000003 syscall=99 compat=0 ip=0x7f code=0x0";
  const std::string accounts = "AUID=\"alice\" UID=\"alice\" GID=\"staff\" ";
  EQUAL(Interpreted(1326, start + "subj=u:r:t:s0 " + end), accounts + "ARCH=i386 SYSCALL=statfs");
  EQUAL(Interpreted(1326, start + end), accounts + "ARCH=i386 SYSCALL=unknown-syscall(-1)");
}

TEST("socketcall and ipc name the call behind them when it is known") {
  const std::string start = "arch=40000003 syscall=102 success=yes exit=0 ";
  EQUAL(Interpreted(1300, start + "a0=3"), "ARCH=i386 SYSCALL=socketcall(connect)");
  EQUAL(Interpreted(1300, start + "a0=14"), "ARCH=i386 SYSCALL=socketcall(sendmmsg)");
  EQUAL(Interpreted(1300, start + "a0=0"), "ARCH=i386 SYSCALL=socketcall");
  EQUAL(Interpreted(1300, start + "a0=99"), "ARCH=i386 SYSCALL=socketcall");
  EQUAL(Interpreted(1300, start + "a0=ffffffffffffffffffffff"), "ARCH=i386 SYSCALL=socketcall");
  EQUAL(Interpreted(1300, "arch=40000003 syscall=102 a0=3"), "ARCH=i386 SYSCALL=socketcall");
  const std::string ipc = "arch=40000003 syscall=117 success=yes exit=0 ";
  EQUAL(Interpreted(1300, ipc + "a0=15"), "ARCH=i386 SYSCALL=ipc(shmat)");
  EQUAL(Interpreted(1300, ipc + "a0=5"), "ARCH=i386 SYSCALL=ipc");
}

TEST("An io_uring operation has its own names and stands first") {
  EQUAL(Interpreted(1336, "uring_op=18 success=yes uid=0"), "URING_OP=openat UID=\"root\"");
  EQUAL(Interpreted(1336, "uring_op=64"), "URING_OP=uring_cmd128");
  EQUAL(Interpreted(1336, "uring_op=1"), "URING_OP=unknown-syscall(1)");
  EQUAL(Interpreted(1336, "uring_op=65"), "URING_OP=unknown-syscall(65)");
  EQUAL(Interpreted(1336, "x=1 uring_op=18"), "URING_OP=unknown-syscall(-1)");
}

TEST("The arguments of a program are not accounts") {
  EQUAL(Interpreted(1309, "argc=2 a0=\"x\" auid=1001 arch=c000003e uid=1001"), "UID=\"alice\"");
}

TEST("A payload without a stamp is not interpreted") {
  for (const std::string payload :
       {"uid=1001", "audit(1700000000.123): uid=1001", "xudit(1700000000.123:45): uid=1001"}) {
    EQUAL(Enriched(1300, payload), "type=SYSCALL msg=" + payload);
  }
}

TEST("Without an interpreted field there is no separator") {
  FakeNames names;
  const Result result = Format(1327, std::string(kStamp) + "proctitle=2F62696E", {true, {}}, names);
  EQUAL(result.line, "type=PROCTITLE msg=" + std::string(kStamp) + "proctitle=2F62696E");
  OK(!result.Has(audit::kHasEnrichment));
  OK(Format(1300, std::string(kStamp) + "uid=0", {true, {}}, names).Has(audit::kHasEnrichment));
}

TEST("Accounts that are made are looked up afresh; those that went, from the next record on") {
  const std::string payload = std::string(kStamp) + "uid=1001";
  for (int type = 1100; type < 1200; type++) {
    FakeNames names;
    Format(static_cast<uint16_t>(type), payload, {true, {}}, names);
    const bool before = type == 1114 || type == 1116;                                 // ADD_USER, ADD_GROUP
    const bool after = type == 1102 || type == 1115 || type == 1117 || type == 1132;  // USER_MGMT, DEL_*, GRP_MGMT
    EQUAL(names.calls, before ? "flush u1001 " : after ? "u1001 flush " : "u1001 ");
  }
}

TEST("A copy that does not fit into the reference's buffer is left out whole, later ones are tried") {
  // 9224 bytes is the most that the reference puts together, before it cuts the line at 8969. Each digit counts twice.
  const std::string start = std::string(kStamp) + "ab arch=";
  const std::string end = " uid=1001";
  const size_t plain = std::string("type=SYSCALL msg=").size() + start.size() + end.size();
  const size_t copy = std::string("_ARCH=unknown-elf-type()").size();
  const size_t most = (9224 - plain - copy) / 2;
  EQUAL(plain + copy + 2 * most, 9224u);
  const auto interpreted = [&](size_t digits) {
    FakeNames names;
    const Result result = Format(1300, start + std::string(digits, 'z') + end, {true, {}}, names);
    return result.line.substr(plain + digits + 1);
  };
  EQUAL(interpreted(most).substr(0, 23), "ARCH=unknown-elf-type(z");
  EQUAL(interpreted(most + 1), "UID=\"alice\"");
}
