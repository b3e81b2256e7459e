// The calls of kqueue(2). Interface: sys_kqueue.h.

#include <weft/base/kqueue/sys_kqueue.h>

#include <algorithm>
#include <fcntl.h>
#include <limits>
#include <utility>

#include <weft/base/sys.h>

namespace weft::sys {

namespace {

int event_count(std::size_t count) noexcept {
  constexpr std::size_t kMost = std::numeric_limits<int>::max() / sizeof(struct ::kevent);
  return static_cast<int>(std::min(count, kMost));
}

}  // namespace

Result<OwnedFd> kqueue() noexcept {
  // SAFETY(syscall): takes nothing; the answer is a new descriptor that nobody else knows.
  const int number = ::kqueue();
  if (number == -1) return Err(Error::last_os_error());
  OwnedFd queue(number);
  const Result<void> set = set_fd_flags(queue, FD_CLOEXEC);
  if (!set) return Err(set.error());
  return queue;
}

Result<std::size_t> kevent(BorrowedFd queue, std::span<const struct ::kevent> changes,
                           std::span<struct ::kevent> events, const ::timespec* timeout) noexcept {
  // SAFETY(syscall): queue is open during the call by its contract; both spans are memory of their
  // sizes, which the kernel is told; it reads all changes before it writes the first event.
  const int count = ::kevent(queue.raw(), changes.data(), event_count(changes.size()),
                             events.data(), event_count(events.size()), timeout);
  if (count == -1) return Err(Error::last_os_error());
  return static_cast<std::size_t>(count);
}

}  // namespace weft::sys
