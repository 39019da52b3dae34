// The record types that the normalizer treats in a way of their own, under the kernel's names.
#pragma once

#include <cstdint>

namespace audit::record_type {

#define AUDIT_RECORD_TYPE(number, name) inline constexpr int32_t name = number;
#include "tables/record_types.inc"
#undef AUDIT_RECORD_TYPE

}  // namespace audit::record_type
