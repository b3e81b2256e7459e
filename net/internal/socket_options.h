// Socket options by type: what the sockets' setters and getters are made of.
//
// Spec: net.md C-5, C-7, C-8; M-54.

#ifndef WEFT_NET_INTERNAL_SOCKET_OPTIONS_H_
#define WEFT_NET_INTERNAL_SOCKET_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::net::internal {

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

// SO_BINDTODEVICE: nothing is no device in particular.
Result<void> bind_device(BorrowedFd socket, std::optional<std::string_view> name) noexcept;
Result<std::optional<std::string>> get_device(BorrowedFd socket);

// SO_ERROR, which is reset by reading it.
Result<std::optional<Error>> take_error(BorrowedFd socket) noexcept;

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_SOCKET_OPTIONS_H_
