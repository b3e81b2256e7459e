// UnixSocketAddr. Interface: unix_socket_addr.h.

#include <weft/net/unix_socket_addr.h>

#include <algorithm>
#include <ostream>
#include <system_error>

namespace weft::net {

Result<UnixSocketAddr> UnixSocketAddr::from_pathname(const std::filesystem::path& path) noexcept {
  const std::string_view bytes = path.native();
  if (!bytes.empty() && bytes.front() == '\0') return from_abstract_name(bytes.substr(1));
  if (bytes.size() >= kCapacity || bytes.find('\0') != std::string_view::npos) {
    return Err(std::errc::invalid_argument);
  }
  return from_native(bytes);
}

Result<UnixSocketAddr> UnixSocketAddr::from_abstract_name(std::string_view name) noexcept {
  if (name.size() >= kCapacity) return Err(std::errc::invalid_argument);
  UnixSocketAddr address;
  std::copy(name.begin(), name.end(), address.bytes_.begin() + 1);
  address.size_ = static_cast<std::uint8_t>(name.size() + 1);
  return address;
}

UnixSocketAddr UnixSocketAddr::from_native(std::string_view bytes) noexcept {
  UnixSocketAddr address;
  bytes = bytes.substr(0, kCapacity);
  // find() gives npos, which substr() takes for the whole.
  if (!bytes.empty() && bytes.front() != '\0') bytes = bytes.substr(0, bytes.find('\0'));
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  address.size_ = static_cast<std::uint8_t>(bytes.size());
  return address;
}

std::optional<std::string_view> UnixSocketAddr::as_pathname() const& noexcept {
  if (size_ == 0 || bytes_.front() == '\0') return std::nullopt;
  return native();
}

std::optional<std::string_view> UnixSocketAddr::as_abstract_name() const& noexcept {
  if (size_ == 0 || bytes_.front() != '\0') return std::nullopt;
  return native().substr(1);
}

std::string UnixSocketAddr::to_string() const {
  if (is_unnamed()) return "(unnamed)";
  if (const std::optional<std::string_view> path = as_pathname()) return std::string(*path);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "@";
  for (const char byte : native().substr(1)) {
    if (byte >= ' ' && byte <= '~') {
      text += byte;
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    text += {'\\', 'x', kDigits[value >> 4], kDigits[value & 0xf]};
  }
  return text;
}

std::ostream& operator<<(std::ostream& out, const UnixSocketAddr& address) {
  return out << address.to_string();
}

}  // namespace weft::net

std::size_t std::hash<weft::net::UnixSocketAddr>::operator()(
    const weft::net::UnixSocketAddr& address) const noexcept {
  return std::hash<std::string_view>()(address.native());
}
