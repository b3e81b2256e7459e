// UnixSeqpacketListener: accepts connections of messages from processes on the same machine.
//
// Spec: net.md, C-13..C-15, section 1; N-72.
//
// As a UnixListener, of which it differs only in what it accepts: the file that a path names stays
// when the listener is gone, and an abstract name leaves nothing behind.
//
//   Task<Result<std::size_t>> echo_one(const net::UnixSeqpacketListener& listener) {
//     auto accepted = co_await net::accept_with_backoff(listener);
//     if (!accepted) co_return Err(accepted.error());
//     auto& [connection, client] = *accepted;
//     std::array<char, 64> room;
//     const Result<std::size_t> size = co_await connection.recv(room);
//     if (!size) co_return size;
//     co_return co_await connection.send(std::string_view(room.data(), *size));
//   }

#ifndef WEFT_NET_UNIX_SEQPACKET_LISTENER_H_
#define WEFT_NET_UNIX_SEQPACKET_LISTENER_H_

#include <source_location>
#include <sys/socket.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/internal/unix_listener_members.h>
#include <weft/net/internal/unix_maker.h>
#include <weft/net/unix_seqpacket.h>
#include <weft/net/unix_socket_addr.h>

namespace weft::net {

namespace internal {

struct SeqpacketConnections {
  static constexpr int kType = SOCK_SEQPACKET;
  using Stream = UnixSeqpacket;
  using Address = UnixSocketAddr;
  static Result<UnixSeqpacket> make(OwnedFd&& connection, std::source_location where);
};

}  // namespace internal

// Binding, accepting and the rest: internal/unix_listener_members.h. Any number of tasks may accept
// at the same time. Moving, destroying and the && functions need the listener for themselves.
class [[nodiscard]] UnixSeqpacketListener
    : public internal::UnixListenerMembers<UnixSeqpacketListener, internal::SeqpacketConnections> {
  friend class internal::UnixMaker;
  using UnixListenerMembers::UnixListenerMembers;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_SEQPACKET_LISTENER_H_
