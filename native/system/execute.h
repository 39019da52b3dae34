// execve(2), which Node 20 lacks: another program in this process.
#pragma once

namespace audit {

// Becomes `path`. The standard streams and the descriptors in `kept` stay open; whatever else is close-on-exec does
// not. All signals are unblocked, as their handlers are gone. Returns only when it failed: an errno, and everything is
// as it was.
int Execute(const char* path, char* const* arguments, char* const* environment, const int* kept, int count) noexcept;

}  // namespace audit
