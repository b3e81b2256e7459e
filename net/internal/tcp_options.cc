// TcpOptions. Interface: tcp_options.h.

#include <weft/net/internal/tcp_options.h>

#include <algorithm>
#include <array>
#include <limits>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_options.h>

namespace weft::net::internal {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kCongestionNameSize = 16;  // TCP_CA_NAME_MAX

Result<seconds> get_seconds(BorrowedFd fd, int name) noexcept {
  return get_int(fd, IPPROTO_TCP, name).transform([](int value) { return seconds(value); });
}

Result<void> set_seconds(BorrowedFd fd, int name, seconds value) noexcept {
  if (value.count() < 0 || value.count() > std::numeric_limits<int>::max()) {
    return Err(std::errc::invalid_argument);
  }
  return set_int(fd, IPPROTO_TCP, name, static_cast<int>(value.count()));
}

}  // namespace

Result<bool> TcpOptions::tcp_nodelay() const noexcept {
  return get_flag(as_fd(), IPPROTO_TCP, TCP_NODELAY);
}
Result<void> TcpOptions::set_tcp_nodelay(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_TCP, TCP_NODELAY, value);
}
Result<bool> TcpOptions::tcp_cork() const noexcept {
  return get_flag(as_fd(), IPPROTO_TCP, TCP_CORK);
}
Result<void> TcpOptions::set_tcp_cork(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_TCP, TCP_CORK, value);
}
Result<bool> TcpOptions::tcp_quickack() const noexcept {
  return get_flag(as_fd(), IPPROTO_TCP, TCP_QUICKACK);
}
Result<void> TcpOptions::set_tcp_quickack(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_TCP, TCP_QUICKACK, value);
}
Result<bool> TcpOptions::tcp_thin_linear_timeouts() const noexcept {
  return get_flag(as_fd(), IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS);
}
Result<void> TcpOptions::set_tcp_thin_linear_timeouts(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, value);
}

Result<seconds> TcpOptions::tcp_keepalive_time() const noexcept {
  return get_seconds(as_fd(), TCP_KEEPIDLE);
}
Result<seconds> TcpOptions::tcp_keepalive_interval() const noexcept {
  return get_seconds(as_fd(), TCP_KEEPINTVL);
}
Result<std::uint32_t> TcpOptions::tcp_keepalive_retries() const noexcept {
  return get_number(as_fd(), IPPROTO_TCP, TCP_KEEPCNT);
}
Result<void> TcpOptions::set_tcp_keepalive(const TcpKeepalive& values) const noexcept {
  Result<void> set = set_keepalive(true);
  if (set && values.time()) set = set_seconds(as_fd(), TCP_KEEPIDLE, *values.time());
  if (set && values.interval()) set = set_seconds(as_fd(), TCP_KEEPINTVL, *values.interval());
  if (set && values.retries()) {
    set = set_number(as_fd(), IPPROTO_TCP, TCP_KEEPCNT, *values.retries());
  }
  return set;
}

Result<std::uint32_t> TcpOptions::tcp_mss() const noexcept {
  return get_number(as_fd(), IPPROTO_TCP, TCP_MAXSEG);
}
Result<void> TcpOptions::set_tcp_mss(std::uint32_t bytes) const noexcept {
  return set_number(as_fd(), IPPROTO_TCP, TCP_MAXSEG, bytes);
}
Result<std::uint32_t> TcpOptions::tcp_notsent_lowat() const noexcept {
  return get_number(as_fd(), IPPROTO_TCP, TCP_NOTSENT_LOWAT);
}
Result<void> TcpOptions::set_tcp_notsent_lowat(std::uint32_t bytes) const noexcept {
  return set_number(as_fd(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes);
}
Result<std::optional<milliseconds>> TcpOptions::tcp_user_timeout() const noexcept {
  return get_option<std::uint32_t>(as_fd(), IPPROTO_TCP, TCP_USER_TIMEOUT)
      .transform([](std::uint32_t value) {
        return value != 0 ? std::optional(milliseconds(value)) : std::nullopt;
      });
}
Result<void> TcpOptions::set_tcp_user_timeout(std::optional<milliseconds> value) const noexcept {
  const std::int64_t wanted = value.value_or(milliseconds(0)).count();
  if (wanted < 0) return Err(std::errc::invalid_argument);
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return set_option(as_fd(), IPPROTO_TCP, TCP_USER_TIMEOUT,
                    static_cast<std::uint32_t>(std::min(wanted, kMost)));
}
Result<std::string> TcpOptions::tcp_congestion() const {
  std::array<char, kCongestionNameSize> name{};
  ::socklen_t size = name.size();
  const Result<void> got =
      sys::getsockopt(as_fd(), IPPROTO_TCP, TCP_CONGESTION, name.data(), &size);
  if (!got) return Err(got.error());
  if (size > name.size()) return Err(Errc::invalid_data);
  // The kernel fills up with zeros.
  return std::string(name.begin(), std::find(name.begin(), name.begin() + size, '\0'));
}
Result<void> TcpOptions::set_tcp_congestion(std::string_view name) const noexcept {
  return sys::setsockopt(as_fd(), IPPROTO_TCP, TCP_CONGESTION, name.data(),
                         static_cast<::socklen_t>(name.size()));
}

Result<std::uint32_t> TcpOptions::tcp_fastopen() const noexcept {
  return get_number(as_fd(), IPPROTO_TCP, TCP_FASTOPEN);
}
Result<void> TcpOptions::set_tcp_fastopen(std::uint32_t queue_length) const noexcept {
  return set_number(as_fd(), IPPROTO_TCP, TCP_FASTOPEN, queue_length);
}
Result<bool> TcpOptions::tcp_fastopen_connect() const noexcept {
  return get_flag(as_fd(), IPPROTO_TCP, TCP_FASTOPEN_CONNECT);
}
Result<void> TcpOptions::set_tcp_fastopen_connect(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_TCP, TCP_FASTOPEN_CONNECT, value);
}
Result<seconds> TcpOptions::tcp_defer_accept() const noexcept {
  return get_seconds(as_fd(), TCP_DEFER_ACCEPT);
}
Result<void> TcpOptions::set_tcp_defer_accept(seconds value) const noexcept {
  return set_seconds(as_fd(), TCP_DEFER_ACCEPT, value);
}
Result<::tcp_info> TcpOptions::tcp_info() const noexcept {
  // Of any size: an older kernel fills less of it, a newer one would fill more.
  ::tcp_info info{};
  ::socklen_t size = sizeof info;
  return sys::getsockopt(as_fd(), IPPROTO_TCP, TCP_INFO, &info, &size).transform([&] {
    return info;
  });
}

}  // namespace weft::net::internal
