// Logs in memory and on disk, and their events as text.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "native/scan/engine.h"

namespace scan_test {

// A line as a log has it, without newline.
inline std::string Line(std::string_view type, int64_t seconds, int milliseconds, uint32_t serial,
                        std::string_view body = "x=1", std::string_view node = {}) {
  std::string line = node.empty() ? "" : "node=" + std::string(node) + ' ';
  const std::string fraction = std::to_string(1000 + milliseconds).substr(1);
  return line + "type=" + std::string(type) + " msg=audit(" + std::to_string(seconds) + '.' + fraction + ':' +
         std::to_string(serial) + "): " + std::string(body);
}

// The records' lines, a newline each.
inline std::string Lines(const audit::Event& event) {
  std::string lines;
  for (size_t index = 0; index < event.count; index++) {
    const audit::Record& record = event.records[index];
    lines.append(record.text);
    if (record.has_interpretation) lines.append(1, '\x1d').append(record.interpretation);
    lines += '\n';
  }
  return lines;
}

// Writes each event's lines, and stops behind the first that holds `stop_at`.
class LinePrinter : public audit::Consumer {
 public:
  explicit LinePrinter(std::string stop_at = {}) : stop_at_(std::move(stop_at)) {}
  void Consume(const audit::Event& event, audit::Output* output) override {
    const std::string lines = Lines(event);
    output->bytes += lines + '\n';
    ++output->matches;
    if (!stop_at_.empty() && lines.find(stop_at_) != std::string::npos) output->stop = true;
  }

 private:
  const std::string stop_at_;
};

class StringSink : public audit::Sink {
 public:
  bool Write(const audit::Output& output) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    bytes_ += output.bytes;
    return true;
  }
  std::string Bytes() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return bytes_;
  }

 private:
  std::mutex mutex_;
  std::string bytes_;
};

struct Scanned {
  audit::ScanResult result;
  std::string text;  // events, an empty line behind each
};

inline Scanned ScanWith(audit::ScanOptions options, const std::string& stop_at = {}) {
  if (options.threads == 0) options.threads = 3;
  std::vector<std::unique_ptr<LinePrinter>> printers;
  std::vector<audit::Consumer*> consumers;
  for (unsigned index = 0; index < options.threads; index++) {
    printers.push_back(std::make_unique<LinePrinter>(stop_at));
    consumers.push_back(printers.back().get());
  }
  StringSink sink;
  Scanned scanned;
  scanned.result = audit::Scan(options, consumers, &sink);
  scanned.text = sink.Bytes();
  return scanned;
}

inline Scanned ScanText(std::string_view text, audit::ScanOptions options = {}) {
  options.inputs = {audit::LogInput::Buffer(text, "memory")};
  return ScanWith(std::move(options));
}

inline std::string Gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(&packed[0]);
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// A directory that goes with everything in it.
class Directory {
 public:
  Directory() {
    char name[] = "/tmp/scan-test-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Directory() {
    const std::string command = "rm -rf '" + path_ + "'";
    if (system(command.c_str()) != 0) abort();
  }
  std::string Path(std::string_view name) const { return path_ + '/' + std::string(name); }
  std::string Write(std::string_view name, std::string_view bytes, int flags = O_TRUNC) const {
    const int file = open(Path(name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    if (file < 0 || write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) abort();
    close(file);
    return Path(name);
  }
  void Append(std::string_view name, std::string_view bytes) const { Write(name, bytes, O_APPEND); }
  void Rename(std::string_view from, std::string_view to) const {
    if (rename(Path(from).c_str(), Path(to).c_str()) != 0) abort();
  }

 private:
  std::string path_;
};

}  // namespace scan_test
