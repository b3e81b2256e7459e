// SocketOptions. Interface: socket_level_options.h.

#include <weft/net/internal/socket_level_options.h>

#include <limits>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_options.h>

namespace weft::net::internal {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using Timeout = SocketOptions::Timeout;

// Linux 6.5; the headers of older systems do not have them.
constexpr int kPassPidfd = 76;
constexpr int kPeerPidfd = 77;

Result<Timeout> get_timeout(BorrowedFd fd, int name) noexcept {
  return get_option<::timeval>(fd, SOL_SOCKET, name).transform([](const ::timeval& value) {
    const microseconds time = seconds(value.tv_sec) + microseconds(value.tv_usec);
    return time.count() != 0 ? Timeout(time) : std::nullopt;
  });
}

Result<void> set_timeout(BorrowedFd fd, int name, Timeout value) noexcept {
  const microseconds time = value.value_or(microseconds(0));
  // The kernel takes a negative number of seconds for no time at all.
  if (time.count() < 0) return Err(std::errc::invalid_argument);
  const auto whole = std::chrono::duration_cast<seconds>(time);
  ::timeval option{};
  option.tv_sec = whole.count();
  option.tv_usec = static_cast<::suseconds_t>((time - whole).count());
  return set_option(fd, SOL_SOCKET, name, option);
}

Result<std::size_t> get_size(BorrowedFd fd, int name) noexcept {
  return get_number(fd, SOL_SOCKET, name).transform([](std::uint32_t value) {
    return std::size_t{value};
  });
}

Result<void> set_size(BorrowedFd fd, int name, std::size_t bytes) noexcept {
  if (bytes > std::size_t{std::numeric_limits<int>::max()}) {
    return Err(std::errc::invalid_argument);
  }
  return set_int(fd, SOL_SOCKET, name, static_cast<int>(bytes));
}

Result<std::optional<std::uint32_t>> get_device_index(BorrowedFd fd) noexcept {
  return get_number(fd, SOL_SOCKET, SO_BINDTOIFINDEX).transform([](std::uint32_t index) {
    return index != 0 ? std::optional(index) : std::nullopt;
  });
}

Result<void> set_device_index(BorrowedFd fd, std::optional<std::uint32_t> index) noexcept {
  return set_number(fd, SOL_SOCKET, SO_BINDTOIFINDEX, index.value_or(0));
}

}  // namespace

Result<Type> SocketOptions::type() const noexcept {
  return get_int(as_fd(), SOL_SOCKET, SO_TYPE).transform(&Type::from_raw);
}
Result<Domain> SocketOptions::domain() const noexcept {
  return get_int(as_fd(), SOL_SOCKET, SO_DOMAIN).transform(&Domain::from_raw);
}
Result<std::optional<Protocol>> SocketOptions::protocol() const noexcept {
  return get_int(as_fd(), SOL_SOCKET, SO_PROTOCOL).transform([](int number) {
    return number != 0 ? std::optional(Protocol::from_raw(number)) : std::nullopt;
  });
}
Result<bool> SocketOptions::is_listener() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_ACCEPTCONN);
}
Result<std::uint64_t> SocketOptions::cookie() const noexcept {
  return get_option<std::uint64_t>(as_fd(), SOL_SOCKET, SO_COOKIE);
}
Result<std::optional<Error>> SocketOptions::take_error() const noexcept {
  return internal::take_error(as_fd());
}

Result<bool> SocketOptions::broadcast() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_BROADCAST);
}
Result<void> SocketOptions::set_broadcast(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, SO_BROADCAST, value);
}
Result<bool> SocketOptions::keepalive() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_KEEPALIVE);
}
Result<void> SocketOptions::set_keepalive(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, SO_KEEPALIVE, value);
}
Result<std::optional<seconds>> SocketOptions::linger() const noexcept {
  return internal::get_linger(as_fd());
}
Result<void> SocketOptions::set_linger(std::optional<seconds> value) const noexcept {
  return internal::set_linger(as_fd(), value);
}
Result<bool> SocketOptions::out_of_band_inline() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_OOBINLINE);
}
Result<void> SocketOptions::set_out_of_band_inline(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, SO_OOBINLINE, value);
}
Result<bool> SocketOptions::reuse_address() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_REUSEADDR);
}
Result<void> SocketOptions::set_reuse_address(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, SO_REUSEADDR, value);
}
Result<bool> SocketOptions::reuse_port() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_REUSEPORT);
}
Result<void> SocketOptions::set_reuse_port(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, SO_REUSEPORT, value);
}
Result<std::uint32_t> SocketOptions::priority() const noexcept {
  return get_number(as_fd(), SOL_SOCKET, SO_PRIORITY);
}
Result<void> SocketOptions::set_priority(std::uint32_t value) const noexcept {
  return set_number(as_fd(), SOL_SOCKET, SO_PRIORITY, value);
}
Result<std::uint32_t> SocketOptions::mark() const noexcept {
  return get_option<std::uint32_t>(as_fd(), SOL_SOCKET, SO_MARK);
}
Result<void> SocketOptions::set_mark(std::uint32_t value) const noexcept {
  return set_option(as_fd(), SOL_SOCKET, SO_MARK, value);
}
Result<std::uint32_t> SocketOptions::cpu_affinity() const noexcept {
  return get_number(as_fd(), SOL_SOCKET, SO_INCOMING_CPU);
}
Result<void> SocketOptions::set_cpu_affinity(std::uint32_t cpu) const noexcept {
  return set_number(as_fd(), SOL_SOCKET, SO_INCOMING_CPU, cpu);
}
Result<std::uint32_t> SocketOptions::busy_poll() const noexcept {
  return get_number(as_fd(), SOL_SOCKET, SO_BUSY_POLL);
}
Result<void> SocketOptions::set_busy_poll(std::uint32_t microseconds) const noexcept {
  return set_number(as_fd(), SOL_SOCKET, SO_BUSY_POLL, microseconds);
}

Result<std::size_t> SocketOptions::recv_buffer_size() const noexcept {
  return get_size(as_fd(), SO_RCVBUF);
}
Result<void> SocketOptions::set_recv_buffer_size(std::size_t bytes) const noexcept {
  return set_size(as_fd(), SO_RCVBUF, bytes);
}
Result<std::size_t> SocketOptions::send_buffer_size() const noexcept {
  return get_size(as_fd(), SO_SNDBUF);
}
Result<void> SocketOptions::set_send_buffer_size(std::size_t bytes) const noexcept {
  return set_size(as_fd(), SO_SNDBUF, bytes);
}
Result<void> SocketOptions::set_recv_buffer_size_force(std::size_t bytes) const noexcept {
  return set_size(as_fd(), SO_RCVBUFFORCE, bytes);
}
Result<void> SocketOptions::set_send_buffer_size_force(std::size_t bytes) const noexcept {
  return set_size(as_fd(), SO_SNDBUFFORCE, bytes);
}

Result<Timeout> SocketOptions::read_timeout() const noexcept {
  return get_timeout(as_fd(), SO_RCVTIMEO);
}
Result<void> SocketOptions::set_read_timeout(Timeout value) const noexcept {
  return set_timeout(as_fd(), SO_RCVTIMEO, value);
}
Result<Timeout> SocketOptions::write_timeout() const noexcept {
  return get_timeout(as_fd(), SO_SNDTIMEO);
}
Result<void> SocketOptions::set_write_timeout(Timeout value) const noexcept {
  return set_timeout(as_fd(), SO_SNDTIMEO, value);
}

Result<std::optional<std::string>> SocketOptions::device() const { return get_device(as_fd()); }
Result<void> SocketOptions::bind_device(std::optional<std::string_view> name) const noexcept {
  return internal::bind_device(as_fd(), name);
}
Result<std::optional<std::uint32_t>> SocketOptions::device_index_v4() const noexcept {
  return get_device_index(as_fd());
}
Result<std::optional<std::uint32_t>> SocketOptions::device_index_v6() const noexcept {
  return get_device_index(as_fd());
}
Result<void> SocketOptions::bind_device_by_index_v4(
    std::optional<std::uint32_t> index) const noexcept {
  return set_device_index(as_fd(), index);
}
Result<void> SocketOptions::bind_device_by_index_v6(
    std::optional<std::uint32_t> index) const noexcept {
  return set_device_index(as_fd(), index);
}

Result<void> SocketOptions::attach_filter(std::span<const ::sock_filter> program) const noexcept {
  // The length is 16 bits: without this a longer program would be cut, and run.
  if (program.size() > BPF_MAXINSNS) return Err(std::errc::invalid_argument);
  ::sock_fprog option{};
  option.len = static_cast<unsigned short>(program.size());
  // SAFETY(cast): a sock_fprog has no const form; the kernel only reads the program.
  option.filter = const_cast<::sock_filter*>(program.data());
  return set_option(as_fd(), SOL_SOCKET, SO_ATTACH_FILTER, option);
}
Result<void> SocketOptions::detach_filter() const noexcept {
  // The value means nothing, but there has to be one.
  return set_int(as_fd(), SOL_SOCKET, SO_DETACH_FILTER, 0);
}
Result<bool> SocketOptions::zerocopy() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_ZEROCOPY);
}
Result<void> SocketOptions::set_zerocopy(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, SO_ZEROCOPY, value);
}
Result<std::uint32_t> SocketOptions::timestamping() const noexcept {
  return get_option<std::uint32_t>(as_fd(), SOL_SOCKET, SO_TIMESTAMPING);
}
Result<void> SocketOptions::set_timestamping(std::uint32_t flags) const noexcept {
  return set_option(as_fd(), SOL_SOCKET, SO_TIMESTAMPING, flags);
}

Result<bool> SocketOptions::passcred() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_PASSCRED);
}
Result<void> SocketOptions::set_passcred(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, SO_PASSCRED, value);
}
Result<bool> SocketOptions::passsec() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, SO_PASSSEC);
}
Result<void> SocketOptions::set_passsec(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, SO_PASSSEC, value);
}
Result<bool> SocketOptions::passpidfd() const noexcept {
  return get_flag(as_fd(), SOL_SOCKET, kPassPidfd);
}
Result<void> SocketOptions::set_passpidfd(bool value) const noexcept {
  return set_flag(as_fd(), SOL_SOCKET, kPassPidfd, value);
}
Result<UCred> SocketOptions::peer_cred() const noexcept { return internal::peer_cred(as_fd()); }
Result<OwnedFd> SocketOptions::peer_pidfd() const noexcept {
  return get_int(as_fd(), SOL_SOCKET, kPeerPidfd).transform([](int fd) { return OwnedFd(fd); });
}

}  // namespace weft::net::internal
