// TcpReadHalf, TcpWriteHalf: the two directions of a TcpStream that somebody else keeps.
//
// Spec: net.md C-12, N-15.
//
// A pair of references: they allocate nothing, and must not outlive the stream or its next move.
// For halves that go to different tasks: tcp_owned_halves.h.
//
//   auto [reader, writer] = stream.split();
//   auto [read, written] = co_await join(reader.read(in), writer.write_all(out));

#ifndef WEFT_NET_TCP_SPLIT_H_
#define WEFT_NET_TCP_SPLIT_H_

#include <weft/base/result.h>
#include <weft/net/internal/stream_members.h>
#include <weft/net/socket_addr.h>
#include <weft/net/tcp_stream.h>

namespace weft::net {

// Copyable: copies refer to the same stream.
class TcpReadHalf : public internal::ReadinessMembers<TcpReadHalf>,
                    public internal::ReadMembers<TcpReadHalf> {
 public:
  Result<SocketAddr> local_addr() const noexcept { return stream_->local_addr(); }
  Result<SocketAddr> peer_addr() const noexcept { return stream_->peer_addr(); }

 private:
  friend class internal::ReadinessMembers<TcpReadHalf>;
  friend class internal::ReadMembers<TcpReadHalf>;
  friend class TcpStream;
  explicit TcpReadHalf(TcpStream& stream) noexcept : stream_(&stream) {}
  const weft::internal::IoRegistration& registration() const noexcept {
    return stream_->registration();
  }

  TcpStream* stream_;
};

// Copyable: copies refer to the same stream. Destroying it ends nothing.
class TcpWriteHalf : public internal::ReadinessMembers<TcpWriteHalf>,
                     public internal::WriteMembers<TcpWriteHalf> {
 public:
  Result<SocketAddr> local_addr() const noexcept { return stream_->local_addr(); }
  Result<SocketAddr> peer_addr() const noexcept { return stream_->peer_addr(); }

 private:
  friend class internal::ReadinessMembers<TcpWriteHalf>;
  friend class internal::WriteMembers<TcpWriteHalf>;
  friend class TcpStream;
  explicit TcpWriteHalf(TcpStream& stream) noexcept : stream_(&stream) {}
  const weft::internal::IoRegistration& registration() const noexcept {
    return stream_->registration();
  }
  Result<void> shutdown_write() noexcept { return stream_->shutdown_write(); }

  TcpStream* stream_;
};

}  // namespace weft::net

#endif  // WEFT_NET_TCP_SPLIT_H_
