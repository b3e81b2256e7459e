// Sending and receiving messages, as operations for the driver.
//
// Spec: ancillary.md A-X1..A-X4; io_call.h for the shape.
//
// The system call is made in the poll that completes, and what it received is owned before that
// poll returns: a suspended operation has sent and received nothing, and one that is thrown away
// has nothing to lose. There is no is_short() here: a message that did not fill its room says
// nothing about the next one. Nor is_empty(): an empty datagram is a message.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_OPERATIONS_H_
#define WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_OPERATIONS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/io/ready.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/message_fd.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/socket_addr.h>
#include <weft/net/unix_socket_addr.h>

namespace weft::net::internal {

// What any kind of message waits for.
class MessageWrite {
 public:
  static constexpr bool kTryFirst = true;
  io::Ready wanted() const noexcept { return io::Ready::kWritable | io::Ready::kWriteClosed; }
};
class MessageRead {
 public:
  static constexpr bool kTryFirst = true;
  io::Ready wanted() const noexcept { return io::Ready::kReadable | io::Ready::kReadClosed; }
};

// The address of a message's sender as a socket of this kind gives it; nothing if it is of another
// family.
template <class Address>
std::optional<Address> address_as(const SockAddr& from) noexcept;
template <>
inline std::optional<SocketAddr> address_as<SocketAddr>(const SockAddr& from) noexcept {
  return from.as_socket();
}
template <>
inline std::optional<UnixSocketAddr> address_as<UnixSocketAddr>(const SockAddr& from) noexcept {
  // The kernel gives no address at all for a sender without a name.
  return from.size() == 0 ? UnixSocketAddr::unnamed() : from.as_unix();
}

class SendMessageOperation : public MessageWrite {
 public:
  using value_type = std::size_t;

  SendMessageOperation(std::span<const io::IoSlice> data, AncillaryData& ancillary,
                       SendOptions options) noexcept
      : data_(data), ancillary_(&ancillary), options_(options) {}
  Result<value_type> attempt(BorrowedFd fd) noexcept {
    return MessageFd(fd).send_message(data_, *ancillary_, options_);
  }

 private:
  std::span<const io::IoSlice> data_;
  AncillaryData* ancillary_;
  SendOptions options_;
};

class SendMessageToOperation : public MessageWrite {
 public:
  using value_type = std::size_t;

  SendMessageToOperation(const SockAddr& to, std::span<const io::IoSlice> data,
                         AncillaryData& ancillary, SendOptions options) noexcept
      : to_(to), data_(data), ancillary_(&ancillary), options_(options) {}
  Result<value_type> attempt(BorrowedFd fd) noexcept {
    return MessageFd(fd).send_message_to(to_, data_, *ancillary_, options_);
  }

 private:
  SockAddr to_;
  std::span<const io::IoSlice> data_;
  AncillaryData* ancillary_;
  SendOptions options_;
};

class RecvMessageOperation : public MessageRead {
 public:
  using value_type = std::pair<std::size_t, RecvResult>;

  RecvMessageOperation(std::span<io::IoSliceMut> room, AncillaryData& ancillary,
                       RecvOptions options) noexcept
      : room_(room), ancillary_(&ancillary), options_(options) {}
  Result<value_type> attempt(BorrowedFd fd) noexcept {
    return MessageFd(fd).recv_message(room_, *ancillary_, options_);
  }

 private:
  std::span<io::IoSliceMut> room_;
  AncillaryData* ancillary_;
  RecvOptions options_;
};

template <class Address>
class RecvMessageFromOperation : public MessageRead {
 public:
  using value_type = std::tuple<std::size_t, RecvResult, Address>;

  RecvMessageFromOperation(std::span<io::IoSliceMut> room, AncillaryData& ancillary,
                           RecvOptions options) noexcept
      : room_(room), ancillary_(&ancillary), options_(options) {}
  Result<value_type> attempt(BorrowedFd fd) noexcept {
    const auto got = MessageFd(fd).recv_message_from(room_, *ancillary_, options_);
    if (!got) return Err(got.error());
    const auto& [size, result, sender] = *got;
    const std::optional<Address> from = address_as<Address>(sender);
    if (!from) return Err(Errc::invalid_data);
    return value_type(size, result, *from);
  }

 private:
  std::span<io::IoSliceMut> room_;
  AncillaryData* ancillary_;
  RecvOptions options_;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_OPERATIONS_H_
