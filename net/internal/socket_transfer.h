// SocketTransfer: how a net::Socket sends and receives.
//
// Spec: S-C2, S-C3, S-C6, S-C7, S-O5, S-O6, S-O7.
//
// What all functions promise: socket_handle.h. Results are numbers of bytes, which may be less than
// asked for; 0 from receiving is the end of a stream, an empty datagram, or no room. Flags are
// those of the manual page; sending always adds MSG_NOSIGNAL. The addresses that receiving gives
// have size 0 if there is none, as on connected streams.
//
// Room may be bytes, characters, or memory that nobody has written to yet (UninitSlice), of which
// the written part comes back. A datagram longer than the room is cut: only the vectored forms and
// recvmsg() say so, and MSG_TRUNC as a flag makes the others give the full length, also when that
// is more than the room.

#ifndef WEFT_NET_INTERNAL_SOCKET_TRANSFER_H_
#define WEFT_NET_INTERNAL_SOCKET_TRANSFER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <sys/socket.h>
#include <tuple>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/net/internal/socket_handle.h>
#include <weft/net/socket/msg_hdr.h>
#include <weft/net/socket/recv_flags.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/socket/uninit_slice.h>

namespace weft::net::internal {

class SocketTransfer : public SocketHandle {
  using Bytes = std::span<const std::byte>;
  using Room = std::span<std::byte>;
  using Chars = std::span<char>;

 public:
  // What came, and the flags of recvmsg(2); from whom.
  using Sized = std::pair<std::size_t, RecvFlags>;
  using From = std::pair<std::size_t, SockAddr>;
  using Full = std::tuple<std::size_t, RecvFlags, SockAddr>;
  using UninitFrom = std::pair<std::span<std::byte>, SockAddr>;

  // --- Receiving

  Result<std::size_t> recv(Room room) const noexcept { return recv_with_flags(room, 0); }
  Result<std::size_t> recv(Chars room) const noexcept { return recv_with_flags(room, 0); }
  Result<std::span<std::byte>> recv(UninitSlice room) const noexcept {
    return recv_with_flags(room, 0);
  }
  Result<std::size_t> recv_with_flags(Room room, int flags) const noexcept;
  Result<std::size_t> recv_with_flags(Chars room, int flags) const noexcept {
    return recv_with_flags(std::as_writable_bytes(room), flags);
  }
  Result<std::span<std::byte>> recv_with_flags(UninitSlice room, int flags) const noexcept;
  // The one byte of urgent data of a TCP stream (MSG_OOB). invalid_argument if there is none.
  Result<std::size_t> recv_out_of_band(Room room) const noexcept {
    return recv_with_flags(room, MSG_OOB);
  }
  Result<std::size_t> recv_out_of_band(Chars room) const noexcept {
    return recv_with_flags(room, MSG_OOB);
  }
  // What receiving would give, and leaves it there.
  Result<std::size_t> peek(Room room) const noexcept { return recv_with_flags(room, MSG_PEEK); }
  Result<std::size_t> peek(Chars room) const noexcept { return recv_with_flags(room, MSG_PEEK); }

  Result<From> recv_from(Room room) const noexcept { return recv_from_with_flags(room, 0); }
  Result<From> recv_from(Chars room) const noexcept { return recv_from_with_flags(room, 0); }
  Result<UninitFrom> recv_from(UninitSlice room) const noexcept {
    return recv_from_with_flags(room, 0);
  }
  Result<From> recv_from_with_flags(Room room, int flags) const noexcept;
  Result<From> recv_from_with_flags(Chars room, int flags) const noexcept {
    return recv_from_with_flags(std::as_writable_bytes(room), flags);
  }
  Result<UninitFrom> recv_from_with_flags(UninitSlice room, int flags) const noexcept;
  Result<From> peek_from(Room room) const noexcept { return recv_from_with_flags(room, MSG_PEEK); }
  Result<From> peek_from(Chars room) const noexcept { return recv_from_with_flags(room, MSG_PEEK); }
  // Who sent what comes next.
  Result<SockAddr> peek_sender() const noexcept;

  // Into several pieces, in their order. No more than the first 1024 are used.
  Result<Sized> recv_vectored(std::span<io::IoSliceMut> room) const noexcept {
    return recv_vectored_with_flags(room, 0);
  }
  Result<Sized> recv_vectored(std::span<UninitSlice> room) const noexcept {
    return recv_vectored_with_flags(room, 0);
  }
  Result<Sized> recv_vectored_with_flags(std::span<io::IoSliceMut> room, int flags) const noexcept;
  Result<Sized> recv_vectored_with_flags(std::span<UninitSlice> room, int flags) const noexcept;
  Result<Full> recv_from_vectored(std::span<io::IoSliceMut> room) const noexcept {
    return recv_from_vectored_with_flags(room, 0);
  }
  Result<Full> recv_from_vectored(std::span<UninitSlice> room) const noexcept {
    return recv_from_vectored_with_flags(room, 0);
  }
  Result<Full> recv_from_vectored_with_flags(std::span<io::IoSliceMut> room,
                                             int flags) const noexcept;
  Result<Full> recv_from_vectored_with_flags(std::span<UninitSlice> room, int flags) const noexcept;

  // Everything recvmsg(2) does. What `message` refers to is filled, also its address's size.
  Result<std::size_t> recvmsg(MsgHdrMut& message, int flags) const noexcept;

  // --- Sending

  Result<std::size_t> send(Bytes bytes) const noexcept { return send_with_flags(bytes, 0); }
  Result<std::size_t> send(std::string_view text) const noexcept {
    return send_with_flags(text, 0);
  }
  Result<std::size_t> send_with_flags(Bytes bytes, int flags) const noexcept;
  Result<std::size_t> send_with_flags(std::string_view text, int flags) const noexcept {
    return send_with_flags(std::as_bytes(std::span(text)), flags);
  }
  // The last byte becomes the urgent data of a TCP stream (MSG_OOB).
  Result<std::size_t> send_out_of_band(Bytes bytes) const noexcept {
    return send_with_flags(bytes, MSG_OOB);
  }
  Result<std::size_t> send_out_of_band(std::string_view text) const noexcept {
    return send_with_flags(text, MSG_OOB);
  }

  Result<std::size_t> send_to(Bytes bytes, const SockAddr& to) const noexcept {
    return send_to_with_flags(bytes, to, 0);
  }
  Result<std::size_t> send_to(std::string_view text, const SockAddr& to) const noexcept {
    return send_to_with_flags(text, to, 0);
  }
  Result<std::size_t> send_to_with_flags(Bytes bytes, const SockAddr& to, int flags) const noexcept;
  Result<std::size_t> send_to_with_flags(std::string_view text, const SockAddr& to,
                                         int flags) const noexcept {
    return send_to_with_flags(std::as_bytes(std::span(text)), to, flags);
  }

  // From several pieces, in their order. Fails with message_size if they are more than 1024.
  Result<std::size_t> send_vectored(std::span<const io::IoSlice> slices) const noexcept {
    return send_vectored_with_flags(slices, 0);
  }
  Result<std::size_t> send_vectored_with_flags(std::span<const io::IoSlice> slices,
                                               int flags) const noexcept;
  Result<std::size_t> send_to_vectored(std::span<const io::IoSlice> slices,
                                       const SockAddr& to) const noexcept {
    return send_to_vectored_with_flags(slices, to, 0);
  }
  Result<std::size_t> send_to_vectored_with_flags(std::span<const io::IoSlice> slices,
                                                  const SockAddr& to, int flags) const noexcept;

  // Everything sendmsg(2) does. Fails with message_size for more than 1024 slices.
  Result<std::size_t> sendmsg(const MsgHdr& message, int flags) const noexcept;

  // Sends `length` bytes of `file` from `offset` on, or all that one call can (0x7ffff000), without
  // copying them through memory of ours; the position of `file` stays as it is. 0 at its end.
  // invalid_argument if `file` is not of a kind that can be mapped. Blocks SIGPIPE in this thread
  // meanwhile: sendfile(2) has no flag against it.
  Result<std::size_t> sendfile(BorrowedFd file, std::uint64_t offset,
                               std::optional<std::size_t> length = std::nullopt) const noexcept;

 protected:
  using SocketHandle::SocketHandle;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_SOCKET_TRANSFER_H_
