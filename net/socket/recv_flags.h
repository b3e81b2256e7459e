// RecvFlags: what recvmsg(2) says about what it received.
//
// Spec: S-K9.
//
//   // One datagram of at most `most` bytes; a longer one is refused, and gone.
//   Result<std::string> receive_at_most(const net::Socket& socket, std::size_t most) {
//     std::string text(most, '\0');
//     std::array slices{io::IoSliceMut(std::span<char>(text))};
//     const auto got = socket.recv_vectored(std::span<io::IoSliceMut>(slices));
//     if (!got) return Err(got.error());
//     const auto [size, flags] = *got;
//     if (flags.is_truncated()) return Err(std::errc::message_size);
//     text.resize(size);
//     return text;
//   }

#ifndef WEFT_NET_SOCKET_RECV_FLAGS_H_
#define WEFT_NET_SOCKET_RECV_FLAGS_H_

#include <sys/socket.h>

namespace weft::net {

// A plain value. Bits without a function here are kept and mean nothing: Linux echoes
// MSG_CMSG_CLOEXEC.
class RecvFlags {
 public:
  constexpr RecvFlags() noexcept = default;
  explicit constexpr RecvFlags(int raw) noexcept : raw_(raw) {}

  constexpr int raw() const noexcept { return raw_; }

  // The datagram was longer than the room: the rest is lost.
  constexpr bool is_truncated() const noexcept { return has(MSG_TRUNC); }
  // The control data was longer than the room: the rest is lost.
  constexpr bool is_control_truncated() const noexcept { return has(MSG_CTRUNC); }
  // A record ends here (SOCK_SEQPACKET).
  constexpr bool is_end_of_record() const noexcept { return has(MSG_EOR); }
  constexpr bool is_out_of_band() const noexcept { return has(MSG_OOB); }
  // It comes from the socket's error queue (MSG_ERRQUEUE).
  constexpr bool is_error_queue() const noexcept { return has(MSG_ERRQUEUE); }
  // AF_CAN: it was sent through this very socket, and by this machine, respectively.
  constexpr bool is_confirm() const noexcept { return has(MSG_CONFIRM); }
  constexpr bool is_dontroute() const noexcept { return has(MSG_DONTROUTE); }

  friend constexpr bool operator==(RecvFlags, RecvFlags) noexcept = default;

 private:
  constexpr bool has(int flag) const noexcept { return (raw_ & flag) != 0; }

  int raw_ = 0;
};

}  // namespace weft::net

#endif  // WEFT_NET_SOCKET_RECV_FLAGS_H_
