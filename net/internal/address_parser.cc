// AddressParser. Interface: address_parser.h.

#include <weft/net/internal/address_parser.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace weft::net::internal {

namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

bool AddressParser::take(char expected) noexcept {
  if (rest_.empty() || rest_.front() != expected) return false;
  rest_.remove_prefix(1);
  return true;
}

// from_chars would take a sign for signed types only, and no blanks; so it is what it looks like.
std::optional<std::uint32_t> AddressParser::decimal(std::uint32_t most) noexcept {
  std::uint32_t number = 0;
  const char* const begin = rest_.data();
  const auto [end, error] = std::from_chars(begin, begin + rest_.size(), number);
  if (error != std::errc() || number > most) return std::nullopt;
  rest_.remove_prefix(static_cast<std::size_t>(end - begin));
  return number;
}

std::optional<std::uint16_t> AddressParser::port() noexcept {
  const std::optional<std::uint32_t> number = decimal(std::numeric_limits<std::uint16_t>::max());
  if (!number) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::optional<Ipv4Addr> AddressParser::ipv4() noexcept {
  std::array<std::uint8_t, 4> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0 && !take('.')) return std::nullopt;
    // Some readers take a leading zero for octal; so none may stand there.
    const bool leading_zero = rest_.size() > 1 && rest_[0] == '0' && is_digit(rest_[1]);
    const std::optional<std::uint32_t> number = decimal(255);
    if (leading_zero || !number) return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(*number);
  }
  return Ipv4Addr(octets);
}

std::optional<std::uint16_t> AddressParser::hex_group() noexcept {
  constexpr std::size_t kMostDigits = 4;
  const char* const begin = rest_.data();
  std::uint16_t group = 0;
  const auto [end, error] =
      std::from_chars(begin, begin + std::min(rest_.size(), kMostDigits), group, 16);
  if (error != std::errc()) return std::nullopt;
  rest_.remove_prefix(static_cast<std::size_t>(end - begin));
  return group;
}

// Up to `most` groups with colons between them; an IPv4 address counts as two and is the last. A
// colon that no group follows is left where it is.
AddressParser::Groups AddressParser::groups(std::size_t most) noexcept {
  Groups groups;
  while (groups.count < most) {
    AddressParser ahead = *this;
    if (groups.count != 0 && !ahead.take(':')) break;
    AddressParser as_ipv4 = ahead;
    if (const std::optional<Ipv4Addr> four = as_ipv4.ipv4(); four && groups.count + 2 <= most) {
      groups.values[groups.count++] = static_cast<std::uint16_t>(four->to_bits() >> 16);
      groups.values[groups.count++] = static_cast<std::uint16_t>(four->to_bits());
      groups.ends_in_ipv4 = true;
      *this = as_ipv4;
      break;
    }
    const std::optional<std::uint16_t> group = ahead.hex_group();
    if (!group) break;
    groups.values[groups.count++] = *group;
    *this = ahead;
  }
  return groups;
}

std::optional<Ipv6Addr> AddressParser::ipv6() noexcept {
  Groups head = groups(8);
  if (head.count == 8) return Ipv6Addr(head.values);
  // "::" stands for at least one group. An IPv4 part is the last, so it cannot stand before that.
  if (head.ends_in_ipv4 || !take(':') || !take(':')) return std::nullopt;
  const Groups tail = groups(7 - head.count);
  std::copy_n(tail.values.begin(), tail.count, head.values.end() - tail.count);
  return Ipv6Addr(head.values);
}

std::optional<IpAddr> AddressParser::ip() noexcept {
  AddressParser as_ipv4 = *this;
  if (const std::optional<Ipv4Addr> four = as_ipv4.ipv4()) {
    *this = as_ipv4;
    return *four;
  }
  const std::optional<Ipv6Addr> six = ipv6();
  if (!six) return std::nullopt;
  return *six;
}

std::optional<SocketAddr> AddressParser::socket() noexcept {
  if (!rest_.empty() && rest_.front() == '[') return socket_v6();
  const std::optional<Ipv4Addr> address = ipv4();
  if (!address || !take(':')) return std::nullopt;
  const std::optional<std::uint16_t> number = port();
  if (!number) return std::nullopt;
  return SocketAddr(*address, *number);
}

std::optional<SocketAddr> AddressParser::socket_v6() noexcept {
  if (!take('[')) return std::nullopt;
  const std::optional<Ipv6Addr> address = ipv6();
  if (!address) return std::nullopt;
  std::uint32_t scope = 0;
  if (take('%')) {
    const std::optional<std::uint32_t> number = decimal(std::numeric_limits<std::uint32_t>::max());
    if (!number) return std::nullopt;
    scope = *number;
  }
  if (!take(']') || !take(':')) return std::nullopt;
  const std::optional<std::uint16_t> number = port();
  if (!number) return std::nullopt;
  return SocketAddr(*address, *number, 0, scope);
}

}  // namespace weft::net::internal
