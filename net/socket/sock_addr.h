// SockAddr: a socket address of any family, as the kernel has it.
//
// Spec: S-K3, S-K4, S-K5.
//
// A sockaddr_storage and how many of its bytes are the address. Everything with an address of its
// own (SocketAddr, UnixSocketAddr) becomes one to be handed to a system call, and what a system
// call returns is read back by asking: each as_...() looks at the family and the length first, and
// gives nothing if either is wrong, so that an address too short for its family is never read.
//
//   std::string describe(const net::SockAddr& address) {
//     if (const auto inet = address.as_socket()) return "port " + std::to_string(inet->port());
//     if (const auto path = address.as_pathname()) return "file " + std::string(*path);
//     if (address.is_unnamed()) return "nobody";
//     return "something of " + address.domain().to_string();
//   }

#ifndef WEFT_NET_SOCKET_SOCK_ADDR_H_
#define WEFT_NET_SOCKET_SOCK_ADDR_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/net/socket/sock_addr_storage.h>
#include <weft/net/socket/socket_kind.h>
#include <weft/net/socket_addr.h>
#include <weft/net/unix_socket_addr.h>

namespace weft::net {

// A plain value. Equal, and of equal hash, if the bytes of the addresses are.
class SockAddr {
 public:
  // Zeros, and the whole storage: room for MsgHdrMut to receive an address into.
  SockAddr() noexcept = default;
  SockAddr(const SocketAddr& address) noexcept;      // NOLINT(google-explicit-constructor)
  SockAddr(const UnixSocketAddr& address) noexcept;  // NOLINT(google-explicit-constructor)
  // The first `size` bytes of `storage`. Fatal if there are not that many.
  SockAddr(const SockAddrStorage& storage, std::size_t size,
           std::source_location where = std::source_location::current()) noexcept;

  // As UnixSocketAddr::from_pathname(): a path, an abstract name behind a zero byte, or unnamed.
  // Fails with invalid_argument.
  static Result<SockAddr> from_unix(const std::filesystem::path& path) noexcept;
  // Context and port of a virtual machine's socket; VMADDR_CID_ANY and VMADDR_PORT_ANY exist.
  static SockAddr vsock(std::uint32_t cid, std::uint32_t port) noexcept;

  const ::sockaddr* data() const noexcept { return storage_.data(); }
  ::socklen_t size() const noexcept { return size_; }

  // AF_UNSPEC if it is too short to have one.
  int family() const noexcept;
  Domain domain() const noexcept { return Domain::from_raw(family()); }

  // Whether the family is that one; the address may be shorter than the family's.
  bool is_ipv4() const noexcept { return family() == AF_INET; }
  bool is_ipv6() const noexcept { return family() == AF_INET6; }
  bool is_unix() const noexcept { return family() == AF_UNIX; }
  // A unix address without a name.
  bool is_unnamed() const noexcept;

  // Either kind of internet address; the next two, that kind only.
  std::optional<SocketAddr> as_socket() const noexcept;
  std::optional<SocketAddr> as_socket_ipv4() const noexcept;
  std::optional<SocketAddr> as_socket_ipv6() const noexcept;
  // Unnamed addresses included.
  std::optional<UnixSocketAddr> as_unix() const noexcept;
  // The path of a unix address, up to its first zero byte. Valid as long as this object.
  std::optional<std::string_view> as_pathname() const& noexcept;
  std::optional<std::string_view> as_pathname() const&& = delete;
  // The abstract name of a unix address, without the zero that marks it; may contain others. Valid
  // as long as this object.
  std::optional<std::string_view> as_abstract_namespace() const& noexcept;
  std::optional<std::string_view> as_abstract_namespace() const&& = delete;
  // Context and port.
  std::optional<std::pair<std::uint32_t, std::uint32_t>> as_vsock() const noexcept;

  // For people: as SocketAddr and UnixSocketAddr; "vsock:1:9999"; else the family's name.
  std::string to_string() const;

  friend bool operator==(const SockAddr& a, const SockAddr& b) noexcept {
    return a.bytes() == b.bytes();
  }
  friend std::ostream& operator<<(std::ostream& out, const SockAddr& address);

 private:
  friend struct std::hash<SockAddr>;
  friend class MsgHdrMut;  // which the kernel writes an address and its length through

  // The bytes of the address.
  std::string_view bytes() const noexcept;
  // The bytes of sun_path that belong to it; nothing if it is no unix address.
  std::optional<std::string_view> unix_name() const noexcept;

  SockAddrStorage storage_;  // first: MsgHdrMut finds the SockAddr by the address of this
  ::socklen_t size_ = SockAddrStorage::size();
};

static_assert(std::is_trivially_copyable_v<SockAddr> && std::is_standard_layout_v<SockAddr>);

}  // namespace weft::net

template <>
struct std::hash<weft::net::SockAddr> {
  std::size_t operator()(const weft::net::SockAddr& address) const noexcept {
    return std::hash<std::string_view>()(address.bytes());
  }
};

#endif  // WEFT_NET_SOCKET_SOCK_ADDR_H_
