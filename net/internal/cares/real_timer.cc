// RealTimer over a timerfd. Interface: real_timer.h.

#include <weft/net/internal/cares/real_timer.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/timerfd.h>

#include <weft/base/check.h>
#include <weft/base/sys.h>

namespace weft::net::internal {

Result<RealTimer> RealTimer::create(std::source_location where) {
  Result<OwnedFd> timer = sys::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (!timer) return Err(timer.error());
  auto watched = io::AsyncFd<OwnedFd>::create(*std::move(timer), io::Interest::kReadable, where);
  if (!watched) return Err(watched.error());
  return RealTimer(*std::move(watched));
}

void RealTimer::set(std::chrono::nanoseconds after) noexcept {
  // 0 would turn it off.
  after = std::max(after, std::chrono::nanoseconds(1));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(after);
  ::itimerspec once{};
  once.it_value.tv_sec = seconds.count();
  once.it_value.tv_nsec = (after - seconds).count();
  // SAFETY(syscall): our own timerfd, and a valid relative time: it cannot fail.
  WEFT_CHECK(sys::timerfd_settime(timer_.get(), 0, once));
}

Poll<Result<void>> RealTimer::poll(Context& cx) noexcept {
  // What is known to be readable may have rung before set(), which forgets it: the read decides.
  std::array<std::byte, sizeof(std::uint64_t)> count;
  for (;;) {
    Poll<Result<io::ReadyGuard>> rung = timer_.poll_read_ready(cx);
    if (rung.is_pending()) return kPending;
    if (!*rung) return Result<void>(Err((*rung).error()));
    const auto read = (*rung)->try_io([&] { return sys::read(timer_.get(), count); });
    if (read) return read->transform([](std::size_t) {});
  }
}

}  // namespace weft::net::internal
