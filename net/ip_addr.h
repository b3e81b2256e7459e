// Ipv4Addr, Ipv6Addr, IpAddr: internet addresses without a port.
//
// Spec: api.md (Net); net.md L-1, N-32; RFC 4291 (text forms), RFC 5952 (the one form printed).
//
// Plain values, ordered by their octets and hashable. An IpAddr is either kind; every IPv4 address
// orders before every IPv6 address.
//
//   Result<net::IpAddr> address = net::IpAddr::parse("2001:db8:0:0:0:0:0:1");
//   std::string shortest = address->to_string();                // "2001:db8::1"
//   bool is_ours = net::Ipv4Addr(127, 0, 0, 1).is_loopback();   // true
//   bool is_strict = !net::IpAddr::parse("127.1").has_value();  // true: all four parts, in decimal

#ifndef WEFT_NET_IP_ADDR_H_
#define WEFT_NET_IP_ADDR_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <weft/base/result.h>

namespace weft::net {

class Ipv4Addr {
 public:
  // a.b.c.d
  constexpr Ipv4Addr(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept
      : octets_{a, b, c, d} {}
  explicit constexpr Ipv4Addr(std::array<std::uint8_t, 4> octets) noexcept : octets_(octets) {}

  static constexpr Ipv4Addr localhost() noexcept { return {127, 0, 0, 1}; }
  static constexpr Ipv4Addr unspecified() noexcept { return {0, 0, 0, 0}; }
  static constexpr Ipv4Addr broadcast() noexcept { return {255, 255, 255, 255}; }
  // 127.0.0.1 is 0x7f000001.
  static constexpr Ipv4Addr from_bits(std::uint32_t bits) noexcept {
    return {static_cast<std::uint8_t>(bits >> 24), static_cast<std::uint8_t>(bits >> 16),
            static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
  }
  // Four decimal numbers without leading zeros. Else invalid_argument.
  static Result<Ipv4Addr> parse(std::string_view text) noexcept;

  constexpr std::array<std::uint8_t, 4> octets() const noexcept { return octets_; }
  constexpr std::uint32_t to_bits() const noexcept {
    return std::uint32_t{octets_[0]} << 24 | std::uint32_t{octets_[1]} << 16 |
           std::uint32_t{octets_[2]} << 8 | std::uint32_t{octets_[3]};
  }
  // 127.0.0.0/8
  constexpr bool is_loopback() const noexcept { return octets_[0] == 127; }
  // 224.0.0.0/4
  constexpr bool is_multicast() const noexcept { return octets_[0] >> 4 == 0xe; }
  constexpr bool is_unspecified() const noexcept { return to_bits() == 0; }
  constexpr bool is_broadcast() const noexcept { return to_bits() == 0xffff'ffff; }

  std::string to_string() const;

  friend constexpr auto operator<=>(const Ipv4Addr&, const Ipv4Addr&) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, const Ipv4Addr& address);

 private:
  std::array<std::uint8_t, 4> octets_;
};

class Ipv6Addr {
 public:
  explicit constexpr Ipv6Addr(std::array<std::uint8_t, 16> octets) noexcept : octets_(octets) {}
  explicit constexpr Ipv6Addr(std::array<std::uint16_t, 8> segments) noexcept : octets_{} {
    for (std::size_t i = 0; i < 8; ++i) {
      octets_[2 * i] = static_cast<std::uint8_t>(segments[i] >> 8);
      octets_[2 * i + 1] = static_cast<std::uint8_t>(segments[i]);
    }
  }

  // ::1
  static constexpr Ipv6Addr localhost() noexcept {
    return Ipv6Addr(std::array<std::uint16_t, 8>{0, 0, 0, 0, 0, 0, 0, 1});
  }
  // ::
  static constexpr Ipv6Addr unspecified() noexcept {
    return Ipv6Addr(std::array<std::uint8_t, 16>{});
  }
  // Any of the forms of RFC 4291, without a scope. Else invalid_argument.
  static Result<Ipv6Addr> parse(std::string_view text) noexcept;

  constexpr std::array<std::uint8_t, 16> octets() const noexcept { return octets_; }
  constexpr std::array<std::uint16_t, 8> segments() const noexcept {
    std::array<std::uint16_t, 8> segments{};
    for (std::size_t i = 0; i < 8; ++i) {
      segments[i] = static_cast<std::uint16_t>(octets_[2 * i] << 8 | octets_[2 * i + 1]);
    }
    return segments;
  }
  // ::1
  constexpr bool is_loopback() const noexcept { return *this == localhost(); }
  // ff00::/8
  constexpr bool is_multicast() const noexcept { return octets_[0] == 0xff; }
  constexpr bool is_unspecified() const noexcept { return *this == unspecified(); }
  // The a.b.c.d of ::ffff:a.b.c.d.
  constexpr std::optional<Ipv4Addr> to_ipv4_mapped() const noexcept {
    for (std::size_t i = 0; i < 10; ++i) {
      if (octets_[i] != 0) return std::nullopt;
    }
    if (octets_[10] != 0xff || octets_[11] != 0xff) return std::nullopt;
    return Ipv4Addr(octets_[12], octets_[13], octets_[14], octets_[15]);
  }

  // The form of RFC 5952: lower case, no leading zeros, the first of the longest runs of two or
  // more zero groups as "::", IPv4-mapped addresses with their last part as IPv4.
  std::string to_string() const;

  friend constexpr auto operator<=>(const Ipv6Addr&, const Ipv6Addr&) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, const Ipv6Addr& address);

 private:
  std::array<std::uint8_t, 16> octets_;
};

class IpAddr {
 public:
  constexpr IpAddr(Ipv4Addr address) noexcept  // NOLINT(google-explicit-constructor)
      : address_(address) {}
  constexpr IpAddr(Ipv6Addr address) noexcept  // NOLINT(google-explicit-constructor)
      : address_(address) {}

  // As Ipv4Addr or Ipv6Addr. Else invalid_argument.
  static Result<IpAddr> parse(std::string_view text) noexcept;

  constexpr bool is_ipv4() const noexcept { return address_.index() == 0; }
  constexpr bool is_ipv6() const noexcept { return address_.index() == 1; }
  constexpr std::optional<Ipv4Addr> as_ipv4() const noexcept {
    const Ipv4Addr* const address = std::get_if<Ipv4Addr>(&address_);
    return address != nullptr ? std::optional<Ipv4Addr>(*address) : std::nullopt;
  }
  constexpr std::optional<Ipv6Addr> as_ipv6() const noexcept {
    const Ipv6Addr* const address = std::get_if<Ipv6Addr>(&address_);
    return address != nullptr ? std::optional<Ipv6Addr>(*address) : std::nullopt;
  }
  constexpr bool is_loopback() const noexcept {
    return std::visit([](const auto& address) { return address.is_loopback(); }, address_);
  }
  constexpr bool is_multicast() const noexcept {
    return std::visit([](const auto& address) { return address.is_multicast(); }, address_);
  }
  constexpr bool is_unspecified() const noexcept {
    return std::visit([](const auto& address) { return address.is_unspecified(); }, address_);
  }

  std::string to_string() const;

  friend constexpr auto operator<=>(const IpAddr&, const IpAddr&) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, const IpAddr& address);

 private:
  std::variant<Ipv4Addr, Ipv6Addr> address_;
};

}  // namespace weft::net

template <>
struct std::hash<weft::net::Ipv4Addr> {
  std::size_t operator()(const weft::net::Ipv4Addr& address) const noexcept;
};
template <>
struct std::hash<weft::net::Ipv6Addr> {
  std::size_t operator()(const weft::net::Ipv6Addr& address) const noexcept;
};
template <>
struct std::hash<weft::net::IpAddr> {
  std::size_t operator()(const weft::net::IpAddr& address) const noexcept;
};

#endif  // WEFT_NET_IP_ADDR_H_
