// MsgHdr, MsgHdrMut: a message to send, and room to receive one, as sendmsg(2) and recvmsg(2) want
// them.
//
// Spec: S-K7.
//
// Each is a msghdr and nothing else, filled in by name; what is not set is zero, as is the padding,
// which a simulator may look at. They borrow all they are given: addresses, arrays of slices, what
// the slices refer to, and control data have to live until after the call. One may be used for any
// number of calls; see with_control() for what has to be renewed.
//
//   // A header and a body as one datagram, without copying them together.
//   Result<std::size_t> send_both(const net::Socket& socket, std::string_view head,
//                                 std::string_view body, const net::SockAddr& to) {
//     const std::array slices{io::IoSlice(head), io::IoSlice(body)};
//     net::MsgHdr message;
//     message.with_addr(to).with_buffers(slices);
//     return socket.sendmsg(message, 0);
//   }
//
//   // Whether all of the datagram was received; who sent it is in `sender`.
//   Result<bool> receive_whole_datagram(const net::Socket& socket, std::span<char> room,
//                                       net::SockAddr& sender) {
//     std::array slices{io::IoSliceMut(room)};
//     net::MsgHdrMut message;
//     message.with_addr(sender).with_buffers(std::span<io::IoSliceMut>(slices));
//     const Result<std::size_t> size = socket.recvmsg(message, 0);
//     if (!size) return Err(size.error());
//     return !message.flags().is_truncated();
//   }

#ifndef WEFT_NET_SOCKET_MSG_HDR_H_
#define WEFT_NET_SOCKET_MSG_HDR_H_

#include <cstddef>
#include <cstring>
#include <span>
#include <sys/socket.h>
#include <type_traits>

#include <weft/io/io_slice.h>
#include <weft/net/socket/recv_flags.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/socket/uninit_slice.h>

namespace weft::net {

// What to send, and where to. A plain value that refers to others.
class MsgHdr {
 public:
  MsgHdr() noexcept { std::memset(&native_, 0, sizeof native_); }

  MsgHdr& with_addr(const SockAddr& address) noexcept;
  // Sending more than 1024 slices fails with message_size.
  MsgHdr& with_buffers(std::span<const io::IoSlice> buffers) noexcept;
  // Whole control messages: the used part of a buffer, without zeros behind it.
  MsgHdr& with_control(std::span<const std::byte> control) noexcept;
  // The msghdr's own flags, which Linux ignores: those that count are sendmsg()'s.
  MsgHdr& with_flags(int flags) noexcept;

  const ::msghdr& native() const noexcept { return native_; }

 private:
  ::msghdr native_;
};

static_assert(sizeof(MsgHdr) == sizeof(::msghdr) && std::is_standard_layout_v<MsgHdr> &&
              std::is_trivially_copyable_v<MsgHdr>);

// Room for a message, and after receiving what came with it. A plain value that refers to others.
class MsgHdrMut {
 public:
  MsgHdrMut() noexcept { std::memset(&native_, 0, sizeof native_); }

  // Receives the sender's address into `address`, its size included. If the socket gives none, as
  // one that is connected, its size is 0 afterwards.
  MsgHdrMut& with_addr(SockAddr& address) noexcept;
  // No more than the first 1024 slices are filled by one call.
  MsgHdrMut& with_buffers(std::span<io::IoSliceMut> buffers) noexcept;
  MsgHdrMut& with_buffers(std::span<UninitSlice> buffers) noexcept;
  // Receiving replaces the room by what was written: to be set again before the next call.
  MsgHdrMut& with_control(std::span<std::byte> control) noexcept;

  // What recvmsg() said of the message.
  RecvFlags flags() const noexcept { return RecvFlags(native_.msg_flags); }
  // How many bytes of control data were written; before receiving, the room for them.
  std::size_t control_len() const noexcept { return native_.msg_controllen; }

  // For who calls recvmsg(2) otherwise than by Socket::recvmsg(): begin() before each attempt makes
  // the address room of its full size, all zero, and end() after one that succeeded tells the
  // SockAddr how large the address is.
  ::msghdr& begin() noexcept;
  void end() noexcept;

 private:
  SockAddr* address() const noexcept;

  ::msghdr native_;
};

static_assert(sizeof(MsgHdrMut) == sizeof(::msghdr) && std::is_standard_layout_v<MsgHdrMut> &&
              std::is_trivially_copyable_v<MsgHdrMut>);

}  // namespace weft::net

#endif  // WEFT_NET_SOCKET_MSG_HDR_H_
