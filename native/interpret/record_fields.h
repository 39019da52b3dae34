// Splits a record into its fields, as every reader of audit logs does: at blanks, quotes protect nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../scan/record.h"
#include "../tables/tables.h"

namespace audit {

struct RecordField {
  std::string_view name;
  std::string_view value;  // as logged, without the punctuation that user messages put behind it; may be empty
};

// What a record says about the system call it belongs to; interpretation of other fields depends on it.
struct CallContext {
  enum class Arch : uint8_t {
    kAbsent,   // no arch field where one counts
    kKnown,    // `machine`
    kUnknown,  // in no table
    kInvalid,  // no number of 64 bits
  };
  Arch arch = Arch::kAbsent;
  const Machine* machine = nullptr;
  int32_t syscall = -1;
  uint64_t a0 = 0;
  uint64_t a1 = 0;
};

// Which machines have names. The reference build that scripts were written against knows neither ARM nor RISC-V.
enum class KnownMachines : uint8_t {
  kReference,  // i386, x86_64, ppc, s390, and the machine this program was built for
  kAll,
};

// Null for an arch value that has no name.
const Machine* KnownMachine(uint64_t arch, KnownMachines known) noexcept;

// One record's fields, in order. Reused from record to record, it allocates only until it is large enough.
//
// The values are views: into the record's text, or for `key` and `seperms` into memory of this object.
class RecordFields {
 public:
  explicit RecordFields(KnownMachines known = KnownMachines::kReference) noexcept : known_(known) {}
  RecordFields(const RecordFields&) = delete;
  RecordFields& operator=(const RecordFields&) = delete;
  RecordFields(RecordFields&&) = default;

  // Replaces the fields by those of `text`: a line up to the enrichment separator. Views stay valid until the next
  // call.
  void Split(std::string_view text);

  size_t count() const noexcept { return fields_.size(); }
  const RecordField& operator[](size_t index) const noexcept { return fields_[index]; }
  // Null: there is none. The first of that name.
  const RecordField* Find(std::string_view name) const noexcept;

  // The number of the field `type`; 0 without one.
  int32_t type() const noexcept { return type_; }
  // arch, syscall, a0 and a1 where the kernel puts them: by position, so that a user message cannot pose as one.
  const CallContext& call() const noexcept { return call_; }
  // The value of `cwd` in a CWD record. No data: there is none.
  std::string_view cwd() const noexcept { return cwd_; }
  // A `seperms` that is too long, or has no end, made the record stop there.
  bool is_cut() const noexcept { return is_cut_; }

 private:
  void Append(std::string_view name, std::string_view value);
  void AppendKeys(std::string_view hex);
  void AppendKey(std::string_view digits, size_t start, size_t end, bool is_plain);
  void NoteFacts(std::string_view name, std::string_view value) noexcept;

  KnownMachines known_;
  std::vector<RecordField> fields_;
  std::string owned_;  // reserved before the first view into it is handed out
  int32_t type_ = 0;
  CallContext call_;
  std::string_view cwd_;
  size_t shift_ = 0;  // 1 when the first field is `node`
  bool is_cut_ = false;
};

}  // namespace audit
