// NativeAddress. Interface: native_address.h.
//
// The structs are copied in and out bytewise, so that no pointer of one type reads another's
// memory.

#include <weft/net/internal/native_address.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <system_error>

#include <weft/base/sys.h>

namespace weft::net::internal {

namespace {

template <class Native>
void store(::sockaddr_storage& storage, ::socklen_t& size, const Native& native) noexcept {
  static_assert(sizeof native <= sizeof storage);
  std::memcpy(&storage, &native, sizeof native);
  size = sizeof native;
}

template <class Native>
Native load(const ::sockaddr_storage& storage) noexcept {
  Native native;
  std::memcpy(&native, &storage, sizeof native);
  return native;
}

}  // namespace

NativeAddress::NativeAddress(const SocketAddr& address) noexcept {
  if (const std::optional<Ipv4Addr> four = address.ip().as_ipv4()) {
    ::sockaddr_in native{};
    native.sin_family = AF_INET;
    native.sin_port = htons(address.port());
    native.sin_addr.s_addr = htonl(four->to_bits());
    store(storage_, size_, native);
    return;
  }
  ::sockaddr_in6 native{};
  native.sin6_family = AF_INET6;
  native.sin6_port = htons(address.port());
  native.sin6_flowinfo = address.flowinfo();
  native.sin6_scope_id = address.scope_id();
  const std::array<std::uint8_t, 16> octets = address.ip().as_ipv6()->octets();
  std::memcpy(&native.sin6_addr, octets.data(), octets.size());
  store(storage_, size_, native);
}

NativeAddress::NativeAddress(const ::addrinfo& found) noexcept
    : size_(std::min<::socklen_t>(found.ai_addrlen, sizeof storage_)) {
  std::memcpy(&storage_, found.ai_addr, size_);
}

::sockaddr* NativeAddress::get() noexcept {
  // SAFETY(cast): sockaddr_storage is made to be passed as a sockaddr; the kernel looks at the
  // family.
  return reinterpret_cast<::sockaddr*>(&storage_);
}
const ::sockaddr* NativeAddress::get() const noexcept {
  // SAFETY(cast): as above.
  return reinterpret_cast<const ::sockaddr*>(&storage_);
}

Result<SocketAddr> NativeAddress::to_socket_addr() const noexcept {
  if (storage_.ss_family == AF_INET && size_ >= sizeof(::sockaddr_in)) {
    const auto native = load<::sockaddr_in>(storage_);
    return SocketAddr(Ipv4Addr::from_bits(ntohl(native.sin_addr.s_addr)), ntohs(native.sin_port));
  }
  if (storage_.ss_family == AF_INET6 && size_ >= sizeof(::sockaddr_in6)) {
    const auto native = load<::sockaddr_in6>(storage_);
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), &native.sin6_addr, octets.size());
    return SocketAddr(Ipv6Addr(octets), ntohs(native.sin6_port), native.sin6_flowinfo,
                      native.sin6_scope_id);
  }
  return Err(std::errc::invalid_argument);
}

Result<SocketAddr> local_addr(BorrowedFd socket) noexcept {
  NativeAddress address;
  const Result<void> done = sys::getsockname(socket, address.get(), address.size_pointer());
  if (!done) return Err(done.error());
  return address.to_socket_addr();
}

Result<SocketAddr> peer_addr(BorrowedFd socket) noexcept {
  NativeAddress address;
  const Result<void> done = sys::getpeername(socket, address.get(), address.size_pointer());
  if (!done) return Err(done.error());
  return address.to_socket_addr();
}

}  // namespace weft::net::internal
