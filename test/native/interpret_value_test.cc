#include "check.h"
#include "interpret_support.h"
#include "native/interpret/enrichment_list.h"
#include "native/interpret/syscall_arguments.h"

using interpret_support::EventOf;
using interpret_support::Line;

namespace {

std::string Value(std::string_view type, std::string_view name, std::string_view value) {
  EventOf event({Line(type, std::string(name) + "=" + std::string(value))});
  return event.Text(name);
}

std::string Argument(std::string_view syscall, unsigned index, std::string_view value, uint64_t a0 = 0,
                     uint64_t a1 = 0) {
  interpret_support::InterpretNames names;
  audit::CallContext call;
  call.machine = audit::MachineOfArch(0x40000003);  // i386 has every call of these tests
  while (audit::SyscallName(*call.machine, call.syscall) != syscall) call.syscall++;
  call.a0 = a0;
  call.a1 = a1;
  std::string text;
  audit::AppendSyscallArgument(index, value, call, names, &text);
  return text;
}

std::string Escaped(std::string_view text, audit::EscapeMode mode) {
  std::string out;
  audit::AppendEscaped(text, mode, &out);
  return out;
}

}  // namespace

TEST("Accounts have names, unset and unknown ones say so") {
  EQUAL(Value("USER", "uid", "0"), "root");
  EQUAL(Value("USER", "auid", "4294967295"), "unset");
  EQUAL(Value("USER", "auid", "-1"), "unset");
  EQUAL(Value("USER", "uid", "1001"), "alice");
  EQUAL(Value("USER", "gid", "1001"), "staff");
  EQUAL(Value("USER", "uid", "4294967294"), "unknown(-2)");
  EQUAL(Value("USER", "uid", "abc"), "root");
  EQUAL(Value("USER", "fsuid", "99999999999999999999"), "conversion error(99999999999999999999)");
  EQUAL(Value("ADD_GROUP", "id", "1001"), "staff");
}

TEST("Results, modes, signals and lists") {
  EQUAL(Value("SYSCALL", "exit", "-13"), "EACCES(Permission denied)");
  EQUAL(Value("SYSCALL", "exit", "-500"), "(null)(Unknown error 500)");
  EQUAL(Value("SYSCALL", "exit", "3"), "3");
  EQUAL(Value("SYSCALL", "exit", "abc"), "abc");
  EQUAL(Value("SYSCALL", "exit", "9223372036854775808"), "conversion error(9223372036854775808)");
  EQUAL(Value("PATH", "mode", "0100644"), "file,644");
  EQUAL(Value("PATH", "mode", "041777"), "dir,sticky,777");
  EQUAL(Value("PATH", "mode", "0600"), "000,600");
  EQUAL(Value("PATH", "mode", "0170000"), "017,000");
  EQUAL(Value("MQ_OPEN", "mode", "04755"), "suid,0755");
  EQUAL(Value("ANOM_ABEND", "sig", "30"), "IGPWR");
  EQUAL(Value("ANOM_ABEND", "sig", "77"), "unknown-signal(77)");
  EQUAL(Value("CONFIG_CHANGE", "list", "4"), "exit");
  EQUAL(Value("CONFIG_CHANGE", "res", "2"), "unset");
  EQUAL(Value("USER", "res", "success"), "success");
  EQUAL(Value("CONFIG_CHANGE", "perm", "0"), "read,write,exec,attr");
  EQUAL(Value("PATH", "cap_fp", "0"), "none");
  EQUAL(Value("PATH", "cap_fp", "10000000003"), "chown,dac_override,checkpoint_restore");
  EQUAL(Value("CAPSET", "capability", "99"), "unknown-capability(99)");
  EQUAL(Value("USER", "ses", "4294967295"), "unset");
  EQUAL(Value("USER", "old-ses", "4294967295"), "4294967295");
  EQUAL(Value("SECCOMP", "code", "0x7ffc0000"), "log");
  EQUAL(Value("OPENAT2", "resolve", "0x0"), "0x0x0");
  EQUAL(Value("SYSCALL", "per", "ff"), "unknown-personality(0xff)");
  EQUAL(Value("SYSCALL", "per", "40008"), "PER_LINUX32|~ADDR_NO_RANDOMIZE");
  EQUAL(Value("USER", "errno", "-13"), "EACCES");
  EQUAL(Value("USER", "proto", "6"), "tcp");
  EQUAL(Value("USER", "proto", "250"), "undefined protocol");
}

TEST("Keystrokes that are no keystrokes are escaped like every other text") {
  const auto typed = [](std::string_view data, audit::EscapeMode mode) {
    EventOf event({Line("TTY", "data=" + std::string(data))}, {mode, audit::KnownMachines::kReference});
    return event.Text("data");
  };
  EQUAL(typed("\004", audit::EscapeMode::kTty), "\\004");
  EQUAL(typed("\"", audit::EscapeMode::kShell), "\\\"");
  EQUAL(typed("\004", audit::EscapeMode::kRaw), "\004");
  // No byte at all: the parentheses are not of the record.
  EQUAL(typed("6", audit::EscapeMode::kShellQuote), "(null)");
}

TEST("Text is decoded, quoted or not, and escaped as wanted") {
  EQUAL(Value("SYSCALL", "comm", "\"ls\""), "ls");
  EQUAL(Value("SYSCALL", "comm", "6C730A6D"), "ls\\012m");
  EQUAL(Value("SYSCALL", "comm", "\"open"), " ");
  EQUAL(Value("SYSCALL", "comm", "(null)"), "(null)");
  EQUAL(Value("SYSCALL", "exe", "6C0073"), "l");
  EQUAL(Value("PROCTITLE", "proctitle", "6C73002D6C"), "ls -l");
  EQUAL(Value("PROCTITLE", "proctitle", "00414243"), "ABC ");
  EQUAL(Value("PROCTITLE", "proctitle", "4142431"), "ABC");
  EQUAL(Value("PROCTITLE", "proctitle", "2F4142zz434445"), "/AB    ");
  EQUAL(Value("USER", "grp", "admin"), "\xAD");
  EQUAL(Value("USER", "acct", "root"), "root");
  EQUAL(Value("EXECVE", "a1", "2D6C"), "-l");
  EQUAL(Value("EXECVE", "a1_len", "12"), "12");
  EQUAL(Value("TTY", "data", "6C730D1B5B41037F22C3A9"), "\"ls\",<ret>,<up>,<^C>,<backspace>,\"\\\"\\303\\251\"");
  EQUAL(Value("TTY", "data", "\"abc\""), "\"abc\"");
  EQUAL(Escaped("a\033b $c;", audit::EscapeMode::kRaw), "a\033b $c;");
  EQUAL(Escaped("a\033b $c;", audit::EscapeMode::kTty), "a\\033b $c;");
  EQUAL(Escaped("a\033b $c;", audit::EscapeMode::kShell), "a\\033b\\ \\$c;");
  EQUAL(Escaped("a\033b $c;", audit::EscapeMode::kShellQuote), "a\\033b\\ \\$c\\;");
}

TEST("Arguments depend on their system call") {
  EQUAL(Argument("openat", 0, "ffffff9c"), "AT_FDCWD");
  EQUAL(Argument("openat", 2, "80241"), "O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC");
  EQUAL(Argument("openat", 3, "1b6"), "0x1b6");
  EQUAL(Argument("open", 2, "1b6", 0, 0x41), "0666");
  EQUAL(Argument("open", 2, "1b6", 0, 0x1), "0x1b6");
  EQUAL(Argument("mmap", 2, "0"), "PROT_NONE");
  EQUAL(Argument("mmap", 2, "5"), "PROT_READ|PROT_EXEC");
  EQUAL(Argument("mmap", 3, "22"), "MAP_PRIVATE|MAP_ANONYMOUS");
  EQUAL(Argument("clone", 0, "1200011"), "CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD");
  EQUAL(Argument("shmget", 2, "3b6"), "IPC_CREAT|0666");
  EQUAL(Argument("setsockopt", 1, "6"), "tcp");
  EQUAL(Argument("setsockopt", 2, "9", 0, 1), "SO_KEEPALIVE");
  EQUAL(Argument("setsockopt", 2, "1", 0, 17), "UDP_CORK");
  EQUAL(Argument("prctl", 1, "15", 23), "sys_admin");
  EQUAL(Argument("prctl", 1, "f", 1), "SIGTERM");
  EQUAL(Argument("clock_settime", 0, "7"), "unknown-clk_id(0x7)");
  EQUAL(Argument("fcntl", 1, "406"), "F_DUPFD_CLOEXEC");
  EQUAL(Argument("fcntl", 1, "ff"), "unknown-fcntl-command(255)");
  EQUAL(Argument("exit_group", 0, "2"), "UNKNOWN");
  EQUAL(Argument("setuid", 0, "3e9"), "alice");
  EQUAL(Argument("ioctl", 1, "5401"), "TCGETS");
  EQUAL(Argument("ioctl", 1, "1234"), "0x1234");
  EQUAL(Argument("write", 1, "7ffe"), "0x7ffe");
  EQUAL(Argument("kill", 1, "fffffffffffffffff"), "conversion error(fffffffffffffffff)");
}

TEST("A field takes its name from the record's enrichment first") {
  const std::string line = Line("SYSCALL", "arch=c000003e syscall=257 uid=7 auid=1001 comm=\"x\"") +
                           "\x1D"
                           "ARCH=x86_64 SYSCALL=enriched UID=\"bob\" AUID=\"al smith\" COMM=raw\033";
  EventOf event({line});
  EQUAL(event.Text("syscall"), "enriched");
  EQUAL(event.Text("uid"), "bob");
  EQUAL(event.Text("auid"), " ");  // a value with a blank is cut, and then has no closing quote
  EQUAL(event.Text("comm"), "raw\033");
  EventOf unknown({Line("SYSCALL", "arch=c000003e syscall=1") + "\x1DSYSCALL=unknown-syscall(1)"});
  EQUAL(unknown.Text("syscall"), "write");
}

TEST("A socket address in the enrichment stands alone") {
  audit::EnrichmentList list;
  list.Parse("SADDR={ saddr_fam=inet laddr=1.2.3.4 lport=5 } UID=\"x\"");
  OK(list.Find("uid") == nullptr);
  EQUAL(*list.Find("saddr"), "{ saddr_fam=inet laddr=1.2.3.4 lport=5 } UID=\"x\"");
  list.Parse("SADDR=unknown family");
  OK(list.empty());
}

TEST("A list of very many names is searched as fast as a short one") {
  std::string line = Line("USER", "uid=7 last=1");
  std::string names;
  std::string fields;
  for (int i = 0; i < 20000; i++) {
    fields += " f" + std::to_string(i) + "=1";
    names += " F" + std::to_string(i) + "=v" + std::to_string(i) + " F" + std::to_string(i) + "=again";
  }
  EventOf event({line + fields + "\x1DUID=\"bob\"" + names});
  EQUAL(event.Text("uid"), "bob");
  EQUAL(event.Text("last"), "1");
  EQUAL(event.Text("f19999"), "v19999");
  for (size_t field = 0; field < event->FieldsOf(0).count(); field++) event->InterpretAt(0, field);
  EQUAL(event->InterpretAt(0, 4), "v1");
}

TEST("Socket addresses give their parts") {
  EventOf event({Line("SOCKADDR", "saddr=020000357F0000350000000000000000")});
  event->FindField("saddr");
  EQUAL(event->InterpretSocketPart(audit::SocketPart::kFamily), "inet");
  EQUAL(event->InterpretSocketPart(audit::SocketPart::kPort), "53");
  EQUAL(event->InterpretSocketPart(audit::SocketPart::kAddress), "127.0.0.53");
  EQUAL(event->Interpret(), "{ saddr_fam=inet laddr=127.0.0.53 lport=53 }");
  EventOf local({Line("SOCKADDR", "saddr=01002F746D7000")});
  local->FindField("saddr");
  EQUAL(local->Interpret(), "{ saddr_fam=local path=/tmp }");
  OK(local->InterpretSocketPart(audit::SocketPart::kPort).data() == nullptr);
}
