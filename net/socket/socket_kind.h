// Domain, Type, Protocol: the three numbers that say what kind of socket it is.
//
// Spec: S-K2, S-1, S-2, S-3.
//
// Strong numbers: made of an int only by from_raw() and turned into one only by raw(), so that none
// is taken for another. Every value is allowed; the system says what it thinks of it.
//
//   // TCP over several paths where the system has it, else over one.
//   Result<net::Socket> stream_for(const net::SocketAddr& address) {
//     const net::Domain domain = net::Domain::for_address(address);
//     auto several = net::Socket::create(domain, net::Type::kStream, net::Protocol::kMptcp);
//     return several ? std::move(several) : net::Socket::create(domain, net::Type::kStream);
//   }

#ifndef WEFT_NET_SOCKET_SOCKET_KIND_H_
#define WEFT_NET_SOCKET_SOCKET_KIND_H_

#include <netinet/in.h>
#include <ostream>
#include <string>
#include <sys/socket.h>

#include <weft/net/socket_addr.h>

namespace weft::net {

class Domain;
class Type;
class Protocol;

namespace internal {

// What the three have in common: a number that is of its kind, and prints by its name.
template <class Kind>
class SocketNumber {
 public:
  static constexpr Kind from_raw(int raw) noexcept { return Kind(raw); }
  constexpr int raw() const noexcept { return raw_; }
  // As socket(2) has it, "AF_INET"; a number without a name of ours, as the number.
  std::string to_string() const;

  friend constexpr bool operator==(SocketNumber, SocketNumber) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, Kind kind) { return out << kind.to_string(); }

 protected:
  explicit constexpr SocketNumber(int raw) noexcept : raw_(raw) {}

 private:
  int raw_;
};

template <>
std::string SocketNumber<Domain>::to_string() const;
template <>
std::string SocketNumber<Type>::to_string() const;
template <>
std::string SocketNumber<Protocol>::to_string() const;

}  // namespace internal

// The family of addresses a socket has: what socket(2) calls the domain.
class Domain : public internal::SocketNumber<Domain> {
 public:
  static const Domain kUnspecified;
  static const Domain kIpv4;
  static const Domain kIpv6;
  static const Domain kUnix;
  static const Domain kPacket;
  static const Domain kVsock;

  static constexpr Domain for_address(const SocketAddr& address) noexcept;

 private:
  friend class internal::SocketNumber<Domain>;
  explicit constexpr Domain(int raw) noexcept : SocketNumber(raw) {}
};

inline constexpr Domain Domain::kUnspecified{AF_UNSPEC};
inline constexpr Domain Domain::kIpv4{AF_INET};
inline constexpr Domain Domain::kIpv6{AF_INET6};
inline constexpr Domain Domain::kUnix{AF_UNIX};
inline constexpr Domain Domain::kPacket{AF_PACKET};
inline constexpr Domain Domain::kVsock{AF_VSOCK};

constexpr Domain Domain::for_address(const SocketAddr& address) noexcept {
  return address.is_ipv4() ? kIpv4 : kIpv6;
}

// How a socket carries data. The modifiers add flags that only creation looks at: a socket's type()
// comes without them.
class Type : public internal::SocketNumber<Type> {
 public:
  static const Type kStream;
  static const Type kDgram;
  static const Type kSeqpacket;
  static const Type kRaw;
  static const Type kDccp;

  // The socket is made non-blocking (SOCK_NONBLOCK).
  [[nodiscard]] constexpr Type nonblocking() const noexcept { return Type(raw() | SOCK_NONBLOCK); }
  // The socket is made close-on-exec (SOCK_CLOEXEC); Socket::create() adds that by itself.
  [[nodiscard]] constexpr Type cloexec() const noexcept { return Type(raw() | SOCK_CLOEXEC); }

 private:
  friend class internal::SocketNumber<Type>;
  explicit constexpr Type(int raw) noexcept : SocketNumber(raw) {}
};

inline constexpr Type Type::kStream{SOCK_STREAM};
inline constexpr Type Type::kDgram{SOCK_DGRAM};
inline constexpr Type Type::kSeqpacket{SOCK_SEQPACKET};
inline constexpr Type Type::kRaw{SOCK_RAW};
inline constexpr Type Type::kDccp{SOCK_DCCP};

// Which protocol of its domain and type a socket speaks, where there are several.
class Protocol : public internal::SocketNumber<Protocol> {
 public:
  static const Protocol kIcmpv4;
  static const Protocol kIcmpv6;
  static const Protocol kTcp;
  static const Protocol kUdp;
  static const Protocol kMptcp;
  static const Protocol kDccp;
  static const Protocol kSctp;
  static const Protocol kUdplite;

 private:
  friend class internal::SocketNumber<Protocol>;
  explicit constexpr Protocol(int raw) noexcept : SocketNumber(raw) {}
};

inline constexpr Protocol Protocol::kIcmpv4{IPPROTO_ICMP};
inline constexpr Protocol Protocol::kIcmpv6{IPPROTO_ICMPV6};
inline constexpr Protocol Protocol::kTcp{IPPROTO_TCP};
inline constexpr Protocol Protocol::kUdp{IPPROTO_UDP};
inline constexpr Protocol Protocol::kMptcp{IPPROTO_MPTCP};
inline constexpr Protocol Protocol::kDccp{IPPROTO_DCCP};
inline constexpr Protocol Protocol::kSctp{IPPROTO_SCTP};
inline constexpr Protocol Protocol::kUdplite{IPPROTO_UDPLITE};

}  // namespace weft::net

#endif  // WEFT_NET_SOCKET_SOCKET_KIND_H_
