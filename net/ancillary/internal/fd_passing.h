// What send_fds() and recv_fds() do once the socket is ready.
//
// Spec: ancillary.md A-H1..A-H8.
//
// The same steps serve a socket that blocks, the driver's operations on the sockets of weft (both
// with control data on the stack of the one call), and a foreign async socket (with control data on
// the heap, since a frame that waits should not carry kilobytes).

#ifndef WEFT_NET_ANCILLARY_INTERNAL_FD_PASSING_H_
#define WEFT_NET_ANCILLARY_INTERNAL_FD_PASSING_H_

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/internal/control_layout.h>
#include <weft/net/ancillary/internal/control_writer.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/ancillary/received_fd_set.h>

namespace weft::net::internal {

// Room for all control messages that a socket with every option set can deliver beside 253
// descriptors: credentials, a pidfd, a security label of 256 bytes, timestamps.
inline constexpr std::size_t kRecvControlSize = 2048;
static_assert(kRecvControlSize >= rights_space(kMaxFds) + CMSG_SPACE(sizeof(::ucred)) +
                                      rights_space(1) + CMSG_SPACE(256) +
                                      3 * CMSG_SPACE(2 * sizeof(::timespec)));

// Why these descriptors may not be sent with these bytes; nothing if they may. Too many:
// too_many_fds. With no bytes on a stream, which would drop them in silence: invalid_argument.
std::optional<Error> refusal(BorrowedFd socket, std::span<const std::byte> data,
                             std::span<const BorrowedFd> fds) noexcept;

// Sends on a socket that gives its results at once.
template <class S>
Result<std::size_t> send_fds_now(S& socket, std::span<const std::byte> data,
                                 std::span<const BorrowedFd> fds, SendOptions options) {
  if (const std::optional<Error> error = refusal(socket.as_fd(), data, fds)) return Err(*error);
  std::byte control[rights_space(kMaxFds)];
  AncillaryData ancillary(control);
  if (Result<void> added = ancillary.add_file_descriptors(fds); !added) return Err(added.error());
  const io::IoSlice slice(data);
  return socket.send_message(std::span(&slice, 1), ancillary, options);
}

// Why nothing is received with these options: a peek, which would make descriptors each time.
inline std::optional<Error> refusal(RecvOptions options) noexcept {
  if ((options.flags() & MSG_PEEK) != 0) return Error(std::errc::invalid_argument);
  return std::nullopt;
}

// Takes the descriptors of the sender's out of what was received, as many as `out` has room for,
// and closes the others. If control data was truncated all are closed, and that is the error.
Result<RecvFdsInto, RecvFdsError> collect(const Result<std::pair<std::size_t, RecvResult>>& got,
                                          AncillaryData& ancillary,
                                          std::span<OwnedFd> out) noexcept;

// Receives from a socket that gives its results at once, with control data in `control`.
template <class S>
Result<RecvFdsInto, RecvFdsError> recv_fds_now(S& socket, std::span<std::byte> room,
                                               std::span<std::byte> control, std::span<OwnedFd> out,
                                               RecvOptions options) {
  if (const std::optional<Error> error = refusal(options)) return Err(RecvFdsError(*error, 0));
  AncillaryData ancillary(control);
  io::IoSliceMut slice(room);
  return collect(socket.recv_message(std::span(&slice, 1), ancillary, options), ancillary, out);
}

// Where control data goes: into the caller's span, or into room that is made for it.
using ControlRoom = std::optional<std::span<std::byte>>;

template <class S>
Result<RecvFdsInto, RecvFdsError> recv_fds_now(S& socket, std::span<std::byte> room,
                                               ControlRoom control, std::span<OwnedFd> out,
                                               RecvOptions options) {
  if (control) return recv_fds_now(socket, room, *control, out, options);
  std::byte own[kRecvControlSize];
  return recv_fds_now(socket, room, std::span<std::byte>(own), out, options);
}

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_FD_PASSING_H_
