// Socket. Interface: socket.h.

#include <weft/net/socket/socket.h>

#include <algorithm>
#include <fcntl.h>
#include <limits>
#include <poll.h>
#include <span>
#include <sys/socket.h>
#include <system_error>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>

namespace weft::net {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

int number_of(std::optional<Protocol> protocol) noexcept { return protocol ? protocol->raw() : 0; }

Result<Socket::Two> to_sockets(Result<sys::Ends> ends) noexcept {
  if (!ends) return Err(ends.error());
  return Socket::Two(Socket(std::move(ends->first)), Socket(std::move(ends->second)));
}

Result<nanoseconds> now() noexcept {
  return sys::clock_gettime(CLOCK_MONOTONIC).transform([](const ::timespec& time) {
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
  });
}

// What poll(2) is to wait: at least a millisecond, or it would be a loop without waiting at the
// end.
int poll_milliseconds(nanoseconds left) noexcept {
  const auto whole = std::chrono::duration_cast<milliseconds>(left).count();
  return static_cast<int>(std::clamp<milliseconds::rep>(whole, 1, std::numeric_limits<int>::max()));
}

// How a connect that goes on in the background ends.
Result<void> wait_connected(const Socket& socket, nanoseconds began, nanoseconds limit) noexcept {
  ::pollfd entry{};
  entry.fd = socket.raw();
  entry.events = POLLIN | POLLOUT;
  while (true) {
    const Result<nanoseconds> time = now();
    if (!time) return Err(time.error());
    const nanoseconds elapsed = *time - began;
    if (elapsed >= limit) return Err(std::errc::timed_out);
    const int wait = poll_milliseconds(limit - elapsed);
    const Result<std::size_t> ready = sys::poll(std::span(&entry, 1), wait);
    if (!ready) {
      if (ready.error() == std::errc::interrupted) continue;
      return Err(ready.error());
    }
    if (*ready == 0) {
      // Longer than one poll() can wait.
      if (wait == std::numeric_limits<int>::max()) continue;
      return Err(std::errc::timed_out);
    }
    if ((entry.revents & (POLLERR | POLLHUP)) == 0) return {};
    const Result<std::optional<Error>> error = socket.take_error();
    if (!error) return Err(error.error());
    return Err(error->value_or(Errc::other));
  }
}

}  // namespace

Result<Socket> Socket::create(Domain domain, Type type, std::optional<Protocol> protocol) noexcept {
  return create_raw(domain, type.cloexec(), protocol);
}

Result<Socket> Socket::create_raw(Domain domain, Type type,
                                  std::optional<Protocol> protocol) noexcept {
  return sys::socket(domain.raw(), type.raw(), number_of(protocol)).transform([](OwnedFd&& fd) {
    return Socket(std::move(fd));
  });
}

Result<Socket::Two> Socket::pair(Domain domain, Type type,
                                 std::optional<Protocol> protocol) noexcept {
  return pair_raw(domain, type.cloexec(), protocol);
}

Result<Socket::Two> Socket::pair_raw(Domain domain, Type type,
                                     std::optional<Protocol> protocol) noexcept {
  return to_sockets(sys::socketpair(domain.raw(), type.raw(), number_of(protocol)));
}

Result<Socket> Socket::try_clone() const noexcept {
  return fd_.try_clone().transform([](OwnedFd&& fd) { return Socket(std::move(fd)); });
}

Result<void> Socket::bind(const SockAddr& address) const noexcept {
  return sys::bind(as_fd(), address.data(), address.size());
}

Result<void> Socket::listen(int backlog) const noexcept { return sys::listen(as_fd(), backlog); }

Result<Socket::Accepted> Socket::accept() const noexcept { return accept4(SOCK_CLOEXEC); }

Result<Socket::Accepted> Socket::accept4(int flags) const noexcept {
  SockAddrStorage storage;
  ::socklen_t size = SockAddrStorage::size();
  Result<OwnedFd> connection = sys::accept4(as_fd(), storage.data(), &size, flags);
  if (!connection) return Err(connection.error());
  return Accepted(Socket(*std::move(connection)),
                  SockAddr(storage, std::min<std::size_t>(size, SockAddrStorage::size())));
}

Result<void> Socket::connect(const SockAddr& address) const noexcept {
  return sys::connect(as_fd(), address.data(), address.size());
}

Result<void> Socket::connect_timeout(const SockAddr& address, nanoseconds limit) const noexcept {
  const Result<nanoseconds> began = now();
  if (!began) return Err(began.error());
  const Result<bool> was_nonblocking = nonblocking();
  if (!was_nonblocking) return Err(was_nonblocking.error());
  if (const Result<void> set = set_nonblocking(true); !set) return set;
  const Result<void> begun = connect(address);
  const Result<void> restored = set_nonblocking(*was_nonblocking);
  const bool goes_on = !begun && (begun.error() == std::errc::operation_in_progress ||
                                  begun.error() == std::errc::interrupted);
  if (!begun && !goes_on) return begun;
  if (!restored || !goes_on) return restored;
  return wait_connected(*this, *began, limit);
}

Result<void> Socket::shutdown(Shutdown how) const noexcept {
  return sys::shutdown(as_fd(), static_cast<int>(how));
}

Result<SockAddr> Socket::local_addr() const noexcept { return internal::local_name(as_fd()); }
Result<SockAddr> Socket::peer_addr() const noexcept { return internal::peer_name(as_fd()); }

Result<bool> Socket::nonblocking() const noexcept {
  return sys::get_status_flags(as_fd()).transform(
      [](int flags) { return (flags & O_NONBLOCK) != 0; });
}

Result<void> Socket::set_nonblocking(bool value) const noexcept {
  const Result<int> flags = sys::get_status_flags(as_fd());
  if (!flags) return Err(flags.error());
  const int wanted = value ? *flags | O_NONBLOCK : *flags & ~O_NONBLOCK;
  return wanted != *flags ? sys::set_status_flags(as_fd(), wanted) : Result<void>();
}

Result<void> Socket::set_cloexec(bool value) const noexcept {
  const Result<int> flags = sys::get_fd_flags(as_fd());
  if (!flags) return Err(flags.error());
  const int wanted = value ? *flags | FD_CLOEXEC : *flags & ~FD_CLOEXEC;
  return wanted != *flags ? sys::set_fd_flags(as_fd(), wanted) : Result<void>();
}

}  // namespace weft::net
