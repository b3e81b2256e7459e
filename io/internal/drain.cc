// The warning of a writer that loses bytes. Interface: drain.h.

#include <weft/io/internal/drain.h>

#include <cstdio>

namespace weft::io::internal {
namespace {

#ifdef NDEBUG
constexpr bool kWarns = false;
#else
constexpr bool kWarns = true;
#endif

}  // namespace

void warn_if_lost(const char* writer, std::size_t size) noexcept {
  if (!kWarns || size == 0) return;
  std::fprintf(stderr,
               "weft: warning: %s was destroyed with %zu bytes in its buffer, which are lost; "
               "co_await its flush() or shutdown() first\n",
               writer, size);
}

}  // namespace weft::io::internal
