// The message functions of net::Socket, as members: each makes its call at once.
//
// Spec: ancillary.md A-37. The semantics: message_fd.h.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_BLOCKING_MESSAGE_MEMBERS_H_
#define WEFT_NET_ANCILLARY_INTERNAL_BLOCKING_MESSAGE_MEMBERS_H_

#include <cstddef>
#include <span>
#include <tuple>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/message_fd.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net::internal {

// Derived has as_fd().
template <class Derived>
class BlockingMessageMembers {
 public:
  // Sends one message with what is in `ancillary`, which is clear afterwards, or unchanged upon an
  // error; how many bytes were sent. Fails as sendmsg(2).
  Result<std::size_t> send_message(std::span<const io::IoSlice> data, AncillaryData& ancillary,
                                   SendOptions options = {}) const noexcept {
    return fd().send_message(data, ancillary, options);
  }
  Result<std::size_t> send_message_to(const SockAddr& to, std::span<const io::IoSlice> data,
                                      AncillaryData& ancillary,
                                      SendOptions options = {}) const noexcept {
    return fd().send_message_to(to, data, ancillary, options);
  }

  // Receives one message and what came with it, which `ancillary` owns then: how many bytes, and
  // what the kernel says of them. Fails as recvmsg(2).
  Result<std::pair<std::size_t, RecvResult>> recv_message(std::span<io::IoSliceMut> room,
                                                          AncillaryData& ancillary,
                                                          RecvOptions options = {}) const noexcept {
    return fd().recv_message(room, ancillary, options);
  }
  // And who sent it; the address is empty if the sender has none, or the socket is connected.
  Result<std::tuple<std::size_t, RecvResult, SockAddr>> recv_message_from(
      std::span<io::IoSliceMut> room, AncillaryData& ancillary,
      RecvOptions options = {}) const noexcept {
    return fd().recv_message_from(room, ancillary, options);
  }

 private:
  MessageFd fd() const noexcept { return MessageFd(static_cast<const Derived&>(*this).as_fd()); }
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_BLOCKING_MESSAGE_MEMBERS_H_
