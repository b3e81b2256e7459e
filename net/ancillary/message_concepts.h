// The concepts of sockets that send and receive messages with ancillary data.
//
// Spec: ancillary.md A-37.
//
// A socket has the functions below, each with a Result. One that may block gives it at once, as
// net::Socket and MessageFd do; an async one gives something to co_await that yields it, as
// TcpStream, UdpSocket, UnixStream and UnixDatagram do. Builders, send_fds() and recv_fds() work
// with either, and with any type of yours that has these functions:
//
//   // A socket type of your own: records what was sent over it, and passes descriptors.
//   class CountingSocket {
//    public:
//     explicit CountingSocket(OwnedFd fd) : fd_(std::move(fd)) {}
//
//     Result<std::size_t> send_message(std::span<const io::IoSlice> data, net::AncillaryData& with,
//                                      net::SendOptions options) {
//       ++messages_;
//       return net::MessageFd(fd_).send_message(data, with, options);
//     }
//     BorrowedFd as_fd() const { return fd_.borrow(); }
//     int messages() const { return messages_; }
//
//    private:
//     OwnedFd fd_;
//     int messages_ = 0;
//   };
//   static_assert(net::SendsFds<CountingSocket>);
//
// What has to hold for them: after a success send_message() has cleared the ancillary data, after
// an error it has not touched it, and recv_message() has adopted every descriptor before anything
// else happens. Who wraps a descriptor gets that by calling MessageFd.

#ifndef WEFT_NET_ANCILLARY_MESSAGE_CONCEPTS_H_
#define WEFT_NET_ANCILLARY_MESSAGE_CONCEPTS_H_

#include <concepts>
#include <cstddef>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/runtime/leaf.h>

namespace weft::net {

namespace internal {

// `A` is a T, or can be awaited for one.
template <class A, class T>
concept Gives =
    std::same_as<A, T> ||
    (Awaitable<A> && requires { requires std::same_as<std::remove_cvref_t<AwaitResult<A>>, T>; });

using Received = std::pair<std::size_t, RecvResult>;
template <class Address>
using ReceivedFrom = std::tuple<std::size_t, RecvResult, Address>;

}  // namespace internal

// send_message(data, ancillary, options) gives Result<size_t>: how many bytes were sent.
template <class S>
concept SendMessage = requires(S& socket, std::span<const io::IoSlice> data,
                               AncillaryData& ancillary, SendOptions options) {
  { socket.send_message(data, ancillary, options) } -> internal::Gives<Result<std::size_t>>;
};

// The same to an address: send_message_to(to, data, ancillary, options).
template <class S, class Address>
concept SendMessageTo = requires(S& socket, const Address& to, std::span<const io::IoSlice> data,
                                 AncillaryData& ancillary, SendOptions options) {
  { socket.send_message_to(to, data, ancillary, options) } -> internal::Gives<Result<std::size_t>>;
};

// recv_message(room, ancillary, options) gives Result<pair<size_t, RecvResult>>.
template <class S>
concept RecvMessage = requires(S& socket, std::span<io::IoSliceMut> room, AncillaryData& ancillary,
                               RecvOptions options) {
  { socket.recv_message(room, ancillary, options) } -> internal::Gives<Result<internal::Received>>;
};

// recv_message_from(room, ancillary, options) gives Result<tuple<size_t, RecvResult, Address>>.
template <class S, class Address>
concept RecvMessageFrom = requires(S& socket, std::span<io::IoSliceMut> room,
                                   AncillaryData& ancillary, RecvOptions options) {
  {
    socket.recv_message_from(room, ancillary, options)
  } -> internal::Gives<Result<internal::ReceivedFrom<Address>>>;
};

// What send_fds() wants besides: the descriptor of the socket, to ask what type it is of.
template <class S>
concept HasDescriptor = requires(const S& socket) {
  { socket.as_fd() } -> std::same_as<BorrowedFd>;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_MESSAGE_CONCEPTS_H_
