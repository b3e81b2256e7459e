// MessageReceiver: receives one message, with what came beside its bytes, from any socket that can.
//
// Spec: ancillary.md A-37; A-W1, A-W2.
//
// A builder: the room first, then what is not the default, then the receiving. On a socket that
// blocks the last call does it and returns the Result; on an async one it returns what to co_await.
// The descriptors that came are in the AncillaryData. Without one they are dropped, by the kernel.
//
//   // Who sent the next bytes of a stream with SO_PASSCRED.
//   Task<Result<net::ScmCredentials>> sender_of_next(net::UnixStream& from, std::span<char> room) {
//     std::array<std::byte, 64> storage;
//     net::AncillaryData ancillary(storage);
//     const auto got = co_await net::MessageReceiver(from, room).ancillary(ancillary).recv();
//     if (!got) co_return Err(got.error());
//     for (const net::ControlMessage& message : ancillary.control_messages()) {
//       if (const auto sender = net::ScmCredentials::from(message)) co_return *sender;
//     }
//     co_return Err(std::errc::permission_denied);
//   }

#ifndef WEFT_NET_ANCILLARY_MESSAGE_RECEIVER_H_
#define WEFT_NET_ANCILLARY_MESSAGE_RECEIVER_H_

#include <cstddef>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/internal/message_call.h>
#include <weft/net/ancillary/message_concepts.h>
#include <weft/net/ancillary/message_options.h>

namespace weft::net {

namespace internal {

// What a receiver's awaitable does when it is awaited. Classes rather than lambdas:
// docs/topics/compilers.md.
template <class S>
class StartReceiving {
 public:
  StartReceiving(S& socket, RecvOptions options) noexcept : socket_(&socket), options_(options) {}
  auto operator()(std::span<io::IoSliceMut> room, AncillaryData& ancillary) {
    return socket_->recv_message(room, ancillary, options_);
  }

 private:
  S* socket_;
  RecvOptions options_;
};

template <class S>
class StartReceivingFrom {
 public:
  StartReceivingFrom(S& socket, RecvOptions options) noexcept
      : socket_(&socket), options_(options) {}
  auto operator()(std::span<io::IoSliceMut> room, AncillaryData& ancillary) {
    return socket_->recv_message_from(room, ancillary, options_);
  }

 private:
  S* socket_;
  RecvOptions options_;
};

}  // namespace internal

// Borrows socket, room and ancillary data until the message is received. Cancel safe, as the socket
// is.
template <class S>
class [[nodiscard]] MessageReceiver {
 public:
  MessageReceiver(S& socket, std::span<std::byte> room) noexcept
      : MessageReceiver(socket, Buffers(io::IoSliceMut(room))) {}
  MessageReceiver(S& socket, std::span<char> room) noexcept
      : MessageReceiver(socket, Buffers(io::IoSliceMut(room))) {}
  // One message, put into the slices one after the other.
  MessageReceiver(S& socket, std::span<io::IoSliceMut> room) noexcept
      : MessageReceiver(socket, Buffers(room)) {}

  // Gets, and owns, what comes with the bytes.
  MessageReceiver&& ancillary(AncillaryData& ancillary) && noexcept {
    parts_.set_ancillary(ancillary);
    return std::move(*this);
  }
  MessageReceiver&& options(RecvOptions options) && noexcept {
    options_ = options;
    return std::move(*this);
  }

  // Gives, or yields, Result<pair<size_t, RecvResult>>: how many bytes were received, and what the
  // kernel says of them. Errors are the socket's.
  auto recv() &&
    requires RecvMessage<S>
  {
    return internal::call_or_defer(std::move(parts_),
                                   internal::StartReceiving<S>(*socket_, options_));
  }
  // Gives, or yields, Result<tuple<size_t, RecvResult, Address>>, with the sender's address as the
  // socket gives it.
  auto recv_from() && {
    return internal::call_or_defer(std::move(parts_),
                                   internal::StartReceivingFrom<S>(*socket_, options_));
  }

 private:
  using Buffers = internal::MessageBuffers<io::IoSliceMut>;

  MessageReceiver(S& socket, Buffers buffers) noexcept : socket_(&socket), parts_(buffers) {}

  S* socket_;
  internal::MessageParts<io::IoSliceMut> parts_;
  RecvOptions options_;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_MESSAGE_RECEIVER_H_
