// MessageFd: messages with ancillary data, sent and received on a plain descriptor, at once.
//
// Spec: ancillary.md A-W1, A-W2, A-W4, A-W5, A-37.
//
// The bottom of everything above: each function makes one system call in the one order in which no
// descriptor can be lost. It borrows the descriptor of a socket, and is what a socket type of your
// own calls. On a non-blocking socket it answers "would block", upon which nothing was sent,
// received, or changed.
//
//   Result<std::size_t> send_both(BorrowedFd to, std::string_view head, std::string_view body) {
//     const std::array<io::IoSlice, 2> slices = {head, body};
//     net::AncillaryData none{std::span<std::byte>()};
//     return net::MessageFd(to).send_message(slices, none);
//   }

#ifndef WEFT_NET_ANCILLARY_MESSAGE_FD_H_
#define WEFT_NET_ANCILLARY_MESSAGE_FD_H_

#include <cstddef>
#include <span>
#include <tuple>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net {

// A plain value. Thread-safe as the descriptor is; an AncillaryData serves one call at a time.
class MessageFd {
 public:
  // `fd` is a socket, and open as long as this is used.
  explicit constexpr MessageFd(BorrowedFd fd) noexcept : fd_(fd) {}

  constexpr BorrowedFd as_fd() const noexcept { return fd_; }

  // Sends the slices as one message, with the messages in `ancillary`; how many bytes were sent,
  // which on a stream may be fewer than there are. After a success, even a partial one, `ancillary`
  // is clear: what was in it is with the peer. After an error it is unchanged. Fails with
  // message_size for more than 1024 slices, and as sendmsg(2) does.
  Result<std::size_t> send_message(std::span<const io::IoSlice> data, AncillaryData& ancillary,
                                   SendOptions options = {}) const noexcept;
  // The same to `to`.
  Result<std::size_t> send_message_to(const SockAddr& to, std::span<const io::IoSlice> data,
                                      AncillaryData& ancillary,
                                      SendOptions options = {}) const noexcept;

  // Receives a message, and what came with it: how many bytes, and what the kernel says of them.
  // What `ancillary` held before is dropped, its descriptors closed. Those that came are owned by
  // it when this returns, also if control data was truncated. Fails as recvmsg(2) does.
  Result<std::pair<std::size_t, RecvResult>> recv_message(std::span<io::IoSliceMut> room,
                                                          AncillaryData& ancillary,
                                                          RecvOptions options = {}) const noexcept;
  // The same, and who sent it; the address is empty if the socket is connected, or the sender has
  // none.
  Result<std::tuple<std::size_t, RecvResult, SockAddr>> recv_message_from(
      std::span<io::IoSliceMut> room, AncillaryData& ancillary,
      RecvOptions options = {}) const noexcept;

 private:
  Result<std::size_t> send(const SockAddr* to, std::span<const io::IoSlice> data,
                           AncillaryData& ancillary, SendOptions options) const noexcept;
  Result<std::pair<std::size_t, RecvResult>> receive(SockAddr* from, std::span<io::IoSliceMut> room,
                                                     AncillaryData& ancillary,
                                                     RecvOptions options) const noexcept;

  BorrowedFd fd_;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_MESSAGE_FD_H_
