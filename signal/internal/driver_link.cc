// DriverLink. See driver_link.h.

#include <weft/signal/internal/driver_link.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include <weft/base/sys.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/ready.h>
#include <weft/signal/internal/registry.h>

namespace weft::signal::internal {

namespace {

// Reads the eventfd: one call takes everything.
struct Drain {
  using value_type = std::size_t;
  runtime::Ready wanted() const noexcept { return runtime::Ready::kReadable; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    std::array<std::byte, sizeof(std::uint64_t)> sum;
    return sys::read(fd, sum);
  }
};

}  // namespace

const WakeOps DriverLink::kOps = {
    .wake =
        [](Wakeable* target) noexcept {
          DriverLink* const link = from(target);
          link->turn();
          link->release();
        },
    .wake_by_ref = [](Wakeable* target) noexcept { from(target)->turn(); },
    .retain = [](Wakeable* target) noexcept { from(target)->retain(); },
    .release = [](Wakeable* target) noexcept { from(target)->release(); },
};

DriverLink::DriverLink(weft::internal::IoRegistration event,
                       const weft::internal::IoDriver& driver) noexcept
    : Wakeable(1, &kOps), driver_(&driver), event_(std::move(event)) {}

DriverLink* DriverLink::create(weft::internal::IoRegistration event,
                               const weft::internal::IoDriver& driver) {
  return new DriverLink(std::move(event), driver);
}

DriverLink* DriverLink::from(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is the table of DriverLinks only.
  return static_cast<DriverLink*>(target);
}

void DriverLink::turn() noexcept {
  retain();
  const Waker self = Waker::adopt(this);
  Context cx(self);
  for (;;) {
    const Poll<Result<std::size_t>> drained =
        event_.poll(cx, weft::internal::IoDirection::kRead, Drain());
    if (drained.is_pending()) return;
    if (!*drained) {
      // Nothing but the driver's end ends the wait.
      Registry::get().disconnect(*this);
      return;
    }
    Registry::get().announce_pending();
  }
}

void DriverLink::retain() noexcept {
  // relaxed: the caller has a reference already.
  word_.fetch_add(1, std::memory_order_relaxed);
}

void DriverLink::release() noexcept {
  if (word_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // [DL1]
}

}  // namespace weft::signal::internal
