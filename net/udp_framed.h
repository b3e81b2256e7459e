// UdpFramed: a UDP socket and a codec, as frames to receive and to send, with their addresses.
//
// Spec: io.md F-8, section 5 (cancel safety); IO-53.
//
// A datagram is decoded by itself and to its end: what makes no frame is dropped with it, since the
// next datagram is no continuation of it. A frame that is sent is a datagram of its own.
//
//   // Answers each line of a datagram with a datagram.
//   Task<Result<void>> echo(std::shared_ptr<net::UdpSocket> socket) {
//     net::UdpFramed lines(std::move(socket), io::codec::LinesCodec());
//     while (auto received = co_await lines.next()) {
//       if (!*received) co_return Err(received->error());
//       auto& [line, sender] = **received;
//       const Result<void> sent = co_await lines.send(std::move(line), sender);
//       if (!sent) co_return sent;
//     }
//     co_return Result<void>();
//   }

#ifndef WEFT_NET_UDP_FRAMED_H_
#define WEFT_NET_UDP_FRAMED_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/concepts.h>
#include <weft/net/socket_addr.h>
#include <weft/net/udp_socket.h>
#include <weft/runtime/task.h>

namespace weft::net {

// C: a Decoder, an Encoder or both. Movable while nothing is awaited on it. One task at a time
// receives and one sends, both on one thread; several UdpFramed and others may share a socket, and
// each datagram goes to one of them. Throws std::bad_alloc where a buffer grows, and what the codec
// throws.
template <class C>
class UdpFramed {
 public:
  UdpFramed(UdpSocket socket, C codec)
      : UdpFramed(std::make_shared<UdpSocket>(std::move(socket)), std::move(codec)) {}
  // Fatal if there is no socket.
  UdpFramed(std::shared_ptr<UdpSocket> socket, C codec)
      : socket_(std::move(socket)), codec_(std::move(codec)) {
    WEFT_CHECK(socket_ != nullptr, "UdpFramed: there is no socket; pass one");
  }

  // Closing the socket ends everything that is awaited here with Errc::closed.
  UdpSocket& inner() noexcept { return *socket_; }
  const UdpSocket& inner() const noexcept { return *socket_; }
  C& codec() noexcept { return codec_; }
  const C& codec() const noexcept { return codec_; }
  // What is left of the datagram that is being decoded; the one that waits to be sent.
  io::BytesMut& read_buffer() noexcept { return received_; }
  const io::BytesMut& read_buffer() const noexcept { return received_; }
  io::BytesMut& write_buffer() noexcept { return outgoing_; }
  const io::BytesMut& write_buffer() const noexcept { return outgoing_; }
  // The socket, which others may have, too; what is in the buffers is lost.
  std::shared_ptr<UdpSocket> into_inner() && noexcept { return std::move(socket_); }

  // Yields std::optional<Result<std::pair<Item, SocketAddr>>>, which is never empty: the next frame
  // and who sent it; an error of the socket or the decoder, after which receiving may go on. A
  // frame that is a part of the buffer, such as Bytes, keeps 64 KiB alive. Cancel safe: the frames
  // of a datagram that was received stay here.
  auto next()
    requires io::codec::Decoder<C>
  {
    return next_frame();
  }

  // Yields Result<void>: the frame of `item` is sent to `to`, after the one that was fed before.
  // Fails as UdpSocket::send_to() and as the encoder; the datagram is then dropped. Destroyed
  // before it is complete, the frame may still be here, and go out with the next.
  template <class T>
    requires io::codec::Encoder<C, T>
  Task<Result<void>> send(T item, SocketAddr to) {
    const Result<void> fed = co_await feed(std::move(item), to);
    if (!fed) co_return fed;
    const Result<void> flushed = co_await flush();
    co_return flushed;
  }
  // The same without sending it: one datagram is kept, and the one before it is sent first. An
  // error of that one is yielded, and `item` is not taken. Cancel safe: destroyed before it is
  // complete it has not encoded anything.
  template <class T>
    requires io::codec::Encoder<C, T>
  Task<Result<void>> feed(T item, SocketAddr to) {
    const Result<void> flushed = co_await flush();
    if (!flushed) co_return flushed;
    co_return encode(std::move(item), to);
  }
  // Yields Result<void>: nothing is left to be sent. Fails with Errc::other if the socket took only
  // a part of the datagram. Cancel safe.
  Task<Result<void>> flush() {
    if (!receiver_) co_return Result<void>();
    const Result<std::size_t> sent = co_await socket_->send_to(outgoing_.span(), *receiver_);
    const bool whole = sent && *sent == outgoing_.size();
    // Sent or refused, it is done with: trying again would not make a datagram shorter.
    receiver_.reset();
    outgoing_.clear();
    if (!sent) co_return Err(sent.error());
    if (!whole) co_return Err(Errc::other);
    co_return Result<void>();
  }
  // The same as flush(): the socket stays open.
  Task<Result<void>> close() { return flush(); }

 private:
  static constexpr std::size_t kReceiveCapacity = 64 * 1024;  // no datagram is longer
  static constexpr std::size_t kSendCapacity = 8 * 1024;

  template <class D = C>
  Task<std::optional<Result<std::pair<typename D::Item, SocketAddr>>>> next_frame() {
    using Received = Result<std::pair<typename D::Item, SocketAddr>>;
    for (;;) {
      if (sender_) {
        const std::size_t before = received_.size();
        Result<std::optional<typename D::Item>> frame = io::codec::decode_eof(codec_, received_);
        if (!frame) {
          note_failure(before);
          co_return Received(Err(frame.error()));
        }
        has_failed_ = false;
        if (*frame) co_return Received(std::pair(**std::move(frame), *sender_));
        sender_.reset();
      }
      received_.clear();
      received_.reserve(kReceiveCapacity);
      const auto received = co_await socket_->recv_buf_from(received_);
      if (!received) co_return Received(Err(received.error()));
      sender_ = received->second;
    }
  }

  // A decoder that has failed twice without taking anything would fail for ever.
  void note_failure(std::size_t size_before) noexcept {
    const bool took_something = received_.size() < size_before;
    if (has_failed_ && !took_something) sender_.reset();
    has_failed_ = sender_ && !took_something;
  }

  template <class T>
  Result<void> encode(T item, SocketAddr to) {
    outgoing_.reserve(kSendCapacity);
    const Result<void> encoded = codec_.encode(std::move(item), outgoing_);
    if (encoded) {
      receiver_ = to;
    } else {
      outgoing_.clear();
    }
    return encoded;
  }

  std::shared_ptr<UdpSocket> socket_;
  C codec_;
  io::BytesMut received_;
  std::optional<SocketAddr> sender_;  // of received_; none: it is decoded to its end
  bool has_failed_ = false;           // the decoder, and has taken nothing since
  io::BytesMut outgoing_;
  std::optional<SocketAddr> receiver_;  // of outgoing_; none: nothing is to be sent
};

template <class C>
UdpFramed(UdpSocket, C) -> UdpFramed<C>;
template <class C>
UdpFramed(std::shared_ptr<UdpSocket>, C) -> UdpFramed<C>;

}  // namespace weft::net

#endif  // WEFT_NET_UDP_FRAMED_H_
