// Lines that become events for tests of native/normalize, and accounts that do not depend on the machine.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "native/normalize/csv_writer.h"
#include "native/normalize/json_writer.h"
#include "native/normalize/text_writer.h"
#include "native/scan/header.h"

class FixedNames final : public audit::Names {
 public:
  std::string_view User(uint32_t uid) noexcept override { return uid == 1000 ? "alice" : ""; }
  std::string_view Group(uint32_t) noexcept override { return {}; }
  void Flush() noexcept override {}
};

class FixedUsers final : public audit::UserNumbers {
 public:
  bool NumberOf(std::string_view name, uint32_t* uid) noexcept override {
    *uid = 1000;
    return name == "alice";
  }
};

// Lines without a good head are left out, as reading a log leaves them out.
class LoggedEvent {
 public:
  LoggedEvent& Line(std::string_view line) {
    lines_.emplace_back(line);
    audit::Record record;
    const audit::HeaderFault fault = audit::ParseHeader(lines_.back(), audit::HeaderRules::kTool, &record);
    if (fault == audit::HeaderFault::kNone) records_.push_back(record);
    return *this;
  }
  // A record of this type and body, at the time that all records of a test have.
  LoggedEvent& Add(std::string_view type, std::string_view body) {
    return Line("type=" + std::string(type) + " msg=audit(1700000000.123:7): " + std::string(body));
  }
  // A call of that number, with `auid` alice and everything the kernel writes.
  LoggedEvent& Syscall(int number, std::string_view arguments = "a0=1 a1=2 a2=3 a3=4",
                       std::string_view success = "yes") {
    return Add("SYSCALL", "arch=c000003e syscall=" + std::to_string(number) + " success=" + std::string(success) +
                              " exit=0 " + std::string(arguments) +
                              " items=1 ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 "
                              "tty=pts0 ses=3 comm=\"tool\" exe=\"/usr/bin/tool\" subj=a:b key=\"k1\"");
  }
  LoggedEvent& Cwd(std::string_view directory) { return Add("CWD", "cwd=\"" + std::string(directory) + "\""); }
  LoggedEvent& Path(std::string_view name, std::string_view nametype, std::string_view mode = "0100644") {
    return Add("PATH", "item=0 name=\"" + std::string(name) + "\" inode=9 dev=08:01 mode=" + std::string(mode) +
                           " ouid=0 ogid=0 rdev=00:00 obj=o:p nametype=" + std::string(nametype));
  }

  audit::Event event() const {
    audit::Event event;
    if (records_.empty()) return event;
    event.stamp = records_[0].stamp;
    event.has_node = records_[0].has_node;
    event.node = records_[0].node;
    event.records = records_.data();
    event.count = records_.size();
    return event;
  }

 private:
  std::deque<std::string> lines_;
  std::vector<audit::Record> records_;
};

struct Rendered {
  std::string lines;
  std::string errors;
};

inline std::string AsText(const LoggedEvent& logged, bool debug = false) {
  FixedNames names;
  FixedUsers users;
  audit::Interpreter interpreter(names);
  audit::EventCursor cursor(interpreter);
  audit::Normalizer normalizer(users);
  audit::LocalTime time;
  std::string lines, errors;
  audit::TextWriter(cursor, normalizer, time, debug).Append(logged.event(), &lines, &errors);
  lines += errors;  // nothing: a test would see it
  return lines;
}

inline Rendered AsCsv(const LoggedEvent& logged, audit::CsvColumns columns = {}) {
  FixedNames names;
  FixedUsers users;
  audit::Interpreter interpreter(names);
  audit::EventCursor cursor(interpreter);
  audit::Normalizer normalizer(users);
  audit::LocalTime time;
  Rendered rendered;
  audit::CsvWriter(cursor, normalizer, time, columns).Append(logged.event(), &rendered.lines, &rendered.errors);
  return rendered;
}

inline std::string AsJson(const LoggedEvent& logged) {
  FixedNames names;
  FixedUsers users;
  audit::Interpreter interpreter(names, {audit::EscapeMode::kRaw, audit::KnownMachines::kAll});
  audit::EventCursor cursor(interpreter);
  audit::Normalizer normalizer(users, audit::NotedPlaces::kTrue);
  std::string line;
  audit::JsonWriter(cursor, normalizer).Append(logged.event(), &line);
  return line;
}
