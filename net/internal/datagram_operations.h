// The operations of datagram sockets, as the driver wants them.
//
// Spec: net.md U-1, U-3, U-4, U-6, X-2; io_call.h for the shape.
//
// A datagram is a unit: it is received whole or cut off, sent whole or not at all, and may be
// empty; so an empty buffer is no reason to skip the call, and a short one proves nothing. Who
// waits to receive waits for an error too, which comes without anything to read.

#ifndef WEFT_NET_INTERNAL_DATAGRAM_OPERATIONS_H_
#define WEFT_NET_INTERNAL_DATAGRAM_OPERATIONS_H_

#include <cstddef>
#include <span>
#include <sys/socket.h>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys.h>
#include <weft/io/ready.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net::internal {

class DatagramRead {
 public:
  static constexpr bool kTryFirst = true;

  io::Ready wanted() const noexcept {
    return io::Ready::kReadable | io::Ready::kReadClosed | io::Ready::kError;
  }
};

class DatagramWrite {
 public:
  using value_type = std::size_t;
  static constexpr bool kTryFirst = true;

  io::Ready wanted() const noexcept { return io::Ready::kWritable | io::Ready::kWriteClosed; }
};

// `flags`: MSG_PEEK leaves the datagram where it is.
class ReceiveDatagram : public DatagramRead {
 public:
  using value_type = std::size_t;

  explicit ReceiveDatagram(std::span<std::byte> room, int flags = 0) noexcept
      : room_(room), flags_(flags) {}
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::recv(fd, room_, flags_); }

 private:
  std::span<std::byte> room_;
  int flags_;
};

// The same with the sender.
template <class Address>
class ReceiveFrom : public DatagramRead {
 public:
  using value_type = std::pair<std::size_t, Address>;

  explicit ReceiveFrom(std::span<std::byte> room, int flags = 0) noexcept
      : room_(room), flags_(flags) {}

  Result<value_type> attempt(BorrowedFd fd) noexcept {
    SockAddrStorage sender;
    ::socklen_t room = SockAddrStorage::size();
    const Result<std::size_t> size = sys::recvfrom(fd, room_, flags_, sender.data(), &room);
    if (!size) return Err(size.error());
    const Result<Address> address = to_address<Address>(SockAddr(sender, room));
    if (!address) return Err(address.error());
    return value_type(*size, *address);
  }

 private:
  std::span<std::byte> room_;
  int flags_;
};

// Whose datagram is next.
template <class Address>
class PeekSender : public DatagramRead {
 public:
  using value_type = Address;

  Result<Address> attempt(BorrowedFd fd) noexcept {
    auto peeked = ReceiveFrom<Address>(std::span<std::byte>(), MSG_PEEK).attempt(fd);
    if (!peeked) return Err(peeked.error());
    return std::move(peeked->second);
  }
};

class SendDatagram : public DatagramWrite {
 public:
  explicit SendDatagram(std::span<const std::byte> data) noexcept : data_(data) {}
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::send(fd, data_, 0); }

 private:
  std::span<const std::byte> data_;
};

template <class Address>
class SendTo : public DatagramWrite {
 public:
  SendTo(std::span<const std::byte> data, const Address& to) noexcept : data_(data), to_(to) {}
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    const SockAddr native(to_);
    return sys::sendto(fd, data_, 0, native.data(), native.size());
  }

 private:
  std::span<const std::byte> data_;
  Address to_;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_DATAGRAM_OPERATIONS_H_
