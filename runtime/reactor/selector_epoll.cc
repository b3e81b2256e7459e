// Selector over epoll.
//
// Spec: reactor.md E-1, section 3 (interest to bits), section 7 "epoll", P-1..P-6, R-6. Interface:
// selector.h.
//
// One descriptor and no state in user space; the token travels in the record's data word. A wait
// for a time uses epoll_pwait2, which takes nanoseconds; where the kernel does not have it (before
// 5.11) or a sandbox forbids it, epoll_wait with the time rounded up to milliseconds: a timer may
// then be late by one, never early. Waits without a time, or of zero, need no precision.

#include <weft/runtime/reactor/selector.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <limits>
#include <optional>
#include <span>
#include <sys/epoll.h>
#include <utility>

#include <weft/base/sys.h>

namespace weft::runtime::reactor::internal {

namespace {

using std::chrono::nanoseconds;

constexpr int kForEver = -1;

std::uint32_t bits_of(Interest interest) noexcept {
  std::uint32_t bits = EPOLLET;
  if (interest.is_readable()) bits |= EPOLLIN | EPOLLRDHUP;
  if (interest.is_writable()) bits |= EPOLLOUT;
  if (interest.is_priority()) bits |= EPOLLPRI;
  return bits;
}

::epoll_event record_of(Token token, Interest interest) noexcept {
  ::epoll_event record{};
  record.events = bits_of(interest);
  record.data.u64 = token.value;
  return record;
}

::timespec to_timespec(nanoseconds duration) noexcept {
  constexpr nanoseconds::rep kPerSecond = 1'000'000'000;
  ::timespec result{};
  result.tv_sec = static_cast<std::time_t>(duration.count() / kPerSecond);
  result.tv_nsec = static_cast<long>(duration.count() % kPerSecond);
  return result;
}

// Rounded up; what an int cannot hold is as long as an int can (P-1).
int to_milliseconds(nanoseconds duration) noexcept {
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  constexpr int kMost = std::numeric_limits<int>::max();
  return rounded > kMost ? kMost : static_cast<int>(rounded);
}

bool is_missing(Error error) noexcept {
  return error == std::errc::function_not_supported || error == std::errc::operation_not_permitted;
}

}  // namespace

Result<Selector> Selector::create() {
  Result<OwnedFd> queue = sys::epoll_create1(EPOLL_CLOEXEC);
  if (!queue) return Err(queue.error());
  return Selector(*std::move(queue), make_ref<Identity>());
}

Result<Selector> Selector::try_clone() const {
  Result<OwnedFd> queue = queue_.try_clone();
  if (!queue) return Err(queue.error());
  return Selector(*std::move(queue), identity_);
}

Result<std::size_t> Selector::select(std::span<Event> room,
                                     std::optional<nanoseconds> timeout) noexcept {
  // SAFETY(cast): an Event is an epoll_event and nothing else (asserted in event.h).
  const std::span<::epoll_event> records(reinterpret_cast<::epoll_event*>(room.data()),
                                         room.size());
  if (!timeout) return sys::epoll_wait(queue_, records, kForEver);
  if (*timeout <= nanoseconds::zero()) return sys::epoll_wait(queue_, records, 0);
  if (has_precise_wait_) {
    const ::timespec precise = to_timespec(*timeout);
    Result<std::size_t> count = sys::epoll_pwait2(queue_, records, &precise);
    if (count || !is_missing(count.error())) return count;
    has_precise_wait_ = false;
  }
  return sys::epoll_wait(queue_, records, to_milliseconds(*timeout));
}

Result<void> Selector::add(BorrowedFd fd, Token token, Interest interest) const noexcept {
  ::epoll_event record = record_of(token, interest);
  return sys::epoll_ctl(queue_, EPOLL_CTL_ADD, fd, &record);
}

Result<void> Selector::modify(BorrowedFd fd, Token token, Interest interest) const noexcept {
  ::epoll_event record = record_of(token, interest);
  return sys::epoll_ctl(queue_, EPOLL_CTL_MOD, fd, &record);
}

Result<void> Selector::remove(BorrowedFd fd) const noexcept {
  return sys::epoll_ctl(queue_, EPOLL_CTL_DEL, fd, nullptr);
}

}  // namespace weft::runtime::reactor::internal
