// Parker: the wait in the kernel and the token. Interface and design: parker.h.

#include <weft/runtime/scheduler/parker.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>
#include <span>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/loom/steady_clock.h>

namespace weft::internal {
namespace {

constexpr std::uint64_t kEventToken = 0;
constexpr std::uint64_t kWatchToken = 1;

Result<void> add(BorrowedFd epoll, BorrowedFd fd, std::uint32_t events, std::uint64_t token) {
  ::epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  // SAFETY(syscall): both descriptors are open, and the kernel copies the event.
  return sys::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

// What is left until `deadline`, for the kernel; zero if it has passed.
::timespec time_left(std::chrono::steady_clock::time_point deadline) noexcept {
  const auto left =
      std::max(deadline - loom::SteadyClock::now(), std::chrono::steady_clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  ::timespec spec{};
  spec.tv_sec = seconds.count();
  spec.tv_nsec = std::chrono::nanoseconds(left - seconds).count();
  return spec;
}

// For kernels and sandboxes without epoll_pwait2: rounded up, so that it is never early.
int milliseconds_of(const ::timespec* time) noexcept {
  if (time == nullptr) return -1;
  constexpr std::int64_t kLongest = 1'000'000'000;
  const std::int64_t ms = time->tv_sec * 1000 + (time->tv_nsec + 999'999) / 1'000'000;
  return static_cast<int>(std::min(ms, kLongest));
}

// Without a timeout the old call does as well, and exists everywhere.
Result<std::size_t> wait_for_events(BorrowedFd epoll, std::span<::epoll_event> events,
                                    const ::timespec* timeout) noexcept {
  if (timeout != nullptr) {
    // SAFETY(syscall): the kernel writes at most events.size() records.
    Result<std::size_t> count = sys::epoll_pwait2(epoll, events, timeout);
    if (count || count.error() == std::errc::interrupted) return count;
  }
  // SAFETY(syscall): as above.
  return sys::epoll_wait(epoll, events, milliseconds_of(timeout));
}

}  // namespace

Result<std::unique_ptr<Parker>> Parker::create(WatchTimer* watch) {
  // SAFETY(syscall): makes descriptors that nobody else knows; the results own them.
  Result<OwnedFd> epoll = sys::epoll_create1(EPOLL_CLOEXEC);
  if (!epoll) return Err(epoll.error());
  Result<OwnedFd> event = sys::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!event) return Err(event.error());
  if (auto added = add(*epoll, *event, EPOLLIN | EPOLLET, kEventToken); !added) {
    return Err(added.error());
  }
  if (watch != nullptr) {
    auto added = add(*epoll, watch->fd(), EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, kWatchToken);
    if (!added) return Err(added.error());
  }
  return std::unique_ptr<Parker>(new Parker(*std::move(epoll), *std::move(event), watch));
}

Parker::Parker(OwnedFd epoll, OwnedFd event, WatchTimer* watch) noexcept
    : epoll_(std::move(epoll)), event_(std::move(event)), watch_(watch) {}

WakeReason Parker::park_for(std::chrono::nanoseconds limit) noexcept {
  if (limit <= std::chrono::nanoseconds::zero()) {
    return take_token() ? WakeReason::kUnparked : WakeReason::kTimeout;
  }
  const TimePoint now = loom::SteadyClock::now();
  if (limit > TimePoint::max() - now) limit = std::chrono::seconds(1);
  return park_until(now + limit);
}

WakeReason Parker::park_until(std::optional<TimePoint> deadline) noexcept {
  auto seen = State::kEmpty;
  // relaxed: publishes nothing, and nothing is read until the token is taken. It fails only on
  // kNotified, since the owner alone leaves that state.
  if (!state_.compare_exchange_strong(seen, State::kParked, std::memory_order_relaxed)) {
    const bool taken = take_token();
    WEFT_DCHECK(taken, "Parker: parked by two threads at the same time");
    return WakeReason::kUnparked;
  }
  for (;;) {
    const Signals signals = sleep(deadline);
    const bool tick = signals.tick_due && watch_->take_tick();
    if (tick || signals.timed_out) return stop_waiting(tick);
    // The eventfd, or nothing. An unpark writes to it after it has changed the state, so the token
    // is there, unless the write is that of a token which an earlier park found without it.
    seen = State::kNotified;
    // relaxed failure: there is no token, and nothing to see.
    if (state_.compare_exchange_strong(seen, State::kEmpty, std::memory_order_acquire,  // [P1]
                                       std::memory_order_relaxed)) {
      return WakeReason::kUnparked;
    }
  }
}

// One wait in the kernel. EINTR is a wait that saw nothing.
Parker::Signals Parker::sleep(std::optional<TimePoint> deadline) noexcept {
  std::array<::epoll_event, 2> events;
  ::timespec left{};
  if (deadline.has_value()) left = time_left(*deadline);
  const Result<std::size_t> count =
      wait_for_events(epoll_, events, deadline.has_value() ? &left : nullptr);
  Signals signals;
  if (!count) {
    WEFT_CHECK(count.error() == std::errc::interrupted, "Parker: the wait failed");
    return signals;
  }
  for (const ::epoll_event& event : std::span(events).first(*count)) {
    if (event.data.u64 == kWatchToken) signals.tick_due = true;
  }
  // The old call knows no more than some days at a time.
  signals.timed_out = *count == 0 && deadline.has_value() && loom::SteadyClock::now() >= *deadline;
  return signals;
}

// An exchange, not a store: it takes in a token that was left at the last moment.
bool Parker::take_token() noexcept {
  return state_.exchange(State::kEmpty, std::memory_order_acquire) == State::kNotified;  // [P1]
}

// The end of a wait that saw a tick or its deadline. A token left meanwhile is what counts.
WakeReason Parker::stop_waiting(bool has_tick) noexcept {
  if (!take_token()) return has_tick ? WakeReason::kWatchTick : WakeReason::kTimeout;
  // The owner now has other things to do than to look around: the next tick is for another sleeper.
  if (has_tick) watch_->arm();
  return WakeReason::kUnparked;
}

void Parker::unpark() noexcept {
  const State before = state_.exchange(State::kNotified, std::memory_order_release);  // [P1]
  if (before != State::kParked) return;
  constexpr std::uint64_t kOne = 1;
  // SAFETY(syscall): a write adds 1 to the count of our eventfd; it could block only near 2^64.
  WEFT_CHECK(sys::write(event_, std::as_bytes(std::span(&kOne, 1))));
}

}  // namespace weft::internal
