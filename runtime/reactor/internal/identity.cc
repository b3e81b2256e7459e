// Identity: the number that tells selectors apart. Interface: identity.h.

#include <weft/runtime/reactor/internal/identity.h>

#include <cstdint>

#include <weft/loom/atomic.h>
#include <weft/loom/global.h>

namespace weft::runtime::reactor::internal {

namespace {

// Counts the selectors of this process. Any thread adds.
struct SelectorCount {
  loom::Atomic<std::uint64_t> made{0};
};
struct SelectorCountTag;

std::uint64_t next_number() noexcept {
  auto& made = loom::Global<SelectorCount, SelectorCountTag>::get().made;
  // relaxed: only that no two get the same matters.
  return made.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Identity::Identity() noexcept : number_(next_number()) {}

}  // namespace weft::runtime::reactor::internal
