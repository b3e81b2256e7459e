// recv_fds: receive descriptors that another process passes over a unix socket.
//
// Spec: ancillary.md A-H2..A-H9, A-X1..A-X4, A-20..A-24.
//
// All or nothing: either the descriptors of a message are here, each with its owner and
// close-on-exec, or none is, and nothing is left open. Nothing that buffers may stand between the
// socket and this: an ordinary read takes the bytes, and the kernel drops what came with them
// (A-W7). What is received shares its open file with the sender; a socket has to be made
// non-blocking before it is given to a runtime, which the sender sees, too (A-W6).
//
//   Task<Result<OwnedFd>> next_file(net::UnixStream& from) {
//     std::array<char, 1> marker;
//     auto got = co_await net::recv_fds<1>(from, std::span<char>(marker));
//     if (!got) co_return Err(got.error().error());
//     if (got->bytes == 0) co_return Err(Errc::unexpected_eof);
//     if (got->count == 0) co_return Err(Errc::invalid_data);
//     co_return std::move(got->fds[0]);
//   }

#ifndef WEFT_NET_ANCILLARY_RECV_FDS_H_
#define WEFT_NET_ANCILLARY_RECV_FDS_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/ancillary_data_buf.h>
#include <weft/net/ancillary/internal/fd_operations.h>
#include <weft/net/ancillary/internal/fd_passing.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/ancillary/message_concepts.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/ancillary/received_fd_set.h>
#include <weft/net/internal/socket_access.h>
#include <weft/runtime/task.h>

namespace weft::net {

namespace internal {

// Gives its results at once.
template <class S>
concept ReceivesNow = requires(S& socket, std::span<io::IoSliceMut> room, AncillaryData& ancillary,
                               RecvOptions options) {
  { socket.recv_message(room, ancillary, options) } -> std::same_as<Result<Received>>;
};

// On an async socket that weft does not know.
template <class S>
Task<Result<RecvFdsInto, RecvFdsError>> recv_fds_awaited(S& socket, std::span<std::byte> room,
                                                         ControlRoom control,
                                                         std::span<OwnedFd> out,
                                                         RecvOptions options) {
  const std::optional<Error> error = refusal(options);
  if (error) co_return Err(RecvFdsError(*error, 0));
  AncillaryDataBuf own;
  if (!control) own.reserve_exact(kRecvControlSize);
  AncillaryData ancillary = own.lease();
  if (control) ancillary = AncillaryData(*control);
  io::IoSliceMut slice(room);
  const Result<Received> got =
      co_await socket.recv_message(std::span(&slice, 1), ancillary, options);
  co_return collect(got, ancillary, out);
}

template <std::size_t N, class S>
Task<Result<RecvFds<N>, RecvFdsError>> recv_fds_awaited(S& socket, std::span<std::byte> room,
                                                        ControlRoom control, RecvOptions options) {
  std::array<OwnedFd, N> fds;
  const Result<RecvFdsInto, RecvFdsError> got =
      co_await recv_fds_awaited(socket, room, control, std::span<OwnedFd>(fds), options);
  co_return with_fds(got, std::move(fds));
}

template <std::size_t N, RecvMessage S>
auto recv_fds_with(S& socket, std::span<std::byte> room, ControlRoom control, RecvOptions options) {
  if constexpr (std::derived_from<S, MessageSocket>) {
    using Op = RecvFdsOperation<N>;
    return RecvFdsAwaitable<Op, RecvFds<N>>(SocketAccess::registration(socket).record(),
                                            Op(room, control, options));
  } else if constexpr (ReceivesNow<S>) {
    std::array<OwnedFd, N> fds;
    const auto got = recv_fds_now(socket, room, control, std::span<OwnedFd>(fds), options);
    return with_fds(got, std::move(fds));
  } else {
    return recv_fds_awaited<N>(socket, room, control, options);
  }
}

}  // namespace internal

// Receives a message and up to N of its descriptors, the first ones; the others are closed at once
// and counted. Gives, or on an async socket yields, Result<RecvFds<N>, RecvFdsError>. `room` is
// borrowed until it has completed.
//
// Fails with Errc::control_truncated if a part of the control data was lost, as happens when the
// process may have no more descriptors: then all that came are closed, and so many bytes of data
// are gone as the error says. With invalid_argument if the options ask for a peek. Else as
// recvmsg(2), nothing received. Descriptors that the kernel adds, such as the sender's pidfd, are
// closed and not counted. Cancel safe: suspended, it has received nothing. Throws std::bad_alloc on
// a foreign async socket.
template <std::size_t N, RecvMessage S>
auto recv_fds(S& socket, std::span<std::byte> room, RecvOptions options = {}) {
  return internal::recv_fds_with<N>(socket, room, internal::ControlRoom(), options);
}
template <std::size_t N, RecvMessage S>
auto recv_fds(S& socket, std::span<char> room, RecvOptions options = {}) {
  return recv_fds<N>(socket, std::as_writable_bytes(room), options);
}

// The same with the caller's memory for control data, instead of 2048 bytes on the stack: one
// message with n descriptors needs CMSG_SPACE(n * sizeof(int)), and more if the socket receives
// credentials or timestamps. Too little is Errc::control_truncated, RecvFdsError::is_truncated().
template <std::size_t N, RecvMessage S>
auto recv_fds_with_control(S& socket, std::span<std::byte> room, std::span<std::byte> control,
                           RecvOptions options = {}) {
  return internal::recv_fds_with<N>(socket, room, internal::ControlRoom(control), options);
}
template <std::size_t N, RecvMessage S>
auto recv_fds_with_control(S& socket, std::span<char> room, std::span<std::byte> control,
                           RecvOptions options = {}) {
  return recv_fds_with_control<N>(socket, std::as_writable_bytes(room), control, options);
}

// The same into `out`, which takes as many as it has room for: a RecvFdsInto, or an error upon
// which `out` is unchanged. What was in the places that are filled is closed.
template <RecvMessage S>
auto recv_fds_into(S& socket, std::span<std::byte> room, std::span<OwnedFd> out,
                   RecvOptions options = {}) {
  if constexpr (std::derived_from<S, internal::MessageSocket>) {
    using Op = internal::RecvFdsIntoOperation;
    return internal::RecvFdsAwaitable<Op, RecvFdsInto>(
        internal::SocketAccess::registration(socket).record(), Op(room, out, options));
  } else if constexpr (internal::ReceivesNow<S>) {
    return internal::recv_fds_now(socket, room, internal::ControlRoom(), out, options);
  } else {
    return internal::recv_fds_awaited(socket, room, internal::ControlRoom(), out, options);
  }
}
template <RecvMessage S>
auto recv_fds_into(S& socket, std::span<char> room, std::span<OwnedFd> out,
                   RecvOptions options = {}) {
  return recv_fds_into(socket, std::as_writable_bytes(room), out, options);
}

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_RECV_FDS_H_
