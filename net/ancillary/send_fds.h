// send_fds, send_fds_to: pass descriptors to another process over a unix socket.
//
// Spec: ancillary.md A-H1, A-H9, A-X1..A-X5, A-21, A-25..A-27.
//
// The receiver gets descriptors of its own for the same open files: file offsets, and whether they
// block, are shared with the sender from then on (A-W6). On a stream, descriptors travel with the
// first byte of the call that sent them, and streams have no borders: send one byte for each set of
// descriptors, and have the receiver receive that, rather than count positions (A-K7).
//
//   Task<Result<std::size_t>> hand_over(net::UnixStream& to, BorrowedFd file) {
//     const std::array fds = {file};
//     const Result<std::size_t> sent = co_await net::send_fds(to, "x", fds);
//     co_return sent;
//   }

#ifndef WEFT_NET_ANCILLARY_SEND_FDS_H_
#define WEFT_NET_ANCILLARY_SEND_FDS_H_

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/ancillary_data_buf.h>
#include <weft/net/ancillary/internal/fd_operations.h>
#include <weft/net/ancillary/internal/fd_passing.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/ancillary/internal/message_operations.h>
#include <weft/net/ancillary/message_concepts.h>
#include <weft/net/ancillary/message_fd.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/internal/socket_access.h>
#include <weft/net/internal/unix_room.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/task.h>

namespace weft::net {

// A socket that send_fds() works with.
template <class S>
concept SendsFds = SendMessage<S> && HasDescriptor<S>;

namespace internal {

// Gives its results at once.
template <class S>
concept SendsNow = requires(S& socket, std::span<const io::IoSlice> data, AncillaryData& ancillary,
                            SendOptions options) {
  { socket.send_message(data, ancillary, options) } -> std::same_as<Result<std::size_t>>;
};

// On an async socket that weft does not know.
template <class S>
Task<Result<std::size_t>> send_fds_awaited(S& socket, std::span<const std::byte> data,
                                           std::span<const BorrowedFd> fds, SendOptions options) {
  const std::optional<Error> error = refusal(socket.as_fd(), data, fds);
  if (error) co_return Err(*error);
  AncillaryDataBuf control;
  const Result<void> added = control.add_file_descriptors(fds);
  if (!added) co_return Err(added.error());
  AncillaryData ancillary = control.lease();
  const io::IoSlice slice(data);
  Result<std::size_t> sent = co_await socket.send_message(std::span(&slice, 1), ancillary, options);
  co_return sent;
}

inline std::vector<BorrowedFd> borrow_all(std::span<const OwnedFd> fds) {
  return {fds.begin(), fds.end()};
}

}  // namespace internal

// Sends `data` as one message, with `fds`. Gives, or on an async socket yields, Result<size_t>: how
// many bytes were sent, which on a stream may be fewer than there are; the descriptors are with the
// peer then, and the rest is sent without. Both spans, and the descriptors, are borrowed until it
// has completed. Without descriptors it is a plain send.
//
// Fails with Errc::too_many_fds for more than 253; invalid_argument if there are descriptors and no
// bytes and the socket is a stream, on which nothing would arrive; bad_file_descriptor;
// too_many_references (ETOOMANYREFS) if too many are under way; and as sendmsg(2). An error has
// sent nothing. Cancel safe: suspended, it has sent nothing. Throws std::bad_alloc on a foreign
// async socket.
template <SendsFds S>
auto send_fds(S& socket, std::span<const std::byte> data, std::span<const BorrowedFd> fds,
              SendOptions options = {}) {
  if constexpr (std::derived_from<S, internal::MessageSocket>) {
    return internal::SocketAccess::registration(socket).perform(
        internal::SendFdsOperation(data, fds, options));
  } else if constexpr (internal::SendsNow<S>) {
    return internal::send_fds_now(socket, data, fds, options);
  } else {
    return internal::send_fds_awaited(socket, data, fds, options);
  }
}
template <SendsFds S>
auto send_fds(S& socket, std::string_view text, std::span<const BorrowedFd> fds,
              SendOptions options = {}) {
  return send_fds(socket, std::as_bytes(std::span(text)), fds, options);
}

namespace internal {

template <class S>
Task<Result<std::size_t>> send_owned_awaited(S& socket, std::span<const std::byte> data,
                                             std::vector<OwnedFd> fds, SendOptions options) {
  const std::vector<BorrowedFd> borrowed = borrow_all(fds);
  Result<std::size_t> sent = co_await send_fds(socket, data, borrowed, options);
  fds.clear();  // now, not when the frame is destroyed
  co_return sent;
}

}  // namespace internal

// The same with descriptors that are given away: they stay open until it has completed, and are
// closed then, sent or not. Throws std::bad_alloc.
template <SendsFds S>
auto send_fds(S& socket, std::span<const std::byte> data, std::vector<OwnedFd> fds,
              SendOptions options = {}) {
  if constexpr (internal::SendsNow<S>) {
    const std::vector<BorrowedFd> borrowed = internal::borrow_all(fds);
    return send_fds(socket, data, std::span(borrowed), options);
  } else {
    return internal::send_owned_awaited(socket, data, std::move(fds), options);
  }
}
template <SendsFds S>
auto send_fds(S& socket, std::string_view text, std::vector<OwnedFd> fds,
              SendOptions options = {}) {
  return send_fds(socket, std::as_bytes(std::span(text)), std::move(fds), options);
}

namespace internal {

// A MessageFd of weft's, or anything like it, whose messages all go to one address.
template <class S>
class AddressedSocket {
 public:
  AddressedSocket(S& socket, const SockAddr& to) noexcept : socket_(socket), to_(to) {}
  BorrowedFd as_fd() const noexcept { return socket_.as_fd(); }
  Result<std::size_t> send_message(std::span<const io::IoSlice> data, AncillaryData& ancillary,
                                   SendOptions options) const {
    return socket_.send_message_to(to_, data, ancillary, options);
  }

 private:
  S& socket_;
  const SockAddr& to_;
};

class SendFdsToOperation : public MessageWrite {
 public:
  using value_type = std::size_t;

  SendFdsToOperation(const SockAddr& to, std::span<const std::byte> data,
                     std::span<const BorrowedFd> fds, SendOptions options) noexcept
      : to_(to), data_(data), fds_(fds), options_(options) {}
  Result<value_type> attempt(BorrowedFd fd) noexcept {
    const MessageFd socket(fd);
    const AddressedSocket addressed(socket, to_);
    return send_fds_now(addressed, data_, fds_, options_);
  }

 private:
  SockAddr to_;
  std::span<const std::byte> data_;
  std::span<const BorrowedFd> fds_;
  SendOptions options_;
};

// Sends on one of weft's sockets, however full the receiver's queue is.
template <class S>
Task<Result<std::size_t>> send_fds_when_room(S& socket, std::span<const std::byte> data,
                                             std::span<const BorrowedFd> fds,
                                             Result<UnixSocketAddr> to, SendOptions options) {
  if (!to) co_return Err(to.error());
  SendFdsToOperation op(SockAddr(*to), data, fds, options);
  Result<std::size_t> sent =
      co_await send_when_room(SocketAccess::registration(socket), std::move(op), *to);
  co_return sent;
}

}  // namespace internal

// As send_fds(), to the socket that is bound to `to`, over one that need not be connected. Yields
// Result<size_t> when the receiver's queue has had room. Fails also with invalid_argument if `to`
// is no address, and as UnixDatagram::send_to().
template <class S>
  requires SendMessageTo<S, UnixSocketAddr> && std::derived_from<S, internal::MessageSocket>
Task<Result<std::size_t>> send_fds_to(S& socket, std::span<const std::byte> data,
                                      std::span<const BorrowedFd> fds,
                                      const std::filesystem::path& to, SendOptions options = {}) {
  return internal::send_fds_when_room(socket, data, fds, UnixSocketAddr::from_pathname(to),
                                      options);
}
template <class S>
  requires SendMessageTo<S, UnixSocketAddr> && std::derived_from<S, internal::MessageSocket>
Task<Result<std::size_t>> send_fds_to(S& socket, std::string_view text,
                                      std::span<const BorrowedFd> fds,
                                      const std::filesystem::path& to, SendOptions options = {}) {
  return send_fds_to(socket, std::as_bytes(std::span(text)), fds, to, options);
}

// The same at once, on a socket that gives its results so.
template <class S>
  requires SendMessageTo<S, SockAddr> && HasDescriptor<S> && internal::SendsNow<S>
Result<std::size_t> send_fds_to(S& socket, std::span<const std::byte> data,
                                std::span<const BorrowedFd> fds, const SockAddr& to,
                                SendOptions options = {}) {
  const internal::AddressedSocket addressed(socket, to);
  return internal::send_fds_now(addressed, data, fds, options);
}
template <class S>
  requires SendMessageTo<S, SockAddr> && HasDescriptor<S> && internal::SendsNow<S>
Result<std::size_t> send_fds_to(S& socket, std::string_view text, std::span<const BorrowedFd> fds,
                                const SockAddr& to, SendOptions options = {}) {
  return send_fds_to(socket, std::as_bytes(std::span(text)), fds, to, options);
}

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_SEND_FDS_H_
