// Prints the records of a log, in its order, as `ausearch -i` prints them:
//
//   interpret_lines PASSWD GROUP raw|tty|shell|shell_quote < LOG
//
// test/conformance/interpret.conformance.ts compares them with what the reference printed.
#include <netdb.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include "native/interpret/record_printer.h"
#include "native/scan/line_parser.h"

namespace {

using Accounts = std::map<uint32_t, std::string>;

// NAME:x:NUMBER:… of passwd(5) and group(5).
Accounts Read(const char* path) {
  Accounts accounts;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t name = line.find(':');
    const size_t number = line.find(':', name + 1);
    if (number == std::string::npos) continue;
    accounts.emplace(static_cast<uint32_t>(std::strtoul(line.c_str() + number + 1, nullptr, 10)), line.substr(0, name));
  }
  return accounts;
}

class RecordedNames final : public audit::Names {
 public:
  RecordedNames(const char* passwd, const char* group) : users_(Read(passwd)), groups_(Read(group)) {}

  std::string_view User(uint32_t uid) noexcept override { return Find(users_, uid); }
  std::string_view Group(uint32_t gid) noexcept override { return Find(groups_, gid); }
  std::string_view Protocol(uint32_t number) noexcept override {
    const protoent* found = getprotobynumber(static_cast<int>(number));
    return found == nullptr ? "" : found->p_name;
  }
  void Flush() noexcept override {}

 private:
  static std::string_view Find(const Accounts& accounts, uint32_t number) noexcept {
    const auto found = accounts.find(number);
    return found == accounts.end() ? std::string_view() : found->second;
  }

  const Accounts users_;
  const Accounts groups_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: interpret_lines PASSWD GROUP raw|tty|shell|shell_quote < LOG\n");
    return 2;
  }
  audit::InterpreterOptions options;
  const std::string_view mode = arguments[3];
  options.escape = mode == "raw"     ? audit::EscapeMode::kRaw
                   : mode == "tty"   ? audit::EscapeMode::kTty
                   : mode == "shell" ? audit::EscapeMode::kShell
                                     : audit::EscapeMode::kShellQuote;
  const std::string log((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  const std::shared_ptr<audit::BlockPool> pool = audit::BlockPool::New();
  const audit::BlockRef block = pool->Take(log.size() + 1);
  std::memcpy(block->bytes.get(), log.data(), log.size());
  block->size = log.size();
  audit::ParsedLines parsed;
  audit::ParseLines(block.get(), 0, true, {}, &parsed);

  RecordedNames names(arguments[1], arguments[2]);
  audit::Interpreter interpreter(names, options);
  audit::LogTime time;
  audit::RecordPrinter printer(interpreter, time);
  std::string out;
  for (const audit::Record& record : block->records) printer.Append(record, &out);
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}
