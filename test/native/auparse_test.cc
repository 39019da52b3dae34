// The live feed and the view of one event.
#include <algorithm>

#include "check.h"
#include "interpret_support.h"
#include "native/auparse/event_view.h"
#include "native/auparse/json_feed.h"
#include "native/auparse/line_queue.h"
#include "native/auparse/log_feed.h"
#include "native/auparse/log_reader.h"

using interpret_support::Line;

namespace {

std::string Stamped(std::string_view type, int seconds, int serial) {
  return "type=" + std::string(type) + " msg=audit(" + std::to_string(seconds) + ".000:" + std::to_string(serial) +
         "): a=1\n";
}

std::string Serials(const std::vector<audit::ReadEvent>& events) {
  std::string all;
  for (const audit::ReadEvent& event : events) {
    all += std::to_string(event.stamp.serial) + "/" + std::to_string(event.places.size()) + " ";
  }
  return all;
}

}  // namespace

TEST("A feed takes bytes as they come") {
  const std::string text = Stamped("SYSCALL", 100, 1) + Stamped("PROCTITLE", 100, 1) + Stamped("USER_AUTH", 100, 2) +
                           "rubbish\n" + Stamped("SYSCALL", 100, 3);
  for (const size_t step : {size_t{1}, size_t{7}, text.size()}) {
    audit::LogFeed feed(2);
    std::vector<audit::ReadEvent> events;
    for (size_t at = 0; at < text.size(); at += step)
      audit::TakeEvents(feed.Feed(std::string_view(text).substr(at, step)), &events);
    EQUAL(Serials(events), "1/2 2/1 ");
    EQUAL(feed.Counts().open_events, 1);
    EQUAL(feed.Counts().lines.malformed, 1);
    audit::TakeEvents(feed.Age(101), &events);
    EQUAL(events.size(), 2);
    audit::TakeEvents(feed.Age(102), &events);
    EQUAL(Serials(events), "1/2 2/1 3/1 ");
    EQUAL(events[2].places[0].line, 5);
  }
}

TEST("An unfinished line is kept by a flush and is a line at the end") {
  audit::LogFeed feed(2);
  std::vector<audit::ReadEvent> events;
  std::string line = Stamped("USER_AUTH", 100, 1);
  line.pop_back();
  audit::TakeEvents(feed.Feed(line), &events);
  audit::TakeEvents(feed.Flush(), &events);
  EQUAL(events.size(), 0);
  audit::TakeEvents(feed.End(), &events);
  EQUAL(Serials(events), "1/1 ");
}

TEST("A line without an end costs no memory without end") {
  audit::LogFeed feed(2);
  std::vector<audit::ReadEvent> events;
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 50; i++) audit::TakeEvents(feed.Feed(piece), &events);
  audit::TakeEvents(feed.Feed("\n" + Stamped("USER_AUTH", 100, 1)), &events);
  audit::TakeEvents(feed.Flush(), &events);
  EQUAL(Serials(events), "1/1 ");
  EQUAL(feed.Counts().lines.cut, 1);
}

TEST("A JSON feed gives a line for each event, and none for its mark of the end") {
  audit::JsonFeed feed(2);
  std::string lines;
  feed.Feed(Stamped("SYSCALL", 100, 1) + Stamped("EOE", 100, 1) + Stamped("USER_AUTH", 100, 2), &lines);
  feed.Feed(Stamped("SYSCALL", 100, 3), &lines);
  EQUAL(std::count(lines.begin(), lines.end(), '\n'), 2);
  OK(lines.find("\"serial\":1,") < lines.find("\"serial\":2,"));
  EQUAL(feed.open_events(), 1);
  feed.Age(101, &lines);
  EQUAL(std::count(lines.begin(), lines.end(), '\n'), 2);
  feed.End(&lines);
  EQUAL(std::count(lines.begin(), lines.end(), '\n'), 3);
  EQUAL(feed.open_events(), 0);
}

TEST("Lines are taken in order, whole, as far as they fit") {
  audit::LineQueue queue;
  EQUAL(queue.First(), "");
  *queue.text() += "one\nsecond\nthird\n";
  char room[16];
  EQUAL(queue.Take(room, 3).bytes, 0);
  audit::LineQueue::Taken taken = queue.Take(room, 12);
  EQUAL(std::string_view(room, taken.bytes), "one\nsecond\n");
  EQUAL(taken.lines, 2);
  *queue.text() += "a line that has no room\n\n";
  taken = queue.Take(room, sizeof room);
  EQUAL(std::string_view(room, taken.bytes), "third\n");
  EQUAL(queue.Take(room, sizeof room).lines, 0);
  EQUAL(queue.First(), "a line that has no room\n");
  queue.DropFirst();
  taken = queue.Take(room, sizeof room);
  EQUAL(std::string_view(room, taken.bytes), "\n");
  EQUAL(queue.Take(room, sizeof room).bytes, 0);
  EQUAL(queue.First(), "");
}

TEST("A queue of lines gives the memory of a burst back, and keeps the usual") {
  audit::LineQueue queue;
  const auto pass = [&](size_t bytes) {
    queue.text()->append(bytes - 1, 'x').append("\n");
    queue.DropFirst();
    return queue.text()->capacity();
  };
  OK(pass(2 << 20) >= 2 << 20);
  OK(pass(16 << 20) < 1 << 20);
}

TEST("What a JSON feed has of open events goes to another feed, which completes them") {
  audit::JsonFeed before(2);
  std::string lines;
  before.Feed(
      Stamped("USER_AUTH", 100, 1) + Stamped("SYSCALL", 100, 2) + Stamped("SYSCALL", 100, 3) + Stamped("PATH", 100, 2),
      &lines);
  EQUAL(std::count(lines.begin(), lines.end(), '\n'), 1);
  std::string open;
  before.TakeOpen(&open);
  EQUAL(open, Stamped("SYSCALL", 100, 2) + Stamped("PATH", 100, 2) + Stamped("SYSCALL", 100, 3));
  EQUAL(before.open_events(), 0);
  before.End(&lines);
  EQUAL(std::count(lines.begin(), lines.end(), '\n'), 1);
  audit::JsonFeed after(2);
  lines.clear();
  after.Feed(open + Stamped("CWD", 100, 2) + Stamped("EOE", 100, 2) + Stamped("SYSCALL", 100, 4), &lines);
  EQUAL(std::count(lines.begin(), lines.end(), '\n'), 1);
  OK(lines.find("\"serial\":2,") != std::string::npos);
  OK(lines.find("\"PATH\"") < lines.find("\"CWD\""));
}

TEST("Interpreted parts stay with the records of open events") {
  std::string enriched = Stamped("SYSCALL", 100, 1);
  enriched.insert(enriched.size() - 1,
                  "\x1d"
                  "ARCH=x86_64");
  audit::JsonFeed feed(2);
  std::string lines;
  feed.Feed(enriched, &lines);
  std::string open;
  feed.TakeOpen(&open);
  EQUAL(open, enriched);
}

TEST("A reader gives the events of several inputs as of one") {
  const std::string first = Stamped("SYSCALL", 100, 1);
  std::string second = Stamped("PROCTITLE", 100, 1) + Stamped("USER_AUTH", 101, 2);
  second.pop_back();
  audit::LogReader reader({audit::LogInput::Buffer(first, "a"), audit::LogInput::Buffer(second, "b")}, 2, false);
  std::vector<audit::ReadEvent> events;
  while (reader.Read(&events) == audit::LogReader::Step::kMore) {
  }
  EQUAL(Serials(events), "1/2 2/1 ");
  EQUAL(events[0].places[1].file, 1);
  EQUAL(events[0].places[1].line, 1);
}

TEST("A view is loaded with one event after the other") {
  interpret_support::InterpretNames names;
  audit::EventView view(names, {});
  view.Load(Line("SYSCALL", "uid=1001") + "\nrubbish\n" + Line("PATH", "name=\"x\""));
  EQUAL(view.cursor().record_count(), 2);
  OK(view.cursor().FindField("uid"));
  EQUAL(view.cursor().Interpret(), "alice");
  view.Load("rubbish");
  EQUAL(view.cursor().record_count(), 0);
  OK(!view.cursor().FindField("uid"));
}
