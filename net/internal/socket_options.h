// Socket options by type: what the sockets' setters and getters are made of.
//
// Spec: S-C4, S-X3, S-X11, S-X12; N-C5, N-C7, N-C8; M-54.

#ifndef WEFT_NET_INTERNAL_SOCKET_OPTIONS_H_
#define WEFT_NET_INTERNAL_SOCKET_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <type_traits>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys.h>
#include <weft/net/ucred.h>

namespace weft::net::internal {

// Options that are a struct, or a number, to the kernel. An answer of another size than a T's is
// not looked at: errc::invalid_data.
template <class T>
Result<T> get_option(BorrowedFd socket, int level, int name) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  ::socklen_t size = sizeof value;
  const Result<void> got = sys::getsockopt(socket, level, name, &value, &size);
  if (!got) return Err(got.error());
  if (size != sizeof value) return Err(Errc::invalid_data);
  return value;
}
template <class T>
Result<void> set_option(BorrowedFd socket, int level, int name, const T& value) noexcept {
  static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>);
  return sys::setsockopt(socket, level, name, &value, sizeof value);
}

// Options that are an int to the kernel.
Result<void> set_int(BorrowedFd socket, int level, int name, int value) noexcept;
Result<int> get_int(BorrowedFd socket, int level, int name) noexcept;

// On and off.
Result<void> set_flag(BorrowedFd socket, int level, int name, bool value) noexcept;
Result<bool> get_flag(BorrowedFd socket, int level, int name) noexcept;

// Numbers that are never negative; too large for an int is invalid_argument.
Result<void> set_number(BorrowedFd socket, int level, int name, std::uint32_t value) noexcept;
Result<std::uint32_t> get_number(BorrowedFd socket, int level, int name) noexcept;

// SO_LINGER: nothing is off. Fractions of a second do not exist.
Result<void> set_linger(BorrowedFd socket, std::optional<std::chrono::seconds> value) noexcept;
Result<std::optional<std::chrono::seconds>> get_linger(BorrowedFd socket) noexcept;

// IP_TTL: how many routers a packet may pass.
Result<void> set_ttl(BorrowedFd socket, std::uint32_t value) noexcept;
Result<std::uint32_t> get_ttl(BorrowedFd socket) noexcept;

// SO_BINDTODEVICE: nothing is no device in particular. Too long for a name, which the kernel would
// cut, is invalid_argument.
Result<void> bind_device(BorrowedFd socket, std::optional<std::string_view> name) noexcept;
Result<std::optional<std::string>> get_device(BorrowedFd socket);

// SO_ERROR, which is reset by reading it.
Result<std::optional<Error>> take_error(BorrowedFd socket) noexcept;

// SO_PEERCRED: not_connected if the system knows of no peer, where it would say "nobody".
Result<UCred> peer_cred(BorrowedFd socket) noexcept;

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_SOCKET_OPTIONS_H_
