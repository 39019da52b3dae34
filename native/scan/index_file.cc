#include "index_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <cstring>

namespace audit {

namespace {

constexpr char kMagic[8] = {'N', 'A', 'i', 'n', 'd', 'e', 'x', '2'};
constexpr uint64_t kMostBytes = uint64_t{512} << 20;

struct Head {
  char magic[8];
  uint32_t chunk_bytes;  // size of IndexChunk: another build's index is not for this one
  uint32_t complete_timeout;
  IndexedLog log;
  uint64_t chunks;
  uint64_t terms;  // bytes
  uint32_t pieces;
  char lost_fields[8];
  uint32_t body_checksum;
  uint32_t checksum;  // of what is above
};

uint32_t Checksum(std::string_view bytes, uint32_t before = 0) noexcept {
  return static_cast<uint32_t>(crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

template <typename Value>
std::string_view BytesOf(const Value* values, size_t count) noexcept {
  return {reinterpret_cast<const char*>(values), count * sizeof(Value)};
}

uint32_t HeadChecksum(const Head& head) noexcept {
  return Checksum(BytesOf(&head, 1).substr(0, offsetof(Head, checksum)));
}

void AppendNumber(uint64_t number, std::string* to) {
  for (; number >= 0x80; number >>= 7) to->push_back(static_cast<char>(number | 0x80));
  to->push_back(static_cast<char>(number));
}

bool TakeNumber(std::string_view* from, uint64_t* number) noexcept {
  *number = 0;
  for (unsigned shift = 0; shift < 63 && !from->empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(from->front());
    from->remove_prefix(1);
    *number |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool TakeText(std::string_view* from, std::string_view* text) noexcept {
  uint64_t size;
  if (!TakeNumber(from, &size) || size > from->size()) return false;
  *text = from->substr(0, size);
  from->remove_prefix(size);
  return true;
}

bool WriteAll(int file, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool ReadAll(int file, char* to, size_t size) noexcept {
  while (size > 0) {
    const ssize_t count = read(file, to, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool AreGood(const IndexContent& content) noexcept {
  uint64_t offset = 0;
  uint32_t piece = 0;
  for (const IndexChunk& chunk : content.chunks) {
    if (chunk.offset != offset || chunk.size == 0 || chunk.size > content.log.size - offset) return false;
    if (chunk.first_piece < piece || chunk.first_piece >= content.pieces) return false;
    offset += chunk.size;
    piece = chunk.first_piece;
  }
  return offset == content.log.size && !content.chunks.empty() && content.chunks.front().first_piece == 0;
}

}  // namespace

void AppendTerm(std::string_view field_and_text, std::string_view pieces, std::string* terms) {
  AppendNumber(field_and_text.size(), terms);
  terms->append(field_and_text);
  AppendNumber(pieces.size(), terms);
  terms->append(pieces);
}

void AppendPiece(uint32_t distance, std::string* pieces) { AppendNumber(distance, pieces); }

bool EachTerm(std::string_view terms, const std::function<void(std::string_view, std::string_view)>& take) {
  while (!terms.empty()) {
    std::string_view field_and_text, pieces;
    if (!TakeText(&terms, &field_and_text) || !TakeText(&terms, &pieces) || field_and_text.empty()) return false;
    take(field_and_text, pieces);
  }
  return true;
}

bool EachPiece(std::string_view pieces, const std::function<void(uint32_t)>& take) {
  uint64_t piece = 0;
  while (!pieces.empty()) {
    uint64_t distance;
    if (!TakeNumber(&pieces, &distance)) return false;
    piece += distance;
    if (piece > UINT32_MAX) return false;
    take(static_cast<uint32_t>(piece));
  }
  return true;
}

std::string IndexPrefix(const std::string& log) {
  const size_t slash = log.rfind('/');
  std::string directory = slash == std::string::npos ? "" : log.substr(0, slash + 1);
  std::string name = slash == std::string::npos ? log : log.substr(slash + 1);
  // FILE.N has the name of FILE: a rotation gives it another N.
  const size_t dot = name.rfind('.');
  if (dot != std::string::npos && dot + 1 < name.size() &&
      name.find_first_not_of("0123456789", dot + 1) == std::string::npos) {
    name.resize(dot);
  }
  return directory + '.' + name + ".index-";
}

std::string IndexPath(const std::string& log, uint64_t inode) { return IndexPrefix(log) + std::to_string(inode); }

bool WriteIndex(const IndexContent& content, const std::string& path, const IndexAccess& access, uint64_t* bytes) {
  Head head;
  std::memset(static_cast<void*>(&head), 0, sizeof head);  // also what lies between the members
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.chunk_bytes = sizeof(IndexChunk);
  head.complete_timeout = content.complete_timeout;
  head.log = content.log;
  head.chunks = content.chunks.size();
  head.terms = content.terms.size();
  head.pieces = content.pieces;
  std::memcpy(head.lost_fields, content.lost_fields.data(), content.lost_fields.size());
  const std::string_view chunks = BytesOf(content.chunks.data(), content.chunks.size());
  head.body_checksum = Checksum(content.terms, Checksum(chunks));
  head.checksum = HeadChecksum(head);
  const std::string fresh = path + std::string(kUnfinishedIndex);
  unlink(fresh.c_str());
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool is_written = WriteAll(file, BytesOf(&head, 1)) && WriteAll(file, chunks) && WriteAll(file, content.terms);
  int error = errno;
  // Without the privilege it stays with whoever made it.
  if (is_written && fchown(file, access.owner, access.group) == 0) {
    static_cast<void>(fchmod(file, access.mode & 0666));
  }
  close(file);
  if (is_written && rename(fresh.c_str(), path.c_str()) == 0) {
    *bytes = sizeof head + chunks.size() + content.terms.size();
    return true;
  }
  if (is_written) error = errno;
  unlink(fresh.c_str());
  errno = error;
  return false;
}

IndexRead ReadIndex(const std::string& path, IndexContent* content) {
  const int file = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return IndexRead::kAbsent;
  struct stat status;
  Head head;
  bool is_good = fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
                 status.st_size >= static_cast<off_t>(sizeof head) &&
                 ReadAll(file, reinterpret_cast<char*>(&head), sizeof head);
  const uint64_t size = is_good ? static_cast<uint64_t>(status.st_size) : 0;
  is_good = is_good && std::memcmp(head.magic, kMagic, sizeof kMagic) == 0 && head.chunk_bytes == sizeof(IndexChunk) &&
            head.checksum == HeadChecksum(head) && size <= kMostBytes && head.chunks <= size / sizeof(IndexChunk) &&
            head.terms <= size && sizeof head + head.chunks * sizeof(IndexChunk) + head.terms == size;
  if (is_good) {
    content->log = head.log;
    content->complete_timeout = head.complete_timeout;
    content->pieces = head.pieces;
    content->lost_fields.assign(head.lost_fields, strnlen(head.lost_fields, sizeof head.lost_fields));
    content->chunks.resize(head.chunks);
    content->terms.resize(head.terms);
    is_good = ReadAll(file, reinterpret_cast<char*>(content->chunks.data()), head.chunks * sizeof(IndexChunk)) &&
              ReadAll(file, &content->terms[0], head.terms) &&
              head.body_checksum ==
                  Checksum(content->terms, Checksum(BytesOf(content->chunks.data(), content->chunks.size()))) &&
              AreGood(*content);
  }
  close(file);
  return is_good ? IndexRead::kGood : IndexRead::kDamaged;
}

}  // namespace audit
