// Domain, Type, Protocol: their names. Interface: socket_kind.h.

#include <weft/net/socket/socket_kind.h>

#include <algorithm>
#include <span>
#include <string_view>

namespace weft::net {

namespace {

struct Name {
  int number;
  std::string_view text;
};

constexpr Name kDomains[] = {
    {AF_UNSPEC, "AF_UNSPEC"}, {AF_INET, "AF_INET"},     {AF_INET6, "AF_INET6"},
    {AF_UNIX, "AF_UNIX"},     {AF_PACKET, "AF_PACKET"}, {AF_VSOCK, "AF_VSOCK"},
};
constexpr Name kTypes[] = {
    {SOCK_STREAM, "SOCK_STREAM"}, {SOCK_DGRAM, "SOCK_DGRAM"}, {SOCK_SEQPACKET, "SOCK_SEQPACKET"},
    {SOCK_RAW, "SOCK_RAW"},       {SOCK_DCCP, "SOCK_DCCP"},
};
constexpr Name kProtocols[] = {
    {IPPROTO_ICMP, "IPPROTO_ICMP"},   {IPPROTO_ICMPV6, "IPPROTO_ICMPV6"},
    {IPPROTO_TCP, "IPPROTO_TCP"},     {IPPROTO_UDP, "IPPROTO_UDP"},
    {IPPROTO_MPTCP, "IPPROTO_MPTCP"}, {IPPROTO_DCCP, "IPPROTO_DCCP"},
    {IPPROTO_SCTP, "IPPROTO_SCTP"},   {IPPROTO_UDPLITE, "IPPROTO_UDPLITE"},
};

std::string name_of(std::span<const Name> names, int number) {
  const auto found = std::ranges::find(names, number, &Name::number);
  return found != names.end() ? std::string(found->text) : std::to_string(number);
}

}  // namespace

template <>
std::string internal::SocketNumber<Domain>::to_string() const {
  return name_of(kDomains, raw_);
}
template <>
std::string internal::SocketNumber<Type>::to_string() const {
  return name_of(kTypes, raw_);
}
template <>
std::string internal::SocketNumber<Protocol>::to_string() const {
  return name_of(kProtocols, raw_);
}

}  // namespace weft::net
