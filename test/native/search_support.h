// Events for tests of native/search: records with a head of their own, all of one event.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "native/scan/record.h"

class EventUnderTest {
 public:
  // A record of this type; `body` is what follows "msg=audit(...): ".
  EventUnderTest& Add(int type, std::string_view body) {
    const std::string head = "type=" + std::to_string(type) + " msg=audit(1700000000.123:7): ";
    texts_.push_back(head + std::string(body));
    audit::Record record;
    record.text = texts_.back();
    record.type = type;
    record.type_name = std::string_view(texts_.back()).substr(5, head.find(' ') - 5);
    record.stamp = {1700000000, 7, 123};
    record.body = static_cast<uint32_t>(head.size());
    records_.push_back(record);
    return *this;
  }

  audit::Event event() const {
    audit::Event event;
    event.stamp = {1700000000, 7, 123};
    event.records = records_.data();
    event.count = records_.size();
    return event;
  }

 private:
  std::deque<std::string> texts_;
  std::vector<audit::Record> records_;
};

inline constexpr int kSyscallType = 1300;
inline constexpr std::string_view kSyscallBody =
    "arch=c000003e syscall=2 success=no exit=-2 a0=7f a1=1b6 a2=42 a3=0 items=2 ppid=10 pid=300 auid=1001 uid=5 gid=6 "
    "euid=7 suid=8 fsuid=9 egid=11 sgid=12 fsgid=13 tty=pts0 ses=3 comm=\"tool\" exe=\"/usr/bin/tool\" subj=sub:a "
    "key=\"k1\"";
