// MessageSender: sends one message, with what goes beside its bytes, to any socket that can.
//
// Spec: ancillary.md A-37; A-W4, A-W5.
//
// A builder: bytes first, then what is not the default, then how it is sent. On a socket that
// blocks the last call does it and returns the Result; on an async one it returns what to co_await.
//
//   // One datagram that routers should hurry with.
//   Task<Result<std::size_t>> send_urgent(net::UdpSocket& socket, net::SocketAddr to) {
//     const net::Ipv4Tos low_delay{0x10};
//     std::array<std::byte, 32> storage;
//     net::AncillaryData ancillary(storage);
//     ancillary.add_control_message(low_delay.as_control_message()).value();
//     Result<std::size_t> sent =
//         co_await net::MessageSender(socket, "now").ancillary(ancillary).send_to(to);
//     co_return sent;
//   }

#ifndef WEFT_NET_ANCILLARY_MESSAGE_SENDER_H_
#define WEFT_NET_ANCILLARY_MESSAGE_SENDER_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/internal/message_call.h>
#include <weft/net/ancillary/message_concepts.h>
#include <weft/net/ancillary/message_options.h>

namespace weft::net {

namespace internal {

// What a sender's awaitable does when it is awaited. Classes rather than lambdas:
// docs/topics/compilers.md.
template <class S>
class StartSending {
 public:
  StartSending(S& socket, SendOptions options) noexcept : socket_(&socket), options_(options) {}
  auto operator()(std::span<const io::IoSlice> data, AncillaryData& ancillary) {
    return socket_->send_message(data, ancillary, options_);
  }

 private:
  S* socket_;
  SendOptions options_;
};

template <class S, class Address>
class StartSendingTo {
 public:
  StartSendingTo(S& socket, const Address& to, SendOptions options)
      : socket_(&socket), to_(to), options_(options) {}
  auto operator()(std::span<const io::IoSlice> data, AncillaryData& ancillary) {
    return socket_->send_message_to(to_, data, ancillary, options_);
  }

 private:
  S* socket_;
  Address to_;
  SendOptions options_;
};

}  // namespace internal

// Borrows socket, bytes and ancillary data until the message is sent. Cancel safe, as the socket
// is.
template <class S>
class [[nodiscard]] MessageSender {
 public:
  MessageSender(S& socket, std::span<const std::byte> data) noexcept
      : MessageSender(socket, Buffers(io::IoSlice(data))) {}
  MessageSender(S& socket, std::string_view text) noexcept
      : MessageSender(socket, Buffers(io::IoSlice(text))) {}
  // One message made of all the slices.
  MessageSender(S& socket, std::span<const io::IoSlice> data) noexcept
      : MessageSender(socket, Buffers(data)) {}

  // Sent with the bytes, and cleared by that. Without it there is no control data.
  MessageSender&& ancillary(AncillaryData& ancillary) && noexcept {
    parts_.set_ancillary(ancillary);
    return std::move(*this);
  }
  MessageSender&& options(SendOptions options) && noexcept {
    options_ = options;
    return std::move(*this);
  }

  // Gives, or yields, Result<size_t>: how many bytes were sent. Errors are the socket's.
  auto send() &&
    requires SendMessage<S>
  {
    return internal::call_or_defer(std::move(parts_),
                                   internal::StartSending<S>(*socket_, options_));
  }
  // The same to `to`, which is copied if it has to be kept.
  template <class Address>
    requires SendMessageTo<S, Address>
  auto send_to(const Address& to) && {
    return internal::call_or_defer(std::move(parts_),
                                   internal::StartSendingTo<S, Address>(*socket_, to, options_));
  }

 private:
  using Buffers = internal::MessageBuffers<const io::IoSlice>;

  MessageSender(S& socket, Buffers buffers) noexcept : socket_(&socket), parts_(buffers) {}

  S* socket_;
  internal::MessageParts<const io::IoSlice> parts_;
  SendOptions options_;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_MESSAGE_SENDER_H_
