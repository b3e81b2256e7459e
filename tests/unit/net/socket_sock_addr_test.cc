// Domain, Type, Protocol; addresses of all families.

#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/un.h>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include <linux/vm_sockets.h>

#include <gtest/gtest.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/socket/socket_kind.h>
#include <weft/net/unix_socket_addr.h>

namespace weft::net {
namespace {

constexpr std::size_t kPathOffset = offsetof(::sockaddr_un, sun_path);

SockAddr unix_addr(std::string_view path) { return SockAddr::from_unix(std::string(path)).value(); }

// The address of a unix socket as a peer may have made it: `name` and nothing else.
SockAddr native_unix(std::string_view name) {
  SockAddrStorage storage;
  auto& native = storage.view_as<::sockaddr_un>();
  native.sun_family = AF_UNIX;
  std::memcpy(native.sun_path, name.data(), name.size());
  return SockAddr(storage, kPathOffset + name.size());
}

std::optional<std::string> pathname(const SockAddr& address) {
  return std::optional<std::string>(address.as_pathname());
}
std::optional<std::string> abstract_name(const SockAddr& address) {
  return std::optional<std::string>(address.as_abstract_namespace());
}

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(S1, DomainsPrintTheirNames) {
  EXPECT_EQ(printed(Domain::kIpv4), "AF_INET");
  EXPECT_EQ(printed(Domain::kIpv6), "AF_INET6");
  EXPECT_EQ(printed(Domain::kUnix), "AF_UNIX");
  EXPECT_EQ(printed(Domain::kPacket), "AF_PACKET");
  EXPECT_EQ(printed(Domain::kVsock), "AF_VSOCK");
  EXPECT_EQ(printed(Domain::kUnspecified), "AF_UNSPEC");
  EXPECT_EQ(printed(Domain::from_raw(0)), "AF_UNSPEC");
  EXPECT_EQ(printed(Domain::from_raw(500)), "500");
}

TEST(S2, TypesPrintTheirNames) {
  EXPECT_EQ(printed(Type::kStream), "SOCK_STREAM");
  EXPECT_EQ(printed(Type::kDgram), "SOCK_DGRAM");
  EXPECT_EQ(printed(Type::kSeqpacket), "SOCK_SEQPACKET");
  EXPECT_EQ(printed(Type::kRaw), "SOCK_RAW");
  EXPECT_EQ(printed(Type::kDccp), "SOCK_DCCP");
  EXPECT_EQ(printed(Type::from_raw(500)), "500");
}

TEST(S3, ProtocolsPrintTheirNames) {
  EXPECT_EQ(printed(Protocol::kIcmpv4), "IPPROTO_ICMP");
  EXPECT_EQ(printed(Protocol::kIcmpv6), "IPPROTO_ICMPV6");
  EXPECT_EQ(printed(Protocol::kTcp), "IPPROTO_TCP");
  EXPECT_EQ(printed(Protocol::kUdp), "IPPROTO_UDP");
  EXPECT_EQ(printed(Protocol::kMptcp), "IPPROTO_MPTCP");
  EXPECT_EQ(printed(Protocol::kDccp), "IPPROTO_DCCP");
  EXPECT_EQ(printed(Protocol::kSctp), "IPPROTO_SCTP");
  EXPECT_EQ(printed(Protocol::kUdplite), "IPPROTO_UDPLITE");
  EXPECT_EQ(printed(Protocol::from_raw(500)), "500");
}

TEST(SK2, NumbersAreStrong) {
  static_assert(!std::is_convertible_v<int, Domain> && !std::is_convertible_v<Domain, int>);
  static_assert(!std::is_convertible_v<int, Type> && !std::is_convertible_v<Type, int>);
  static_assert(!std::is_convertible_v<int, Protocol> && !std::is_convertible_v<Protocol, int>);
  static_assert(!std::equality_comparable_with<Domain, Type>);
  EXPECT_EQ(Domain::from_raw(AF_INET), Domain::kIpv4);
  EXPECT_NE(Domain::kIpv6, Domain::kIpv4);
  EXPECT_EQ(Domain::from_raw(500).raw(), 500);
  EXPECT_EQ(Domain::for_address(SocketAddr(Ipv4Addr::localhost(), 1)), Domain::kIpv4);
  EXPECT_EQ(Domain::for_address(SocketAddr(Ipv6Addr::localhost(), 1)), Domain::kIpv6);
}

TEST(SK2, ModifiersAddTheirFlagOnly) {
  EXPECT_EQ(Type::kStream.nonblocking().raw(), SOCK_STREAM | SOCK_NONBLOCK);
  EXPECT_EQ(Type::kStream.cloexec().raw(), SOCK_STREAM | SOCK_CLOEXEC);
  EXPECT_EQ(Type::kStream.cloexec().cloexec(), Type::kStream.cloexec());
}

TEST(SK3, StorageIsZeroAndBecomesWhatIsAskedFor) {
  SockAddrStorage storage;
  EXPECT_EQ(storage.size(), sizeof(::sockaddr_storage));
  EXPECT_EQ(storage.load<::sockaddr_storage>().ss_family, 0);
  auto& in = storage.view_as<::sockaddr_in>();
  EXPECT_EQ(in.sin_port, 0);
  in.sin_family = AF_INET;
  in.sin_port = htons(258);
  EXPECT_EQ(storage.data()->sa_family, AF_INET);
  EXPECT_EQ(storage.load<::sockaddr_in>().sin_port, htons(258));
}

TEST(SK3, AnAddressLargerThanItsStorageIsFatal) {
  const SockAddrStorage storage;
  EXPECT_DEATH(SockAddr(storage, storage.size() + 1), "SockAddr: an address is not larger");
}

TEST(S5, AnIpv4AddressIsOne) {
  const SocketAddr address(Ipv4Addr(1, 2, 3, 4), 9999);
  const SockAddr native = address;
  EXPECT_EQ(native.family(), AF_INET);
  EXPECT_EQ(native.domain(), Domain::kIpv4);
  EXPECT_EQ(native.size(), sizeof(::sockaddr_in));
  EXPECT_TRUE(native.is_ipv4());
  EXPECT_FALSE(native.is_ipv6());
  EXPECT_FALSE(native.is_unix());
  EXPECT_FALSE(native.is_unnamed());
  EXPECT_EQ(native.as_socket(), address);
  EXPECT_EQ(native.as_socket_ipv4(), address);
  EXPECT_EQ(native.as_socket_ipv6(), std::nullopt);
  EXPECT_EQ(native.as_unix(), std::nullopt);
  EXPECT_EQ(native.as_pathname(), std::nullopt);
  EXPECT_EQ(native.as_abstract_namespace(), std::nullopt);
  EXPECT_EQ(native.as_vsock(), std::nullopt);
  EXPECT_EQ(printed(native), "1.2.3.4:9999");
}

TEST(S6, AnIpv6AddressIsOneWithFlowAndScope) {
  const SocketAddr address(Ipv6Addr::parse("1:2::8").value(), 9999, 11, 12);
  const SockAddr native = address;
  EXPECT_EQ(native.family(), AF_INET6);
  EXPECT_EQ(native.domain(), Domain::kIpv6);
  EXPECT_EQ(native.size(), sizeof(::sockaddr_in6));
  EXPECT_FALSE(native.is_ipv4());
  EXPECT_TRUE(native.is_ipv6());
  EXPECT_EQ(native.as_socket(), address);
  EXPECT_EQ(native.as_socket_ipv6(), address);
  EXPECT_EQ(native.as_socket_ipv6()->flowinfo(), 11u);
  EXPECT_EQ(native.as_socket_ipv6()->scope_id(), 12u);
  EXPECT_EQ(native.as_socket_ipv4(), std::nullopt);
  EXPECT_EQ(native.as_pathname(), std::nullopt);
}

TEST(S7, EqualAddressesAreEqualAndOthersAreNot) {
  const auto four = [](std::uint16_t port) {
    return SockAddr(SocketAddr(Ipv4Addr::localhost(), port));
  };
  const auto six = [](std::uint32_t scope) {
    return SockAddr(SocketAddr(Ipv6Addr::localhost(), 1, 0, scope));
  };
  const std::hash<SockAddr> hash;
  EXPECT_EQ(four(1), four(1));
  EXPECT_EQ(hash(four(1)), hash(four(1)));
  EXPECT_NE(four(1), four(2));
  EXPECT_NE(hash(four(1)), hash(four(2)));
  EXPECT_EQ(six(1), six(1));
  EXPECT_EQ(hash(six(1)), hash(six(1)));
  EXPECT_NE(six(1), six(2));
  EXPECT_NE(four(1), six(1));
}

TEST(S7, BytesBehindTheAddressDoNotCount) {
  SockAddrStorage one;
  SockAddrStorage other;
  other.view_as<::sockaddr_in6>().sin6_scope_id = 7;
  EXPECT_EQ(SockAddr(one, 16), SockAddr(other, 16));
  EXPECT_NE(SockAddr(one, 28), SockAddr(other, 28));
  EXPECT_NE(SockAddr(one, 16), SockAddr(one, 17));
}

TEST(S8, APathIsAPath) {
  const SockAddr native = unix_addr("/tmp/socket");
  EXPECT_TRUE(native.is_unix());
  EXPECT_FALSE(native.is_unnamed());
  EXPECT_EQ(native.size(), kPathOffset + 12);
  EXPECT_EQ(native.as_pathname(), "/tmp/socket");
  EXPECT_EQ(native.as_abstract_namespace(), std::nullopt);
  EXPECT_EQ(native.as_socket(), std::nullopt);
  EXPECT_EQ(native.as_unix(), UnixSocketAddr::from_pathname("/tmp/socket").value());
  EXPECT_EQ(SockAddr(*native.as_unix()), native);
  EXPECT_EQ(printed(native), "/tmp/socket");
}

TEST(S9, AnEmptyPathIsUnnamed) {
  const SockAddr native = unix_addr("");
  EXPECT_TRUE(native.is_unix());
  EXPECT_TRUE(native.is_unnamed());
  EXPECT_EQ(native.size(), kPathOffset);
  EXPECT_EQ(native.as_pathname(), std::nullopt);
  EXPECT_EQ(native.as_abstract_namespace(), std::nullopt);
  EXPECT_EQ(native.as_unix(), UnixSocketAddr::unnamed());
}

TEST(S10, AnAbstractNameMayFillTheAddress) {
  const std::string path = '\0' + std::string(107, 'a');
  const SockAddr native = unix_addr(path);
  EXPECT_EQ(native.size(), sizeof(::sockaddr_un));
  EXPECT_EQ(native.as_abstract_namespace(), std::string(107, 'a'));
  EXPECT_EQ(native.as_pathname(), std::nullopt);
  EXPECT_FALSE(native.is_unnamed());
}

TEST(S11, AVsockAddressReadsBack) {
  const SockAddr native = SockAddr::vsock(1, 9999);
  EXPECT_EQ(native.domain(), Domain::kVsock);
  EXPECT_EQ(native.as_vsock(), std::pair(1u, 9999u));
  EXPECT_EQ(native.as_socket(), std::nullopt);
  EXPECT_EQ(native.as_unix(), std::nullopt);
  EXPECT_EQ(printed(native), "vsock:1:9999");
}

TEST(SK5, APathLeavesRoomForItsTerminator) {
  EXPECT_EQ(pathname(unix_addr(std::string(107, 'p'))), std::string(107, 'p'));
  EXPECT_EQ(SockAddr::from_unix(std::string(108, 'p')).error(), std::errc::invalid_argument);
  EXPECT_EQ(SockAddr::from_unix('\0' + std::string(108, 'p')).error(), std::errc::invalid_argument);
}

TEST(SK5, AZeroInsideAPathIsRefused) {
  EXPECT_EQ(SockAddr::from_unix(std::string("a\0b", 3)).error(), std::errc::invalid_argument);
}

TEST(SK5, AnAbstractNameMayHoldZeros) {
  const std::string name("\0a\0b", 4);
  EXPECT_EQ(abstract_name(unix_addr(name)), name.substr(1));
  EXPECT_EQ(abstract_name(unix_addr(std::string(1, '\0'))), "");
  EXPECT_FALSE(unix_addr(std::string(1, '\0')).is_unnamed());
}

TEST(SK5, AReceivedPathEndsAtItsFirstZeroOrAtItsLength) {
  EXPECT_EQ(pathname(native_unix("path")), "path");
  EXPECT_EQ(pathname(native_unix(std::string("path\0more", 9))), "path");
  EXPECT_EQ(native_unix(std::string("path\0more", 9)).as_unix(),
            UnixSocketAddr::from_pathname("path").value());
  const std::string all(108, 'x');
  EXPECT_EQ(pathname(native_unix(all)), all);
}

TEST(SK5, UnixSocketAddrTellsItsKindAndPrints) {
  const auto path = UnixSocketAddr::from_pathname("/a").value();
  const auto name = UnixSocketAddr::from_abstract_name(std::string_view("n\x01", 2)).value();
  const auto none = UnixSocketAddr::unnamed();
  EXPECT_EQ(path.as_pathname(), "/a");
  EXPECT_EQ(path.as_abstract_name(), std::nullopt);
  EXPECT_EQ(name.as_abstract_name(), std::string_view("n\x01", 2));
  EXPECT_EQ(name.as_pathname(), std::nullopt);
  EXPECT_TRUE(none.is_unnamed());
  EXPECT_FALSE(path.is_unnamed());
  EXPECT_EQ(printed(path), "/a");
  EXPECT_EQ(printed(name), "@n\\x01");
  EXPECT_EQ(printed(none), "(unnamed)");
  EXPECT_EQ(UnixSocketAddr::from_abstract_name(std::string(108, 'n')).error(),
            std::errc::invalid_argument);
  const std::unordered_set<UnixSocketAddr> all{path, name, none, path};
  EXPECT_EQ(all.size(), 3u);
}

// Every length of every family: an address is read only if all of it is there.
TEST(S54, ShortAddressesAreNotRead) {
  struct Family {
    int number;
    std::size_t needed;
  };
  for (const Family family :
       {Family{AF_INET, sizeof(::sockaddr_in)}, Family{AF_INET6, sizeof(::sockaddr_in6)},
        Family{AF_UNIX, kPathOffset}, Family{AF_VSOCK, sizeof(::sockaddr_vm)}}) {
    SockAddrStorage storage;
    storage.view_as<::sockaddr>().sa_family = static_cast<::sa_family_t>(family.number);
    for (std::size_t size = 0; size <= storage.size(); ++size) {
      const SockAddr native(storage, size);
      const bool whole = size >= family.needed;
      EXPECT_EQ(native.family(), size >= sizeof(::sa_family_t) ? family.number : AF_UNSPEC);
      EXPECT_EQ(native.as_socket_ipv4().has_value(), whole && family.number == AF_INET) << size;
      EXPECT_EQ(native.as_socket_ipv6().has_value(), whole && family.number == AF_INET6) << size;
      EXPECT_EQ(native.as_unix().has_value(), whole && family.number == AF_UNIX) << size;
      EXPECT_EQ(native.as_vsock().has_value(), whole && family.number == AF_VSOCK) << size;
      // A path of zeros is an abstract name, which is never longer than there is room for.
      const auto name = native.as_abstract_namespace();
      EXPECT_EQ(name.has_value(), family.number == AF_UNIX && size > kPathOffset) << size;
      if (name) {
        EXPECT_EQ(name->size(), std::min(size - kPathOffset, std::size_t{108}) - 1);
      }
    }
  }
}

}  // namespace
}  // namespace weft::net
