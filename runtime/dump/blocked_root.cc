#include <weft/runtime/dump/blocked_root.h>

#include <weft/runtime/scheduler/thread_context.h>

namespace weft::internal {

BlockedRoot::BlockedRoot(BlockedRoots& roots, const Strand& strand, const Waker& waker,
                         std::source_location where) noexcept
    : roots_(roots),
      strand_(strand),
      // SAFETY(cast): an address as a number, never turned back.
      target_(reinterpret_cast<std::uint64_t>(waker.target())),
      where_(where),
      thread_(thread_number()) {
  const std::lock_guard lock(roots_.mutex_);
  roots_.roots_.push_back(*this);
}

BlockedRoot::~BlockedRoot() {
  const std::lock_guard lock(roots_.mutex_);
  unlink();
}

bool BlockedRoot::is_readable() const noexcept {
  return is_parked_ || (thread_ == thread_number() && !is_polled_);
}

}  // namespace weft::internal
