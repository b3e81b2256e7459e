// SockAddr. Interface: sock_addr.h.

#include <weft/net/socket/sock_addr.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <ostream>
#include <sys/un.h>

#include <linux/vm_sockets.h>

#include <weft/base/check.h>

namespace weft::net {

namespace {

constexpr std::size_t kPathOffset = offsetof(::sockaddr_un, sun_path);
static_assert(sizeof(::sockaddr_un::sun_path) == UnixSocketAddr::kCapacity);
static_assert(offsetof(::sockaddr, sa_family) == 0);  // as on Linux: no length byte before it

}  // namespace

SockAddr::SockAddr(const SocketAddr& address) noexcept {
  if (const std::optional<Ipv4Addr> four = address.ip().as_ipv4()) {
    auto& native = storage_.view_as<::sockaddr_in>();
    native.sin_family = AF_INET;
    native.sin_port = htons(address.port());
    native.sin_addr.s_addr = htonl(four->to_bits());
    size_ = sizeof native;
    return;
  }
  auto& native = storage_.view_as<::sockaddr_in6>();
  native.sin6_family = AF_INET6;
  native.sin6_port = htons(address.port());
  native.sin6_flowinfo = address.flowinfo();
  native.sin6_scope_id = address.scope_id();
  const std::array<std::uint8_t, 16> octets = address.ip().as_ipv6()->octets();
  std::memcpy(&native.sin6_addr, octets.data(), octets.size());
  size_ = sizeof native;
}

SockAddr::SockAddr(const UnixSocketAddr& address) noexcept {
  auto& native = storage_.view_as<::sockaddr_un>();
  native.sun_family = AF_UNIX;
  const std::string_view name = address.native();
  std::copy(name.begin(), name.end(), native.sun_path);
  // A path counts its terminating zero; an abstract name has none.
  const std::size_t terminator = address.as_pathname() ? 1 : 0;
  size_ = static_cast<::socklen_t>(kPathOffset + name.size() + terminator);
}

SockAddr::SockAddr(const SockAddrStorage& storage, std::size_t size,
                   std::source_location where) noexcept
    : storage_(storage), size_(static_cast<::socklen_t>(size)) {
  WEFT_CHECK(size <= SockAddrStorage::size(),
             "SockAddr: an address is not larger than the storage it lies in", where);
}

Result<SockAddr> SockAddr::from_unix(const std::filesystem::path& path) noexcept {
  return UnixSocketAddr::from_pathname(path).transform(
      [](const UnixSocketAddr& address) { return SockAddr(address); });
}

SockAddr SockAddr::vsock(std::uint32_t cid, std::uint32_t port) noexcept {
  SockAddr address;
  auto& native = address.storage_.view_as<::sockaddr_vm>();
  native.svm_family = AF_VSOCK;
  native.svm_cid = cid;
  native.svm_port = port;
  address.size_ = sizeof native;
  return address;
}

int SockAddr::family() const noexcept {
  ::sa_family_t family = AF_UNSPEC;
  if (size_ >= sizeof family) std::memcpy(&family, storage_.data(), sizeof family);
  return family;
}

bool SockAddr::is_unnamed() const noexcept {
  const std::optional<std::string_view> name = unix_name();
  return name && name->empty();
}

std::optional<SocketAddr> SockAddr::as_socket() const noexcept {
  const std::optional<SocketAddr> four = as_socket_ipv4();
  return four ? four : as_socket_ipv6();
}

std::optional<SocketAddr> SockAddr::as_socket_ipv4() const noexcept {
  if (!is_ipv4() || size_ < sizeof(::sockaddr_in)) return std::nullopt;
  const auto native = storage_.load<::sockaddr_in>();
  return SocketAddr(Ipv4Addr::from_bits(ntohl(native.sin_addr.s_addr)), ntohs(native.sin_port));
}

std::optional<SocketAddr> SockAddr::as_socket_ipv6() const noexcept {
  if (!is_ipv6() || size_ < sizeof(::sockaddr_in6)) return std::nullopt;
  const auto native = storage_.load<::sockaddr_in6>();
  std::array<std::uint8_t, 16> octets;
  std::memcpy(octets.data(), &native.sin6_addr, octets.size());
  return SocketAddr(Ipv6Addr(octets), ntohs(native.sin6_port), native.sin6_flowinfo,
                    native.sin6_scope_id);
}

std::optional<UnixSocketAddr> SockAddr::as_unix() const noexcept {
  const std::optional<std::string_view> name = unix_name();
  if (!name) return std::nullopt;
  return UnixSocketAddr::from_native(*name);
}

std::optional<std::string_view> SockAddr::as_pathname() const& noexcept {
  const std::optional<std::string_view> name = unix_name();
  if (!name || name->empty() || name->front() == '\0') return std::nullopt;
  // A peer may have bound without a terminating zero, or with bytes behind it: npos is the whole.
  return name->substr(0, name->find('\0'));
}

std::optional<std::string_view> SockAddr::as_abstract_namespace() const& noexcept {
  const std::optional<std::string_view> name = unix_name();
  if (!name || name->empty() || name->front() != '\0') return std::nullopt;
  return name->substr(1);
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> SockAddr::as_vsock() const noexcept {
  if (family() != AF_VSOCK || size_ < sizeof(::sockaddr_vm)) return std::nullopt;
  const auto native = storage_.load<::sockaddr_vm>();
  return std::pair<std::uint32_t, std::uint32_t>(native.svm_cid, native.svm_port);
}

std::string SockAddr::to_string() const {
  if (const std::optional<SocketAddr> inet = as_socket()) return inet->to_string();
  if (const std::optional<UnixSocketAddr> local = as_unix()) return local->to_string();
  if (const auto vm = as_vsock()) {
    return "vsock:" + std::to_string(vm->first) + ':' + std::to_string(vm->second);
  }
  return domain().to_string();
}

std::ostream& operator<<(std::ostream& out, const SockAddr& address) {
  return out << address.to_string();
}

std::string_view SockAddr::bytes() const noexcept {
  // SAFETY(cast): bytes may be read as char; size_ is at most what the storage has.
  return {reinterpret_cast<const char*>(storage_.data()), size_};
}

std::optional<std::string_view> SockAddr::unix_name() const noexcept {
  if (!is_unix() || size_ < kPathOffset) return std::nullopt;
  return bytes().substr(kPathOffset, UnixSocketAddr::kCapacity);
}

}  // namespace weft::net
