// SocketAddr: text and hash. Interface: socket_addr.h.

#include <weft/net/socket_addr.h>

#include <ostream>

#include <weft/net/internal/address_parser.h>

namespace weft::net {

Result<SocketAddr> SocketAddr::parse(std::string_view text) noexcept {
  return internal::parse_whole(text, &internal::AddressParser::socket);
}

std::string SocketAddr::to_string() const {
  const std::string port = std::to_string(port_);
  if (is_ipv4()) return ip_.to_string() + ':' + port;
  const std::string scope = scope_id_ != 0 ? '%' + std::to_string(scope_id_) : std::string();
  return '[' + ip_.to_string() + scope + "]:" + port;
}

std::ostream& operator<<(std::ostream& out, const SocketAddr& address) {
  return out << address.to_string();
}

}  // namespace weft::net

std::size_t std::hash<weft::net::SocketAddr>::operator()(
    const weft::net::SocketAddr& address) const noexcept {
  // A flow label says nothing about who the peer is, and is mostly 0.
  const std::size_t of_ip = std::hash<weft::net::IpAddr>()(address.ip());
  constexpr std::size_t kMultiplier = 0x9e3779b97f4a7c15;
  return (of_ip ^ address.port() ^ (std::size_t{address.scope_id()} << 16)) * kMultiplier;
}
