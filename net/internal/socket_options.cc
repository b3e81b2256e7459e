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
  return set_option(socket, level, name, value);
}

Result<int> get_int(BorrowedFd socket, int level, int name) noexcept {
  return get_option<int>(socket, level, name);
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
  return set_option(socket, SOL_SOCKET, SO_LINGER, option);
}

Result<std::optional<std::chrono::seconds>> get_linger(BorrowedFd socket) noexcept {
  return get_option<::linger>(socket, SOL_SOCKET, SO_LINGER).transform([](const ::linger& option) {
    return option.l_onoff != 0 ? std::optional(std::chrono::seconds(option.l_linger))
                               : std::nullopt;
  });
}

Result<void> set_ttl(BorrowedFd socket, std::uint32_t value) noexcept {
  return set_number(socket, IPPROTO_IP, IP_TTL, value);
}

Result<std::uint32_t> get_ttl(BorrowedFd socket) noexcept {
  return get_number(socket, IPPROTO_IP, IP_TTL);
}

Result<void> bind_device(BorrowedFd socket, std::optional<std::string_view> name) noexcept {
  const std::string_view device = name.value_or(std::string_view());
  if (device.size() >= IF_NAMESIZE) return Err(std::errc::invalid_argument);
  return sys::setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device.data(),
                         static_cast<::socklen_t>(device.size()));
}

Result<std::optional<std::string>> get_device(BorrowedFd socket) {
  std::array<char, IF_NAMESIZE> name{};
  ::socklen_t size = name.size();
  const Result<void> got = sys::getsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, name.data(), &size);
  if (!got) return Err(got.error());
  if (size > name.size()) return Err(Errc::invalid_data);
  const std::string_view text(name.data(), size);  // with the terminating zero
  if (text.empty()) return std::optional<std::string>();
  return std::optional(std::string(text.substr(0, text.find('\0'))));
}

Result<std::optional<Error>> take_error(BorrowedFd socket) noexcept {
  return get_int(socket, SOL_SOCKET, SO_ERROR).transform([](int number) {
    return number != 0 ? std::optional(Error::from_errno(number)) : std::nullopt;
  });
}

Result<UCred> peer_cred(BorrowedFd socket) noexcept {
  const Result<::ucred> peer = get_option<::ucred>(socket, SOL_SOCKET, SO_PEERCRED);
  if (!peer) return Err(peer.error());
  if (peer->uid == static_cast<::uid_t>(-1)) return Err(std::errc::not_connected);
  return UCred(peer->uid, peer->gid, peer->pid > 0 ? std::optional(peer->pid) : std::nullopt);
}

}  // namespace weft::net::internal
