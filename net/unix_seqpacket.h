// UnixSeqpacket: a connection to a process on the same machine that keeps messages apart.
//
// Spec: net.md X-6, C-6, U-3, U-6, section 1; N-72..N-76.
//
// It is made as a UnixStream is, by connecting to a listener, and has an end; but what one send()
// sends is what one recv() receives, as with a UnixDatagram. So a protocol of messages needs no
// lengths and no buffers, and descriptors that are sent along stay with their message.
//
//   Task<Result<std::size_t>> ask(net::UnixSocketAddr server, std::span<char> answer) {
//     auto connection = co_await net::UnixSeqpacket::connect_addr(server);
//     if (!connection) co_return Err(connection.error());
//     const Result<std::size_t> sent = co_await connection->send("how are you?");
//     if (!sent) co_return sent;
//     co_return co_await connection->recv(answer);
//   }

#ifndef WEFT_NET_UNIX_SEQPACKET_H_
#define WEFT_NET_UNIX_SEQPACKET_H_

#include <sys/socket.h>

#include <weft/base/result.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/internal/datagram_members.h>
#include <weft/net/internal/unix_connection_members.h>
#include <weft/net/shutdown.h>

namespace weft::net {

// Connecting, addresses and closing: internal/unix_connection_members.h. Sending and receiving:
// internal/datagram_members.h, and for what comes with a message
// ancillary/internal/message_members.h. What differs from datagrams:
//   - Receiving 0 bytes is the end: the peer has closed, or ended sending, and nothing is left. An
//     empty message looks the same, so a protocol does without.
//   - A message that is longer than the buffer is cut off; recv_message() says so (is_truncated).
//   - Sending waits while the peer's queue is full. It fails with broken_pipe if the peer is gone,
//     with message_size if the message is longer than the socket's buffer (SO_SNDBUF).
// Any number of tasks may use it at the same time. Moving, destroying and the && functions need it
// for themselves.
class [[nodiscard]] UnixSeqpacket
    : public internal::UnixConnectionMembers<UnixSeqpacket, SOCK_SEQPACKET>,
      public internal::ReadinessMembers<UnixSeqpacket>,
      public internal::DatagramSendMembers<UnixSeqpacket>,
      public internal::DatagramReceiveMembers<UnixSeqpacket>,
      public internal::MessageMembers<UnixSeqpacket> {
 public:
  // Ends receiving, sending, or both. The peer receives what was sent before, and then the end.
  Result<void> shutdown(Shutdown how) const noexcept;

 private:
  friend class internal::SocketAccess;
  friend class internal::UnixMaker;
  using UnixConnectionMembers::UnixConnectionMembers;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_SEQPACKET_H_
