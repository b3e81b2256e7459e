// RingLink. Interface: ring_link.h.

#include <weft/fs/internal/ring_link.h>

#include <cstddef>
#include <system_error>

#include <weft/runtime/context.h>
#include <weft/runtime/driver/ready.h>

namespace weft::fs::internal {
namespace {

// Fetches answers until there are none: then the descriptor is not ready any more.
struct Fetch {
  using value_type = std::size_t;
  runtime::Ready wanted() const noexcept { return runtime::Ready::kReadable; }
  Result<std::size_t> attempt(BorrowedFd) noexcept {
    const std::size_t count = ring->fetch_answers();
    if (count == 0) return Err(std::errc::operation_would_block);
    return count;
  }
  Ring* ring;
};

}  // namespace

const WakeOps RingLink::kOps = {
    .wake =
        [](Wakeable* target) noexcept {
          RingLink& link = from(target);
          link.turn();
          link.release();
        },
    .wake_by_ref = [](Wakeable* target) noexcept { from(target).turn(); },
    .retain = [](Wakeable* target) noexcept { from(target).retain(); },
    .release = [](Wakeable* target) noexcept { from(target).release(); },
};

void RingLink::connect(RefPtr<Ring> ring, weft::internal::IoRegistration answers) {
  (new RingLink(std::move(ring), std::move(answers)))->turn();
}

RingLink& RingLink::from(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is the table of RingLinks only.
  return *static_cast<RingLink*>(target);
}

void RingLink::turn() noexcept {
  retain();
  const Waker self = Waker::adopt(this);
  Context cx(self);
  for (;;) {
    const Poll<Result<std::size_t>> fetched =
        answers_.poll(cx, weft::internal::IoDirection::kRead, Fetch{ring_.get()});
    if (fetched.is_pending()) return;
    if (!*fetched) break;
  }
  // Nothing but the driver's end ends the wait.
  if (ring_->close()) release();
}

void RingLink::retain() noexcept {
  // relaxed: the caller has a reference already.
  word_.fetch_add(1, std::memory_order_relaxed);
}

void RingLink::release() noexcept {
  if (word_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // [RL1]
}

}  // namespace weft::fs::internal
