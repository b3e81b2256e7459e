// SocketAddr: an internet address and a port.
//
// Spec: api.md (Net); net.md L-1, N-1, N-2, N-32.
//
// A plain value, ordered and hashable. IPv6 addresses carry two more numbers: the flow label, as
// the kernel has it, and the scope, the index of the interface that a link-local address belongs
// to.
//
//   net::SocketAddr address(net::Ipv4Addr::localhost(), 8080);
//   std::string text = address.to_string();  // "127.0.0.1:8080"
//   Result<net::SocketAddr> linked = net::SocketAddr::parse("[fe80::1%2]:80");
//   std::string same = linked->to_string();  // "[fe80::1%2]:80"

#ifndef WEFT_NET_SOCKET_ADDR_H_
#define WEFT_NET_SOCKET_ADDR_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include <weft/base/result.h>
#include <weft/net/ip_addr.h>

namespace weft::net {

class SocketAddr {
 public:
  constexpr SocketAddr(IpAddr ip, std::uint16_t port) noexcept : ip_(ip), port_(port) {}
  constexpr SocketAddr(Ipv6Addr ip, std::uint16_t port, std::uint32_t flowinfo,
                       std::uint32_t scope_id) noexcept
      : ip_(ip), port_(port), flowinfo_(flowinfo), scope_id_(scope_id) {}

  // "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80" with the scope as a decimal number. Names are not
  // looked up. Else invalid_argument.
  static Result<SocketAddr> parse(std::string_view text) noexcept;

  constexpr IpAddr ip() const noexcept { return ip_; }
  constexpr std::uint16_t port() const noexcept { return port_; }
  constexpr bool is_ipv4() const noexcept { return ip_.is_ipv4(); }
  constexpr bool is_ipv6() const noexcept { return ip_.is_ipv6(); }
  // 0 for IPv4.
  constexpr std::uint32_t flowinfo() const noexcept { return flowinfo_; }
  constexpr std::uint32_t scope_id() const noexcept { return scope_id_; }

  // Changing from one kind of address to the other forgets flow label and scope.
  constexpr void set_ip(IpAddr ip) noexcept {
    if (ip.is_ipv4() || ip_.is_ipv4()) flowinfo_ = scope_id_ = 0;
    ip_ = ip;
  }
  constexpr void set_port(std::uint16_t port) noexcept { port_ = port; }

  // What parse() takes; a scope of 0 is left out.
  std::string to_string() const;

  friend constexpr auto operator<=>(const SocketAddr&, const SocketAddr&) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, const SocketAddr& address);

 private:
  IpAddr ip_;
  std::uint16_t port_;
  std::uint32_t flowinfo_ = 0;
  std::uint32_t scope_id_ = 0;
};

}  // namespace weft::net

template <>
struct std::hash<weft::net::SocketAddr> {
  std::size_t operator()(const weft::net::SocketAddr& address) const noexcept;
};

#endif  // WEFT_NET_SOCKET_ADDR_H_
