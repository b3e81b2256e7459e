// UnixStream: a connection to a process on the same machine.
//
// Spec: net.md section 4, C-6, C-10..C-12, section 1; N-33..N-38, N-60.
//
// As a TcpStream, but for its addresses, for the credentials of the peer, and that connecting ends
// at once, well or badly.
//
//   // Connects as soon as the server has room for it.
//   Task<Result<net::UnixStream>> greet(net::UnixSocketAddr server) {
//     auto stream = co_await net::UnixStream::connect_with_backoff(server);
//     if (!stream) co_return Err(stream.error());
//     const Result<void> written = co_await stream->write_all("hello\n");
//     if (!written) co_return Err(written.error());
//     co_return stream;
//   }

#ifndef WEFT_NET_UNIX_STREAM_H_
#define WEFT_NET_UNIX_STREAM_H_

#include <sys/socket.h>
#include <utility>

#include <weft/base/result.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/internal/stream_members.h>
#include <weft/net/internal/unix_connection_members.h>

namespace weft::net {

// The halves: unix_split.h, unix_owned_halves.h.
template <class Stream>
class OwnedReadHalf;
template <class Stream>
class OwnedWriteHalf;
template <class Stream>
class ReadHalf;
template <class Stream>
class WriteHalf;

// Connecting, addresses and closing: internal/unix_connection_members.h. Reading, writing and
// waiting: internal/stream_members.h. Moving, destroying and the && functions need the stream for
// themselves.
class [[nodiscard]] UnixStream : public internal::UnixConnectionMembers<UnixStream, SOCK_STREAM>,
                                 public internal::ReadinessMembers<UnixStream>,
                                 public internal::ReadMembers<UnixStream>,
                                 public internal::PeekMembers<UnixStream>,
                                 public internal::WriteMembers<UnixStream>,
                                 public internal::MessageMembers<UnixStream> {
 public:
  // Borrows the stream for both halves, which must not outlive it.
  std::pair<ReadHalf<UnixStream>, WriteHalf<UnixStream>> split() noexcept;
  // Halves that own the stream together and may go to different tasks. Throws std::bad_alloc.
  std::pair<OwnedReadHalf<UnixStream>, OwnedWriteHalf<UnixStream>> into_split() &&;

 private:
  friend class internal::SocketAccess;
  friend class internal::UnixMaker;
  using UnixConnectionMembers::UnixConnectionMembers;

  Result<void> shutdown_write() const noexcept;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_STREAM_H_
