// Ipv4Addr, Ipv6Addr, IpAddr: text and hashes. Interface: ip_addr.h.

#include <weft/net/ip_addr.h>

#include <array>
#include <charconv>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>

#include <weft/net/internal/address_parser.h>

namespace weft::net {

namespace {

void append_number(std::string& text, unsigned number, int base) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  text.append(digits.data(), end);
}

struct Run {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// The first of the longest runs of zeros; one group alone is none.
Run longest_run_of_zeros(const std::array<std::uint16_t, 8>& segments) noexcept {
  Run longest;
  Run current;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] != 0) {
      current = Run();
      continue;
    }
    if (current.size == 0) current.begin = i;
    ++current.size;
    if (current.size > longest.size) longest = current;
  }
  return longest.size > 1 ? longest : Run();
}

void append_groups(std::string& text, const std::array<std::uint16_t, 8>& segments,
                   std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (i != begin) text += ':';
    append_number(text, segments[i], 16);
  }
}

// FNV-1a over the octets: tables of peers are small, and the addresses not hostile to it.
template <std::size_t kSize>
std::size_t hash_octets(const std::array<std::uint8_t, kSize>& octets) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t octet : octets) hash = (hash ^ octet) * 0x100000001b3;
  return static_cast<std::size_t>(hash);
}

}  // namespace

Result<Ipv4Addr> Ipv4Addr::parse(std::string_view text) noexcept {
  return internal::parse_whole(text, &internal::AddressParser::ipv4);
}

std::string Ipv4Addr::to_string() const {
  std::string text;
  for (const std::uint8_t octet : octets_) {
    if (!text.empty()) text += '.';
    append_number(text, octet, 10);
  }
  return text;
}

Result<Ipv6Addr> Ipv6Addr::parse(std::string_view text) noexcept {
  return internal::parse_whole(text, &internal::AddressParser::ipv6);
}

std::string Ipv6Addr::to_string() const {
  if (const std::optional<Ipv4Addr> mapped = to_ipv4_mapped()) {
    return "::ffff:" + mapped->to_string();
  }
  const std::array<std::uint16_t, 8> groups = segments();
  const Run zeros = longest_run_of_zeros(groups);
  std::string text;
  if (zeros.size == 0) {
    append_groups(text, groups, 0, groups.size());
    return text;
  }
  append_groups(text, groups, 0, zeros.begin);
  text += "::";
  append_groups(text, groups, zeros.begin + zeros.size, groups.size());
  return text;
}

Result<IpAddr> IpAddr::parse(std::string_view text) noexcept {
  return internal::parse_whole(text, &internal::AddressParser::ip);
}

std::string IpAddr::to_string() const {
  return std::visit([](const auto& address) { return address.to_string(); }, address_);
}

std::ostream& operator<<(std::ostream& out, const Ipv4Addr& address) {
  return out << address.to_string();
}
std::ostream& operator<<(std::ostream& out, const Ipv6Addr& address) {
  return out << address.to_string();
}
std::ostream& operator<<(std::ostream& out, const IpAddr& address) {
  return out << address.to_string();
}

}  // namespace weft::net

std::size_t std::hash<weft::net::Ipv4Addr>::operator()(
    const weft::net::Ipv4Addr& address) const noexcept {
  return weft::net::hash_octets(address.octets());
}
std::size_t std::hash<weft::net::Ipv6Addr>::operator()(
    const weft::net::Ipv6Addr& address) const noexcept {
  return weft::net::hash_octets(address.octets());
}
std::size_t std::hash<weft::net::IpAddr>::operator()(
    const weft::net::IpAddr& address) const noexcept {
  if (const auto four = address.as_ipv4()) return std::hash<weft::net::Ipv4Addr>()(*four);
  return std::hash<weft::net::Ipv6Addr>()(*address.as_ipv6());
}
