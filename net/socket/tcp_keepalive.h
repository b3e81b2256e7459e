// TcpKeepalive: when to ask an idle TCP peer whether it is still there.
//
// Spec: S-K10.
//
//   // A peer that has been silent for 110 seconds is gone.
//   Result<void> notice_silence(const net::Socket& socket) {
//     net::TcpKeepalive keepalive;
//     keepalive.with_time(60s).with_interval(10s).with_retries(5);
//     return socket.set_tcp_keepalive(keepalive);
//   }

#ifndef WEFT_NET_SOCKET_TCP_KEEPALIVE_H_
#define WEFT_NET_SOCKET_TCP_KEEPALIVE_H_

#include <chrono>
#include <cstdint>
#include <optional>

namespace weft::net {

// A plain value. What is not set is left as the socket has it.
class TcpKeepalive {
 public:
  constexpr TcpKeepalive() noexcept = default;

  // How long a connection is idle before the first question (TCP_KEEPIDLE), in whole seconds.
  constexpr TcpKeepalive& with_time(std::chrono::seconds value) noexcept {
    time_ = value;
    return *this;
  }
  // The time between questions (TCP_KEEPINTVL), in whole seconds.
  constexpr TcpKeepalive& with_interval(std::chrono::seconds value) noexcept {
    interval_ = value;
    return *this;
  }
  // How many questions without an answer end the connection (TCP_KEEPCNT).
  constexpr TcpKeepalive& with_retries(std::uint32_t value) noexcept {
    retries_ = value;
    return *this;
  }

  constexpr std::optional<std::chrono::seconds> time() const noexcept { return time_; }
  constexpr std::optional<std::chrono::seconds> interval() const noexcept { return interval_; }
  constexpr std::optional<std::uint32_t> retries() const noexcept { return retries_; }

  friend constexpr bool operator==(const TcpKeepalive&, const TcpKeepalive&) noexcept = default;

 private:
  std::optional<std::chrono::seconds> time_;
  std::optional<std::chrono::seconds> interval_;
  std::optional<std::uint32_t> retries_;
};

}  // namespace weft::net

#endif  // WEFT_NET_SOCKET_TCP_KEEPALIVE_H_
