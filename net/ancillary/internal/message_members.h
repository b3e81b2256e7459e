// The message functions of async sockets, as members.
//
// Spec: ancillary.md A-37, A-X1..A-X4.
//
// As the classes of net/internal/stream_members.h, which see: a socket derives from those that fit
// and names itself; SocketAccess gives them its registration. Everything that is passed in is
// borrowed until the awaitable has completed or is destroyed, except for options and addresses. All
// are cancel safe: a suspended one has sent or received nothing.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_MEMBERS_H_
#define WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_MEMBERS_H_

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/internal/message_operations.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/internal/socket_access.h>
#include <weft/net/internal/unix_room.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/driver/io_registration.h>

namespace weft::net::internal {

using weft::internal::IoRegistration;

// The base by which send_fds() and recv_fds() know the sockets of weft.
struct MessageSocket {};

// For connected sockets.
template <class Derived>
class MessageMembers : public MessageSocket {
 public:
  // Yields Result<size_t>: how many bytes of the one message that the slices make were sent; on a
  // stream perhaps not all. After a success `ancillary` is clear, after a failure unchanged. Fails
  // as sendmsg(2).
  auto send_message(std::span<const io::IoSlice> data, AncillaryData& ancillary,
                    SendOptions options = {}) const noexcept {
    return io().perform(SendMessageOperation(data, ancillary, options));
  }

  // Yields Result<pair<size_t, RecvResult>>: how many bytes of one message were received, and what
  // the kernel says of it. What came with it is in `ancillary`, which owns its descriptors, also if
  // control data was truncated. Fails as recvmsg(2).
  auto recv_message(std::span<io::IoSliceMut> room, AncillaryData& ancillary,
                    RecvOptions options = {}) const noexcept {
    return io().perform(RecvMessageOperation(room, ancillary, options));
  }

  // At once: would_block unless it is known to be possible.
  Result<std::size_t> try_send_message(std::span<const io::IoSlice> data, AncillaryData& ancillary,
                                       SendOptions options = {}) const noexcept {
    return io().attempt(SendMessageOperation(data, ancillary, options));
  }
  Result<std::pair<std::size_t, RecvResult>> try_recv_message(
      std::span<io::IoSliceMut> room, AncillaryData& ancillary,
      RecvOptions options = {}) const noexcept {
    return io().attempt(RecvMessageOperation(room, ancillary, options));
  }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
};

// For sockets that send each message to where it says. A unix socket waits for the receiver's
// queue, too, and its awaitable is a task.
template <class Derived, class Address>
class MessageToMembers {
 public:
  // As send_message(), to `to`.
  auto send_message_to(const Address& to, std::span<const io::IoSlice> data,
                       AncillaryData& ancillary, SendOptions options = {}) const {
    SendMessageToOperation op(SockAddr(to), data, ancillary, options);
    if constexpr (std::is_same_v<Address, UnixSocketAddr>) {
      return send_when_room(io(), std::move(op), to);
    } else {
      return io().perform(std::move(op));
    }
  }

  // As recv_message(), yielding Result<tuple<size_t, RecvResult, Address>>: the last is the sender.
  // Fails with Errc::invalid_data if that is no Address; the message is gone then.
  auto recv_message_from(std::span<io::IoSliceMut> room, AncillaryData& ancillary,
                         RecvOptions options = {}) const noexcept {
    return io().perform(RecvMessageFromOperation<Address>(room, ancillary, options));
  }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_MEMBERS_H_
