// SocketAddr: reading, printing, order, and the kernel's form.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sstream>
#include <string_view>
#include <unordered_set>

#include <gtest/gtest.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/socket_addr.h>

namespace weft::net {
namespace {

TEST(N66, AddressAndPort) {
  const SocketAddr four = *SocketAddr::parse("127.0.0.1:80");
  EXPECT_EQ(four, SocketAddr(Ipv4Addr::localhost(), 80));
  EXPECT_TRUE(four.is_ipv4());
  const SocketAddr six = *SocketAddr::parse("[2001:db8::1]:443");
  EXPECT_EQ(six.ip(), *IpAddr::parse("2001:db8::1"));
  EXPECT_EQ(six.port(), 443);
  EXPECT_TRUE(six.is_ipv6());
}

TEST(N66, AScopeIsADecimalNumber) {
  const SocketAddr address = *SocketAddr::parse("[fe80::1%7]:80");
  EXPECT_EQ(address.scope_id(), 7u);
  EXPECT_EQ(address.to_string(), "[fe80::1%7]:80");
  EXPECT_EQ(SocketAddr::parse("[fe80::1%4294967295]:80")->scope_id(), 0xffff'ffffu);
}

TEST(N66, OtherTextIsRefused) {
  for (const std::string_view text :
       {"", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80 ",
        "127.0.0.1:80x", "localhost:80", "::1:80", "[::1]", "[::1]80", "[::1:80", "[::1%]:80",
        "[::1%eth0]:80", "[::1%4294967296]:80", "[127.0.0.1]:80", "[]:80", "127.0.0.1%1:80"}) {
    EXPECT_EQ(SocketAddr::parse(text).error(), std::errc::invalid_argument) << text;
  }
}

TEST(N66, PrintsAsItIsRead) {
  for (const std::string_view text :
       {"0.0.0.0:0", "1.2.3.4:65535", "[::]:0", "[::1]:80", "[::ffff:1.2.3.4]:1"}) {
    EXPECT_EQ(SocketAddr::parse(text)->to_string(), text);
  }
  std::ostringstream out;
  out << *SocketAddr::parse("[::1]:80");
  EXPECT_EQ(out.str(), "[::1]:80");
}

TEST(N66, SettingAnAddressKeepsTheScopeOnlyAmongIpv6) {
  SocketAddr address(Ipv6Addr::localhost(), 80, 11, 12);
  address.set_ip(Ipv6Addr::unspecified());
  EXPECT_EQ(address.flowinfo(), 11u);
  EXPECT_EQ(address.scope_id(), 12u);
  address.set_ip(Ipv4Addr::localhost());
  EXPECT_EQ(address, SocketAddr(Ipv4Addr::localhost(), 80));
  address.set_port(81);
  EXPECT_EQ(address.port(), 81);
}

TEST(N67, SocketAddressesAreOrderedByAddressThenPort) {
  EXPECT_LT(*SocketAddr::parse("1.2.3.4:9"), *SocketAddr::parse("1.2.3.5:1"));
  EXPECT_LT(*SocketAddr::parse("1.2.3.4:1"), *SocketAddr::parse("1.2.3.4:2"));
  EXPECT_LT(*SocketAddr::parse("255.2.3.4:1"), *SocketAddr::parse("[::]:0"));
  EXPECT_LT(*SocketAddr::parse("[::1]:1"), *SocketAddr::parse("[::1%1]:1"));
}

TEST(N67, SocketAddressesHashByPortToo) {
  std::unordered_set<SocketAddr> set;
  for (std::uint16_t port = 0; port < 1000; ++port) set.insert({Ipv4Addr::localhost(), port});
  set.insert({Ipv4Addr::localhost(), 7});
  EXPECT_EQ(set.size(), 1000u);
  std::unordered_set<std::size_t> hashes;
  for (const SocketAddr& address : set) hashes.insert(std::hash<SocketAddr>()(address));
  EXPECT_EQ(hashes.size(), 1000u);
}

TEST(N2, AddressesSurviveTheKernelsForm) {
  for (const SocketAddr& address :
       {*SocketAddr::parse("1.2.3.4:5678"), SocketAddr(*Ipv6Addr::parse("1:2::8"), 90, 11, 12)}) {
    EXPECT_EQ(*internal::to_address<SocketAddr>(SockAddr(address)), address);
  }
}

TEST(N2, TheKernelsFormIsAsTheKernelWantsIt) {
  const SockAddr native(*SocketAddr::parse("1.2.3.4:258"));
  ASSERT_EQ(native.size(), sizeof(::sockaddr_in));
  const auto* in = reinterpret_cast<const ::sockaddr_in*>(native.data());
  EXPECT_EQ(in->sin_family, AF_INET);
  EXPECT_EQ(in->sin_port, htons(258));
  EXPECT_EQ(in->sin_addr.s_addr, ::inet_addr("1.2.3.4"));
}

TEST(N2, AnAddressOfAnotherFamilyOrCutShortIsRefused) {
  const auto read = [](const SockAddr& native) {
    return internal::to_address<SocketAddr>(native).error();
  };
  EXPECT_EQ(read(SockAddr()), std::errc::invalid_argument);
  SockAddrStorage storage;
  storage.view_as<::sockaddr_in>().sin_family = AF_INET;
  EXPECT_EQ(read(SockAddr(storage, sizeof(::sockaddr_in) - 1)), std::errc::invalid_argument);
}

}  // namespace
}  // namespace weft::net
