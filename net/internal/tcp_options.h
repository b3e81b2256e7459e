// TcpOptions: the options of a net::Socket that TCP sockets have (IPPROTO_TCP).
//
// Spec: S-X33 .. S-X43.
//
// What all functions promise: socket_handle.h; of options in particular: socket_level_options.h.

#ifndef WEFT_NET_INTERNAL_TCP_OPTIONS_H_
#define WEFT_NET_INTERNAL_TCP_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <string_view>

#include <weft/base/result.h>
#include <weft/net/internal/multicast_options.h>
#include <weft/net/socket/tcp_keepalive.h>

namespace weft::net::internal {

class TcpOptions : public MulticastOptions {
 public:
  // TCP_NODELAY: sends small writes at once instead of collecting them.
  Result<bool> tcp_nodelay() const noexcept;
  Result<void> set_tcp_nodelay(bool value) const noexcept;
  // TCP_CORK: sends full packets only, until it is cleared, or for 200 ms.
  Result<bool> tcp_cork() const noexcept;
  Result<void> set_tcp_cork(bool value) const noexcept;
  // TCP_QUICKACK: acknowledges at once. The kernel may leave this mode again.
  Result<bool> tcp_quickack() const noexcept;
  Result<void> set_tcp_quickack(bool value) const noexcept;
  // TCP_THIN_LINEAR_TIMEOUTS: with fewer than four packets under way, the time before repeating one
  // does not double.
  Result<bool> tcp_thin_linear_timeouts() const noexcept;
  Result<void> set_tcp_thin_linear_timeouts(bool value) const noexcept;

  // TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT: what set_tcp_keepalive() sets.
  Result<std::chrono::seconds> tcp_keepalive_time() const noexcept;
  Result<std::chrono::seconds> tcp_keepalive_interval() const noexcept;
  Result<std::uint32_t> tcp_keepalive_retries() const noexcept;
  // Switches SO_KEEPALIVE on and sets what `values` has: up to four calls, in the order time,
  // interval, retries; the first that fails ends it. Negative times are invalid_argument.
  Result<void> set_tcp_keepalive(const TcpKeepalive& values) const noexcept;

  // TCP_MAXSEG, in bytes. Before connecting Linux reports another value than the one set.
  Result<std::uint32_t> tcp_mss() const noexcept;
  Result<void> set_tcp_mss(std::uint32_t bytes) const noexcept;
  // TCP_NOTSENT_LOWAT: it is writable only while less than this many bytes wait to be sent.
  Result<std::uint32_t> tcp_notsent_lowat() const noexcept;
  Result<void> set_tcp_notsent_lowat(std::uint32_t bytes) const noexcept;
  // TCP_USER_TIMEOUT: how long sent data may stay without an acknowledgement before the connection
  // ends; nothing, or 0, is the system's default; more than 2^32-1 ms is that. Negative is
  // invalid_argument.
  Result<std::optional<std::chrono::milliseconds>> tcp_user_timeout() const noexcept;
  Result<void> set_tcp_user_timeout(std::optional<std::chrono::milliseconds> value) const noexcept;
  // TCP_CONGESTION: the name of the algorithm; no_such_file_or_directory if there is none such.
  Result<std::string> tcp_congestion() const;
  Result<void> set_tcp_congestion(std::string_view name) const noexcept;

  // TCP_FASTOPEN (3.7): a listener takes data with the first packet, for up to so many connections
  // that are not established yet.
  Result<std::uint32_t> tcp_fastopen() const noexcept;
  Result<void> set_tcp_fastopen(std::uint32_t queue_length) const noexcept;
  // TCP_FASTOPEN_CONNECT (4.11): connect() returns at once and the first write connects.
  Result<bool> tcp_fastopen_connect() const noexcept;
  Result<void> set_tcp_fastopen_connect(bool value) const noexcept;
  // TCP_DEFER_ACCEPT: accept() sees a connection once there is data, or after about this time. The
  // kernel rounds it up to a number of repetitions.
  Result<std::chrono::seconds> tcp_defer_accept() const noexcept;
  Result<void> set_tcp_defer_accept(std::chrono::seconds value) const noexcept;
  // TCP_INFO: the state of the connection. Fields that this kernel does not know are 0.
  Result<::tcp_info> tcp_info() const noexcept;

 protected:
  using MulticastOptions::MulticastOptions;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_TCP_OPTIONS_H_
