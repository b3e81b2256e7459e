// WatchTimer: arming and taking. Interface and design: watch_timer.h.

#include <weft/runtime/scheduler/watch_timer.h>

#include <array>
#include <cstddef>
#include <ctime>
#include <sys/timerfd.h>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/sys.h>

namespace weft::internal {

Result<std::unique_ptr<WatchTimer>> WatchTimer::create() {
  // SAFETY(syscall): makes a descriptor that nobody else knows; the result owns it.
  Result<OwnedFd> timer = sys::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (!timer) return Err(timer.error());
  return std::unique_ptr<WatchTimer>(new WatchTimer(*std::move(timer)));
}

void WatchTimer::arm() noexcept {
  // No load first, to spare the exchange: it might show what has been cleared already.
  if (armed_.exchange(true, std::memory_order_acq_rel)) return;  // [W1]
  ::itimerspec once{};
  once.it_value.tv_nsec = kPeriod.count();
  // SAFETY(syscall): our own timerfd, and a valid relative time: it cannot fail.
  WEFT_CHECK(sys::timerfd_settime(timer_, 0, once));
}

bool WatchTimer::take_tick() noexcept {
  // Before the read: whoever arms between the two sets the timer anew, and the read then finds
  // nothing. The other way round its wish would be lost.
  armed_.exchange(false, std::memory_order_acq_rel);  // [W1]
  std::array<std::byte, sizeof(std::uint64_t)> expirations;
  // SAFETY(syscall): a non-blocking timerfd; a read takes 8 bytes and resets the count, or fails
  // with EAGAIN when another thread was quicker.
  return sys::read(timer_, expirations).has_value();
}

}  // namespace weft::internal
