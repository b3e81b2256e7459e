// SocketTransfer. Interface: socket_transfer.h.

#include <weft/net/internal/socket_transfer.h>

#include <algorithm>
#include <array>

#include <weft/base/sys_socket.h>

namespace weft::net::internal {

namespace {

using Sized = SocketTransfer::Sized;
using From = SocketTransfer::From;
using Full = SocketTransfer::Full;

Result<From> receive_from(BorrowedFd fd, std::span<std::byte> room, int flags) noexcept {
  SockAddrStorage storage;
  ::socklen_t size = SockAddrStorage::size();
  const Result<std::size_t> got = sys::recvfrom_once(fd, room, flags, storage.data(), &size);
  if (!got) return Err(got.error());
  return From(*got, SockAddr(storage, std::min<std::size_t>(size, SockAddrStorage::size())));
}

Result<std::size_t> receive_message(BorrowedFd fd, MsgHdrMut& message, int flags) noexcept {
  const Result<std::size_t> got = sys::recvmsg_once(fd, message.begin(), flags);
  if (got) message.end();
  return got;
}

template <class Slice>
Result<Sized> receive_vectored(BorrowedFd fd, std::span<Slice> room, int flags) noexcept {
  MsgHdrMut message;
  message.with_buffers(room);
  return receive_message(fd, message, flags).transform([&](std::size_t size) {
    return Sized(size, message.flags());
  });
}

template <class Slice>
Result<Full> receive_from_vectored(BorrowedFd fd, std::span<Slice> room, int flags) noexcept {
  SockAddr from;
  MsgHdrMut message;
  message.with_addr(from).with_buffers(room);
  return receive_message(fd, message, flags).transform([&](std::size_t size) {
    return Full(size, message.flags(), from);
  });
}

// With MSG_TRUNC the length may be more than there is room for.
std::span<std::byte> written(UninitSlice room, std::size_t size) noexcept {
  return room.filled(std::min(size, room.size()));
}

}  // namespace

Result<std::size_t> SocketTransfer::recv_with_flags(Room room, int flags) const noexcept {
  return sys::recv_once(as_fd(), room, flags);
}

Result<std::span<std::byte>> SocketTransfer::recv_with_flags(UninitSlice room,
                                                             int flags) const noexcept {
  return recv_with_flags(room.filled(room.size()), flags).transform([&](std::size_t size) {
    return written(room, size);
  });
}

Result<From> SocketTransfer::recv_from_with_flags(Room room, int flags) const noexcept {
  return receive_from(as_fd(), room, flags);
}

Result<SocketTransfer::UninitFrom> SocketTransfer::recv_from_with_flags(UninitSlice room,
                                                                        int flags) const noexcept {
  return recv_from_with_flags(room.filled(room.size()), flags).transform([&](const From& from) {
    return UninitFrom(written(room, from.first), from.second);
  });
}

Result<SockAddr> SocketTransfer::peek_sender() const noexcept {
  // Some systems give no address when there is no room for data.
  std::array<std::byte, 8> room;
  return peek_from(Room(room)).transform([](const From& from) { return from.second; });
}

Result<Sized> SocketTransfer::recv_vectored_with_flags(std::span<io::IoSliceMut> room,
                                                       int flags) const noexcept {
  return receive_vectored(as_fd(), room, flags);
}
Result<Sized> SocketTransfer::recv_vectored_with_flags(std::span<UninitSlice> room,
                                                       int flags) const noexcept {
  return receive_vectored(as_fd(), room, flags);
}

Result<Full> SocketTransfer::recv_from_vectored_with_flags(std::span<io::IoSliceMut> room,
                                                           int flags) const noexcept {
  return receive_from_vectored(as_fd(), room, flags);
}
Result<Full> SocketTransfer::recv_from_vectored_with_flags(std::span<UninitSlice> room,
                                                           int flags) const noexcept {
  return receive_from_vectored(as_fd(), room, flags);
}

Result<std::size_t> SocketTransfer::recvmsg(MsgHdrMut& message, int flags) const noexcept {
  return receive_message(as_fd(), message, flags);
}

Result<std::size_t> SocketTransfer::send_with_flags(Bytes bytes, int flags) const noexcept {
  return sys::send_once(as_fd(), bytes, flags);
}

Result<std::size_t> SocketTransfer::send_to_with_flags(Bytes bytes, const SockAddr& to,
                                                       int flags) const noexcept {
  return sys::sendto_once(as_fd(), bytes, flags, to.data(), to.size());
}

Result<std::size_t> SocketTransfer::send_vectored_with_flags(std::span<const io::IoSlice> slices,
                                                             int flags) const noexcept {
  return sendmsg(MsgHdr().with_buffers(slices), flags);
}

Result<std::size_t> SocketTransfer::send_to_vectored_with_flags(std::span<const io::IoSlice> slices,
                                                                const SockAddr& to,
                                                                int flags) const noexcept {
  return sendmsg(MsgHdr().with_addr(to).with_buffers(slices), flags);
}

Result<std::size_t> SocketTransfer::sendmsg(const MsgHdr& message, int flags) const noexcept {
  return sys::sendmsg_once(as_fd(), message.native(), flags);
}

Result<std::size_t> SocketTransfer::sendfile(BorrowedFd file, std::uint64_t offset,
                                             std::optional<std::size_t> length) const noexcept {
  constexpr std::size_t kMostInOneCall = 0x7fff'f000;
  return sys::sendfile_at(as_fd(), file, offset, length.value_or(kMostInOneCall));
}

}  // namespace weft::net::internal
