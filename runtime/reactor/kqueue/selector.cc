// Selector over kqueue. Interface: selector.h.
//
// Changes name the filter for writing before the one for reading, as both may answer at once and
// the reader's answer is the one that tells of the end. EPIPE, which old kernels of macOS say of a
// pipe whose other end is closed, has registered the filter all the same.

#include <weft/runtime/reactor/kqueue/selector.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <limits>
#include <span>
#include <system_error>

#include <weft/base/kqueue/sys_kqueue.h>
#include <weft/runtime/reactor/kqueue/changes.h>

namespace weft::runtime::reactor::internal {

namespace {

using std::chrono::nanoseconds;

constexpr unsigned kAdd = EV_ADD | EV_CLEAR;

std::uintptr_t ident_of(BorrowedFd fd) noexcept { return static_cast<std::uintptr_t>(fd.raw()); }

// What a time_t of 32 bits cannot hold is as long as it can (P-1).
::timespec to_timespec(nanoseconds duration) noexcept {
  constexpr nanoseconds::rep kPerSecond = 1'000'000'000;
  constexpr auto kMost = std::numeric_limits<std::time_t>::max();
  ::timespec result{};
  if (duration <= nanoseconds::zero()) return result;
  const nanoseconds::rep seconds = duration.count() / kPerSecond;
  result.tv_sec = seconds > kMost ? kMost : static_cast<std::time_t>(seconds);
  result.tv_nsec = static_cast<long>(duration.count() % kPerSecond);
  return result;
}

}  // namespace

Result<Selector> Selector::create(SelectorKind) {
  return sys::kqueue().transform(
      [](OwnedFd&& queue) { return Selector(std::move(queue), make_ref<Identity>()); });
}

Result<Selector> Selector::try_clone() const {
  return queue_.try_clone().transform(
      [this](OwnedFd&& queue) { return Selector(std::move(queue), identity_); });
}

Result<std::size_t> Selector::select(std::span<Event> room,
                                     std::optional<nanoseconds> timeout) noexcept {
  // SAFETY(cast): an Event is a struct kevent and nothing else (asserted in event.h).
  const std::span<NativeEvent> records(reinterpret_cast<NativeEvent*>(room.data()), room.size());
  if (!timeout) return sys::kevent(queue_, {}, records, nullptr);
  const ::timespec precise = to_timespec(*timeout);
  return sys::kevent(queue_, {}, records, &precise);
}

Result<void> Selector::add(BorrowedFd fd, Token token, Interest interest) const noexcept {
  std::array<NativeEvent, 2> changes;
  std::size_t count = 0;
  const auto ident = ident_of(fd);
  if (interest.is_writable()) changes[count++] = change_of(ident, EVFILT_WRITE, kAdd, token);
  if (interest.is_readable()) changes[count++] = change_of(ident, EVFILT_READ, kAdd, token);
  if (count == 0) return Err(std::errc::operation_not_supported);
  return make_changes(queue_, std::span(changes).first(count), {EPIPE});
}

Result<EdgeArm> Selector::add_armed(BorrowedFd fd, Token token, Interest interest) const noexcept {
  return add(fd, token, interest).transform([] { return EdgeArm(); });
}

Result<void> Selector::modify(BorrowedFd fd, Token token, Interest interest) const noexcept {
  if (!interest.is_writable() && !interest.is_readable()) {
    return Err(std::errc::operation_not_supported);
  }
  const auto ident = ident_of(fd);
  std::array<NativeEvent, 2> changes{
      change_of(ident, EVFILT_WRITE, interest.is_writable() ? kAdd : unsigned{EV_DELETE}, token),
      change_of(ident, EVFILT_READ, interest.is_readable() ? kAdd : unsigned{EV_DELETE}, token)};
  // A filter that was not there needs no deleting.
  return make_changes(queue_, changes, {ENOENT, EPIPE});
}

Result<void> Selector::remove(BorrowedFd fd) const noexcept {
  const auto ident = ident_of(fd);
  std::array<NativeEvent, 2> changes{change_of(ident, EVFILT_WRITE, EV_DELETE, Token{0}),
                                     change_of(ident, EVFILT_READ, EV_DELETE, Token{0})};
  return make_changes(queue_, changes, {ENOENT});
}

}  // namespace weft::runtime::reactor::internal
