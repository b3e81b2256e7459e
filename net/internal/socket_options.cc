// Socket options. Interface: socket_options.h.

#include <weft/net/internal/socket_options.h>

#include <array>
#include <limits>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>

#include <weft/base/sys.h>

namespace weft::net::internal {

Result<void> set_int(BorrowedFd socket, int level, int name, int value) noexcept {
  return sys::setsockopt(socket, level, name, &value, sizeof value);
}

Result<int> get_int(BorrowedFd socket, int level, int name) noexcept {
  int value = 0;
  ::socklen_t size = sizeof value;
  return sys::getsockopt(socket, level, name, &value, &size).transform([&] { return value; });
}

Result<void> set_flag(BorrowedFd socket, int level, int name, bool value) noexcept {
  return set_int(socket, level, name, value ? 1 : 0);
}

Result<bool> get_flag(BorrowedFd socket, int level, int name) noexcept {
  return get_int(socket, level, name).transform([](int value) { return value != 0; });
}

Result<void> set_number(BorrowedFd socket, int level, int name, std::uint32_t value) noexcept {
  if (value > std::uint32_t{std::numeric_limits<int>::max()}) {
    return Err(std::errc::invalid_argument);
  }
  return set_int(socket, level, name, static_cast<int>(value));
}

Result<std::uint32_t> get_number(BorrowedFd socket, int level, int name) noexcept {
  return get_int(socket, level, name).transform([](int value) {
    return static_cast<std::uint32_t>(value);
  });
}

Result<void> set_linger(BorrowedFd socket, std::optional<std::chrono::seconds> value) noexcept {
  ::linger option{};
  if (value) {
    if (value->count() < 0 || value->count() > std::numeric_limits<int>::max()) {
      return Err(std::errc::invalid_argument);
    }
    option.l_onoff = 1;
    option.l_linger = static_cast<int>(value->count());
  }
  return sys::setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, sizeof option);
}

Result<std::optional<std::chrono::seconds>> get_linger(BorrowedFd socket) noexcept {
  ::linger option{};
  ::socklen_t size = sizeof option;
  const Result<void> got = sys::getsockopt(socket, SOL_SOCKET, SO_LINGER, &option, &size);
  if (!got) return Err(got.error());
  if (option.l_onoff == 0) return std::optional<std::chrono::seconds>();
  return std::optional(std::chrono::seconds(option.l_linger));
}

Result<void> set_ttl(BorrowedFd socket, std::uint32_t value) noexcept {
  return set_number(socket, IPPROTO_IP, IP_TTL, value);
}

Result<std::uint32_t> get_ttl(BorrowedFd socket) noexcept {
  return get_number(socket, IPPROTO_IP, IP_TTL);
}

Result<void> bind_device(BorrowedFd socket, std::optional<std::string_view> name) noexcept {
  const std::string_view device = name.value_or(std::string_view());
  return sys::setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device.data(),
                         static_cast<::socklen_t>(device.size()));
}

Result<std::optional<std::string>> get_device(BorrowedFd socket) {
  std::array<char, IF_NAMESIZE> name{};
  ::socklen_t size = name.size();
  const Result<void> got = sys::getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name.data(), &size);
  if (!got) return Err(got.error());
  if (size == 0) return std::optional<std::string>();
  // The size counts the terminating zero.
  return std::optional(std::string(name.data(), size - 1));
}

Result<std::optional<Error>> take_error(BorrowedFd socket) noexcept {
  return get_int(socket, SOL_SOCKET, SO_ERROR).transform([](int number) {
    return number != 0 ? std::optional(Error::from_errno(number)) : std::nullopt;
  });
}

}  // namespace weft::net::internal
