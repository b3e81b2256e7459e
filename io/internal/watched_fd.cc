// WatchedFd. Interface: watched_fd.h.

#include <weft/io/internal/watched_fd.h>

#include <sys/socket.h>
#include <system_error>

#include <weft/base/check.h>
#include <weft/base/fd.h>
#include <weft/base/sys.h>
#include <weft/runtime/driver/current_io.h>

namespace weft::io::internal {

using weft::internal::IoDirection;
using weft::internal::IoKind;
using weft::internal::IoRegistration;
using weft::internal::IoSeen;

namespace {

// Of stream sockets it is known that a direction that has closed stays so.
IoKind kind_of(BorrowedFd fd) noexcept {
  int type = 0;
  ::socklen_t size = sizeof type;
  const Result<void> is_socket = sys::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
  const bool is_stream = is_socket && (type == SOCK_STREAM || type == SOCK_SEQPACKET);
  return is_stream ? IoKind::kStream : IoKind::kPipe;
}

}  // namespace

Result<WatchedFd> WatchedFd::create(int fd, Interest interest, std::source_location where) {
  weft::internal::IoDriver& driver = weft::internal::current_io_driver(where);
  if (fd < 0) return Err(std::errc::bad_file_descriptor);
  // Lent: stop() takes it back before it could be closed.
  OwnedFd lent(fd);
  Result<IoRegistration> made =
      IoRegistration::create(driver, std::move(lent), kind_of(BorrowedFd(fd)), interest);
  if (!made) {
    static_cast<void>(std::move(lent).release());
    return Err(made.error());
  }
  return WatchedFd(*std::move(made));
}

void WatchedFd::stop() noexcept {
  if (!registration_) return;
  Result<OwnedFd> lent = std::move(*registration_).into_fd();
  WEFT_CHECK(
      lent,
      "AsyncFd: destroyed, assigned to, or taken apart while a function that was given to it "
      "is running on another thread; join that task first");
  static_cast<void>(std::move(*lent).release());
  registration_.reset();
}

Poll<Result<ReadyGuard>> WatchedFd::poll_ready(Context& cx, IoDirection direction) const noexcept {
  weft::internal::IoRecord& record = registration().record();
  const Poll<Result<IoSeen>> seen = registration().poll_seen(cx, direction);
  if (seen.is_pending()) return kPending;
  return (*seen).transform([&](IoSeen seen_now) {
    return ReadyGuard(record, seen_now, seen_now.ready() & record.wanted(direction));
  });
}

}  // namespace weft::io::internal
