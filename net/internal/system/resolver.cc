// resolve_name() by getaddrinfo(3), which blocks. Interface: internal/resolver.h.
//
// It is what every other program of the system uses, with whatever nsswitch.conf(5) names: LDAP,
// mDNS. The price is a thread of the blocking pool for as long as it takes.

#include <weft/net/internal/resolver.h>

#include <cerrno>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include <weft/net/internal/socket_name.h>
#include <weft/runtime/spawn.h>

namespace weft::net::internal {

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
    Result<SocketAddr> address = to_address(*entry);
    if (!address) continue;  // of a family that we do not know
    address->set_port(port);
    addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

Task<Addresses> resolve_name(std::string host, std::uint16_t port) {
  auto job = spawn_blocking(&ask_system, std::move(host), port);
  JoinResult<Addresses> found = co_await job;
  if (found) co_return *std::move(found);
  if (found.error().is_exception()) found.error().rethrow();
  co_return Err(Errc::cancelled);
}

}  // namespace weft::net::internal
