// Selector over poll(2). Interface and design: poll_set.h.

#include <weft/runtime/reactor/linux/poll_set.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/runtime/reactor/linux/timeout.h>

namespace weft::runtime::reactor::internal {

namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// The two interfaces share the numbers, so a record of one is made of the other's bits.
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLPRI == EPOLLPRI &&
              POLLERR == EPOLLERR && POLLHUP == EPOLLHUP && POLLRDHUP == EPOLLRDHUP);

short poll_bits_of(Interest interest) noexcept {
  unsigned bits = 0;
  if (interest.is_readable()) bits |= POLLIN | POLLRDHUP;
  if (interest.is_writable()) bits |= POLLOUT;
  if (interest.is_priority()) bits |= POLLPRI;
  return static_cast<short>(bits);
}

Event poll_event_of(Token token, short bits) noexcept {
  NativeEvent native{};
  native.events = static_cast<unsigned short>(bits);
  // Where IN was delivered before, the end comes as RDHUP alone; reading does not block there.
  if ((bits & POLLRDHUP) != 0) native.events |= EPOLLIN;
  native.data.u64 = token.value;
  return Event(native);
}

// What is left until `deadline`; the first turn waits for `timeout` as it was given.
std::optional<nanoseconds> time_until(std::optional<steady_clock::time_point> deadline) noexcept {
  if (!deadline) return std::nullopt;
  return std::max(nanoseconds::zero(), nanoseconds(*deadline - steady_clock::now()));
}

}  // namespace

PollSet::PollSet(OwnedFd notify) noexcept : notify_(std::move(notify)) {}
PollSet::~PollSet() = default;

Result<RefPtr<PollSet>> PollSet::create() {
  Result<OwnedFd> notify = sys::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!notify) return Err(notify.error());
  return RefPtr<PollSet>::adopt(new PollSet(*std::move(notify)));
}

Result<std::size_t> PollSet::select(std::span<Event> room,
                                    std::optional<nanoseconds> timeout) noexcept {
  if (room.empty()) return Err(std::errc::invalid_argument);
  const auto deadline = deadline_after(timeout);
  for (std::optional<nanoseconds> left = timeout;; left = time_until(deadline)) {
    const Result<bool> is_woken = prepare();
    if (!is_woken) return Err(is_woken.error());
    const int wait = to_milliseconds(left);
    const Result<std::size_t> ready = sys::poll(polled_, *is_woken ? 0 : wait);
    // Where the call has failed no slot says anything new, and the rest is to be cleared up.
    if (!ready) {
      for (::pollfd& slot : polled_) slot.revents = 0;
    }
    const std::size_t count = collect(room);
    if (count > 0) return count;
    // Some kernels are short of memory for a moment (EAGAIN); asking again is all there is.
    if (!ready && ready.error() != std::errc::resource_unavailable_try_again) {
      return Err(ready.error());
    }
    if (ready && (wait == 0 || (*ready == 0 && !*is_woken))) return 0;
  }
}

Result<bool> PollSet::prepare() noexcept {
  const std::lock_guard lock(mutex_);
  try {
    if (is_changed_) copy_entries();
  } catch (const std::bad_alloc&) {
    return Err(std::errc::not_enough_memory);
  }
  is_changed_ = false;
  is_waiting_ = true;
  return pending_wake_.has_value();
}

void PollSet::copy_entries() {
  polled_.clear();
  serials_.clear();
  polled_.reserve(entries_.size() + 1);
  serials_.reserve(entries_.size() + 1);
  polled_.push_back({notify_.raw(), POLLIN, 0});
  serials_.push_back(0);
  for (const auto& [fd, entry] : entries_) {
    if (entry.is_muted) continue;
    polled_.push_back({fd, entry.armed, 0});
    serials_.push_back(entry.serial);
  }
}

std::size_t PollSet::collect(std::span<Event> room) noexcept {
  const std::lock_guard lock(mutex_);
  is_waiting_ = false;
  if (std::exchange(is_notified_, false)) {
    std::array<std::byte, sizeof(std::uint64_t)> count;
    const Result<std::size_t> drained = sys::read(notify_, count);
    WEFT_CHECK(drained, "weft: reading the reactor's eventfd failed: it was closed by other code");
  }
  std::size_t found = 0;
  if (pending_wake_)
    room[found++] = poll_event_of(*std::exchange(pending_wake_, std::nullopt), POLLIN);
  // All slots but the first, in a ring.
  const std::size_t slots = polled_.size() - 1;
  for (std::size_t i = 0, begin = first_; i < slots && found < room.size(); ++i) {
    const std::size_t index = 1 + (begin - 1 + i) % slots;
    const std::optional<Event> event = deliver(index);
    if (!event) continue;
    room[found++] = *event;
    first_ = index + 1;
  }
  return found;
}

std::optional<Event> PollSet::deliver(std::size_t index) noexcept {
  ::pollfd& slot = polled_[index];
  if (slot.revents == 0) return std::nullopt;
  const auto found = entries_.find(slot.fd);
  if (found == entries_.end() || found->second.serial != serials_[index]) return std::nullopt;
  Entry& entry = found->second;
  if ((slot.revents & POLLNVAL) != 0) {
    // Closed without having been deregistered.
    entries_.erase(found);
    is_changed_ = true;
    return std::nullopt;
  }
  const auto seen = static_cast<short>(slot.revents & (entry.armed | POLLERR | POLLHUP));
  if (seen == 0) return std::nullopt;
  entry.armed = static_cast<short>(entry.armed & ~seen);
  slot.events = entry.armed;
  if ((seen & (POLLERR | POLLHUP)) != 0) {
    entry.is_muted = true;
    slot.fd = -1;  // poll(2) passes over it
  }
  return poll_event_of(entry.token, seen);
}

Result<PollSet::Serial> PollSet::add(BorrowedFd fd, Token token, Interest interest) noexcept {
  const Result<int> flags = sys::get_fd_flags(fd);
  if (!flags) return Err(flags.error());
  const short bits = poll_bits_of(interest);
  const std::lock_guard lock(mutex_);
  try {
    const Serial serial = last_serial_ + 1;
    if (!entries_.try_emplace(fd.raw(), Entry{token, serial, bits, bits}).second) {
      return Err(std::errc::file_exists);
    }
    last_serial_ = serial;
    changed();
    return serial;
  } catch (const std::bad_alloc&) {
    return Err(std::errc::not_enough_memory);
  }
}

Result<void> PollSet::modify(BorrowedFd fd, Token token, Interest interest) noexcept {
  const short bits = poll_bits_of(interest);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(fd.raw());
  if (found == entries_.end()) return Err(std::errc::no_such_file_or_directory);
  found->second = Entry{token, found->second.serial, bits, bits};
  changed();
  return {};
}

Result<void> PollSet::remove(BorrowedFd fd) noexcept {
  const std::lock_guard lock(mutex_);
  if (entries_.erase(fd.raw()) == 0) return Err(std::errc::no_such_file_or_directory);
  changed();
  return {};
}

void PollSet::rearm(int fd, Serial serial) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(fd);
  if (found == entries_.end() || found->second.serial != serial) return;
  Entry& entry = found->second;
  if (entry.armed == entry.wanted && !entry.is_muted) return;
  entry.armed = entry.wanted;
  entry.is_muted = false;
  changed();
}

void PollSet::forget(int fd, Serial serial) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(fd);
  if (found == entries_.end() || found->second.serial != serial) return;
  entries_.erase(found);
  changed();
}

void PollSet::wake(Token token) noexcept {
  const std::lock_guard lock(mutex_);
  pending_wake_ = token;
  notify();
}

void PollSet::cancel_wake() noexcept {
  const std::lock_guard lock(mutex_);
  pending_wake_.reset();
}

void PollSet::changed() noexcept {
  is_changed_ = true;
  notify();
}

void PollSet::notify() noexcept {
  if (!is_waiting_ || is_notified_) return;
  const std::uint64_t one = 1;
  const Result<std::size_t> written = sys::write(notify_, std::as_bytes(std::span(&one, 1)));
  WEFT_CHECK(written, "weft: writing the reactor's eventfd failed: it was closed by other code");
  is_notified_ = true;
}

Result<EdgeArm> EdgeArm::add(PollSet& set, BorrowedFd fd, Token token, Interest interest) noexcept {
  // First, so that nothing can fail once the descriptor is in the set.
  // SAFETY(lifetime): owned by `held` from here on; null if there is no memory, which is looked at.
  std::unique_ptr<Held> held(new (std::nothrow) Held{RefPtr<PollSet>(set), fd.raw(), 0});
  if (held == nullptr) return Err(std::errc::not_enough_memory);
  const Result<PollSet::Serial> serial = set.add(fd, token, interest);
  if (!serial) return Err(serial.error());
  held->serial = *serial;
  EdgeArm arm;
  arm.held_ = std::move(held);
  return arm;
}

}  // namespace weft::runtime::reactor::internal
