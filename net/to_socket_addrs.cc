// ToSocketAddrs and lookup_host. Interface: to_socket_addrs.h.

#include <weft/net/to_socket_addrs.h>

#include <optional>
#include <system_error>

#include <weft/net/internal/address_parser.h>
#include <weft/net/internal/resolver.h>

namespace weft::net {

namespace {

using Addresses = Result<std::vector<SocketAddr>>;

Task<Addresses> look_up(std::string host, std::uint16_t port) {
  const Result<IpAddr> literal = IpAddr::parse(host);
  if (literal) co_return std::vector<SocketAddr>{SocketAddr(*literal, port)};
  // A name with a zero inside would be looked up as the part before it.
  if (host.find('\0') != std::string::npos) co_return Err(std::errc::invalid_argument);
  Addresses found = co_await internal::resolve_name(std::move(host), port);
  co_return found;
}

// "host:port": the port behind the last colon.
std::optional<std::uint16_t> port_of(std::string_view text) noexcept {
  internal::AddressParser parser(text);
  const std::optional<std::uint16_t> port = parser.port();
  return parser.at_end() ? port : std::nullopt;
}

Task<Addresses> look_up_text(std::string text) {
  const Result<SocketAddr> literal = SocketAddr::parse(text);
  if (literal) co_return std::vector<SocketAddr>{*literal};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) co_return Err(std::errc::invalid_argument);
  const std::optional<std::uint16_t> port = port_of(std::string_view(text).substr(colon + 1));
  if (!port) co_return Err(std::errc::invalid_argument);
  text.resize(colon);
  Addresses found = co_await look_up(std::move(text), *port);
  co_return found;
}

Task<Addresses> known(std::vector<SocketAddr> addresses) { co_return addresses; }

}  // namespace

Task<Addresses> ToSocketAddrs::resolve() && {
  if (const auto* address = std::get_if<SocketAddr>(&from_)) {
    return known(std::vector<SocketAddr>{*address});
  }
  if (auto* several = std::get_if<std::vector<SocketAddr>>(&from_)) {
    return known(std::move(*several));
  }
  if (auto* text = std::get_if<Text>(&from_)) return look_up_text(std::move(text->text));
  auto& host = std::get<HostAndPort>(from_);
  return look_up(std::move(host.host), host.port);
}

Task<Addresses> lookup_host(ToSocketAddrs what) { return std::move(what).resolve(); }

}  // namespace weft::net
