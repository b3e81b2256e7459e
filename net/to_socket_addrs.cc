// ToSocketAddrs and lookup_host. Interface: to_socket_addrs.h.

#include <weft/net/to_socket_addrs.h>

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <optional>
#include <system_error>

#include <weft/net/internal/address_parser.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/runtime/spawn.h>

namespace weft::net {

namespace {

using Addresses = Result<std::vector<SocketAddr>>;

struct FreeAddrInfo {
  void operator()(::addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

Error to_error(int code, int number) noexcept {
  if (code == EAI_MEMORY) return std::errc::not_enough_memory;
  // EAGAIN would say "would block", which an awaited operation never does.
  if (code == EAI_SYSTEM && number != EAGAIN) return Error::from_errno(number);
  return Errc::other;
}

// Blocks. Runs on the blocking pool.
Addresses ask_system(const std::string& host, std::uint16_t port) {
  ::addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;  // else each address comes once for each type
  ::addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  const int number = errno;
  if (code != 0) return Err(to_error(code, number));
  const std::unique_ptr<::addrinfo, FreeAddrInfo> owner(list);
  std::vector<SocketAddr> addresses;
  for (const ::addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    Result<SocketAddr> address = internal::to_address(*entry);
    if (!address) continue;  // of a family that we do not know
    address->set_port(port);
    addresses.push_back(*address);
  }
  return addresses;
}

Task<Addresses> look_up(std::string host, std::uint16_t port) {
  const Result<IpAddr> literal = IpAddr::parse(host);
  if (literal) co_return std::vector<SocketAddr>{SocketAddr(*literal, port)};
  // A name with a zero inside would be looked up as the part before it.
  if (host.find('\0') != std::string::npos) co_return Err(std::errc::invalid_argument);
  auto job = spawn_blocking(&ask_system, std::move(host), port);
  JoinResult<Addresses> found = co_await job;
  if (found) co_return *std::move(found);
  if (found.error().is_exception()) found.error().rethrow();
  co_return Err(Errc::cancelled);
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
