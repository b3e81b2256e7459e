// Selector over epoll, or the way to the one over poll(2).
//
// Spec: reactor.md E-1, section 3 (interest to bits), section 7 "epoll", P-1..P-6, R-6. Interface:
// selector.h; poll(2): poll_set.h.
//
// One descriptor and no state in user space; the token travels in the record's data word. A wait
// for a time uses epoll_pwait2, which takes nanoseconds; where the kernel does not have it (before
// 5.11) or a sandbox forbids it, epoll_wait with the time rounded up to milliseconds. Waits without
// a time, or of zero, need no precision.

#include <weft/runtime/reactor/linux/selector.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <sys/epoll.h>
#include <system_error>
#include <utility>

#include <weft/base/sys.h>
#include <weft/runtime/reactor/linux/timeout.h>

namespace weft::runtime::reactor::internal {

namespace {

using std::chrono::nanoseconds;

std::uint32_t epoll_bits_of(Interest interest) noexcept {
  std::uint32_t bits = EPOLLET;
  if (interest.is_readable()) bits |= EPOLLIN | EPOLLRDHUP;
  if (interest.is_writable()) bits |= EPOLLOUT;
  if (interest.is_priority()) bits |= EPOLLPRI;
  return bits;
}

::epoll_event record_of(Token token, Interest interest) noexcept {
  ::epoll_event record{};
  record.events = epoll_bits_of(interest);
  record.data.u64 = token.value;
  return record;
}

bool is_missing(Error error) noexcept {
  return error == std::errc::function_not_supported || error == std::errc::operation_not_permitted;
}

}  // namespace

Result<Selector> Selector::create(SelectorKind kind) {
  if (kind == SelectorKind::kPoll) {
    return PollSet::create().transform([](RefPtr<PollSet>&& set) {
      return Selector(OwnedFd(), std::move(set), make_ref<Identity>());
    });
  }
  return sys::epoll_create1(EPOLL_CLOEXEC).transform([](OwnedFd&& queue) {
    return Selector(std::move(queue), nullptr, make_ref<Identity>());
  });
}

Result<Selector> Selector::try_clone() const {
  if (set_ != nullptr) return Selector(OwnedFd(), set_, identity_);
  return queue_.try_clone().transform(
      [this](OwnedFd&& queue) { return Selector(std::move(queue), nullptr, identity_); });
}

Result<std::size_t> Selector::select(std::span<Event> room,
                                     std::optional<nanoseconds> timeout) noexcept {
  if (set_ != nullptr) [[unlikely]]
    return set_->select(room, timeout);
  return wait(room, timeout);
}

Result<std::size_t> Selector::wait(std::span<Event> room,
                                   std::optional<nanoseconds> timeout) noexcept {
  // SAFETY(cast): an Event is an epoll_event and nothing else (asserted in event.h).
  const std::span<::epoll_event> records(reinterpret_cast<::epoll_event*>(room.data()),
                                         room.size());
  const bool needs_precision = timeout && *timeout > nanoseconds::zero();
  if (needs_precision && has_precise_wait_) {
    const ::timespec precise = to_timespec(*timeout);
    Result<std::size_t> count = sys::epoll_pwait2(queue_, records, &precise);
    if (count || !is_missing(count.error())) return count;
    has_precise_wait_ = false;
  }
  return sys::epoll_wait(queue_, records, to_milliseconds(timeout));
}

Result<void> Selector::add(BorrowedFd fd, Token token, Interest interest) const noexcept {
  if (set_ != nullptr) [[unlikely]]
    return set_->add(fd, token, interest).transform([](PollSet::Serial) {});
  ::epoll_event record = record_of(token, interest);
  return sys::epoll_ctl(queue_, EPOLL_CTL_ADD, fd, &record);
}

Result<EdgeArm> Selector::add_armed(BorrowedFd fd, Token token, Interest interest) const noexcept {
  if (set_ != nullptr) [[unlikely]]
    return EdgeArm::add(*set_, fd, token, interest);
  return add(fd, token, interest).transform([] { return EdgeArm(); });
}

Result<void> Selector::modify(BorrowedFd fd, Token token, Interest interest) const noexcept {
  if (set_ != nullptr) [[unlikely]]
    return set_->modify(fd, token, interest);
  ::epoll_event record = record_of(token, interest);
  return sys::epoll_ctl(queue_, EPOLL_CTL_MOD, fd, &record);
}

Result<void> Selector::remove(BorrowedFd fd) const noexcept {
  if (set_ != nullptr) [[unlikely]]
    return set_->remove(fd);
  return sys::epoll_ctl(queue_, EPOLL_CTL_DEL, fd, nullptr);
}

}  // namespace weft::runtime::reactor::internal
