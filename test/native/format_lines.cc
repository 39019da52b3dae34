// Formats records as the daemon does, for comparison with recorded logs.
//
//   format_lines raw|enriched NODE PASSWD GROUP < records > lines
//
// A record is one line: its type (SYSCALL, UNKNOWN[1950] or a number), a tab, its payload. NODE is - for none. Account
// names come from the two files alone.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "native/format/format.h"
#include "native/tables/tables.h"

namespace {

// name:password:number:... as passwd(5) and group(5) have it.
std::map<uint32_t, std::string> ReadAccounts(const char* path) {
  std::map<uint32_t, std::string> accounts;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t name_end = line.find(':');
    const size_t number = line.find(':', name_end + 1) + 1;
    accounts.emplace(static_cast<uint32_t>(std::strtoul(line.c_str() + number, nullptr, 10)), line.substr(0, name_end));
  }
  return accounts;
}

class FileNames final : public audit::Names {
 public:
  FileNames(const char* passwd, const char* group) : users_(ReadAccounts(passwd)), groups_(ReadAccounts(group)) {}

  std::string_view User(uint32_t uid) noexcept override { return Find(users_, uid); }
  std::string_view Group(uint32_t gid) noexcept override { return Find(groups_, gid); }
  void Flush() noexcept override {}

 private:
  static std::string_view Find(const std::map<uint32_t, std::string>& accounts, uint32_t number) {
    const auto found = accounts.find(number);
    return found == accounts.end() ? std::string_view() : found->second;
  }

  std::map<uint32_t, std::string> users_;
  std::map<uint32_t, std::string> groups_;
};

// -1: no such type.
int TypeNumber(const std::string& name) {
  const std::string unknown = "UNKNOWN[";
  if (name.compare(0, unknown.size(), unknown) == 0) return std::atoi(name.c_str() + unknown.size());
  if (name[0] >= '0' && name[0] <= '9') return std::atoi(name.c_str());
  for (int type = 0; type <= UINT16_MAX; type++) {
    if (audit::RecordTypeName(static_cast<uint16_t>(type)) == name) return type;
  }
  return -1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string format = count == 5 ? arguments[1] : "";
  if (format != "raw" && format != "enriched") {
    std::fprintf(stderr, "usage: format_lines raw|enriched NODE PASSWD GROUP < records\n");
    return 2;
  }
  const std::string node = arguments[2];
  FileNames names(arguments[3], arguments[4]);
  audit::Formatter formatter({format == "enriched", node == "-" ? std::string_view() : std::string_view(node)}, names);

  std::ios::sync_with_stdio(false);
  for (std::string record; std::getline(std::cin, record);) {
    const size_t tab = record.find('\t');
    const int type = tab == std::string::npos || tab == 0 ? -1 : TypeNumber(record.substr(0, tab));
    if (type < 0) {
      std::fprintf(stderr, "no record type: %s\n", record.c_str());
      return 1;
    }
    char line[audit::kMaxLine + 1];
    const audit::Formatted formatted =
        formatter.Format(static_cast<uint16_t>(type), std::string_view(record).substr(tab + 1), line);
    line[formatted.length] = '\n';
    std::cout.write(line, formatted.length + 1);
  }
  return 0;
}
