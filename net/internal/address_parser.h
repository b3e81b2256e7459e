// AddressParser: reads internet addresses from the front of a text.
//
// Spec: RFC 4291 section 2.2 (text forms), RFC 6874's "%" before a scope; net.md N-32.
//
// Each function takes what it recognises off the text and returns it, or returns nothing and has
// taken an undefined amount. Written by hand, because inet_pton() wants a terminated string, knows
// no scopes and ports, and differs between systems in what it lets pass.

#ifndef WEFT_NET_INTERNAL_ADDRESS_PARSER_H_
#define WEFT_NET_INTERNAL_ADDRESS_PARSER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include <weft/base/result.h>
#include <weft/net/ip_addr.h>
#include <weft/net/socket_addr.h>

namespace weft::net::internal {

class AddressParser {
 public:
  explicit AddressParser(std::string_view text) noexcept : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }

  std::optional<Ipv4Addr> ipv4() noexcept;
  std::optional<Ipv6Addr> ipv6() noexcept;
  std::optional<IpAddr> ip() noexcept;
  std::optional<SocketAddr> socket() noexcept;
  // A decimal number from 0 to 65535.
  std::optional<std::uint16_t> port() noexcept;

 private:
  // Groups of an IPv6 address, read from left to right.
  struct Groups {
    std::array<std::uint16_t, 8> values{};
    std::size_t count = 0;
    bool ends_in_ipv4 = false;
  };

  bool take(char expected) noexcept;
  std::optional<std::uint32_t> decimal(std::uint32_t most) noexcept;
  std::optional<std::uint16_t> hex_group() noexcept;
  Groups groups(std::size_t most) noexcept;
  std::optional<SocketAddr> socket_v6() noexcept;

  std::string_view rest_;
};

// What `part` reads if that is all of `text`, else invalid_argument.
template <class T>
Result<T> parse_whole(std::string_view text,
                      std::optional<T> (AddressParser::*part)() noexcept) noexcept {
  Result<T> result = Err(std::errc::invalid_argument);
  AddressParser parser(text);
  const std::optional<T> parsed = (parser.*part)();
  if (parsed && parser.at_end()) result = *parsed;
  return result;
}

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_ADDRESS_PARSER_H_
