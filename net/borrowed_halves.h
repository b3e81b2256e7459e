// ReadHalf, WriteHalf: the two directions of a stream that somebody else keeps.
//
// Spec: net.md C-12, N-15.
//
// A pair of references: they allocate nothing, and must not outlive the stream or its next move.
// For halves that go to different tasks: owned_halves.h. Their names are TcpReadHalf, UnixReadHalf
// and so on.
//
//   // Sends a question while it receives, so that neither side waits for the other's buffer.
//   Task<Result<std::size_t>> exchange(net::UnixStream& stream, std::string_view out,
//                                      std::span<char> in) {
//     auto [reader, writer] = stream.split();
//     const auto [read, written] = co_await join(reader.read_exact(in), writer.write_all(out));
//     if (!written) co_return Err(written.error());
//     co_return read;
//   }

#ifndef WEFT_NET_BORROWED_HALVES_H_
#define WEFT_NET_BORROWED_HALVES_H_

#include <weft/base/result.h>
#include <weft/net/internal/socket_access.h>
#include <weft/net/internal/stream_members.h>
#include <weft/runtime/driver/io_registration.h>

namespace weft::net {

// The reading functions of the stream. Copyable: copies refer to the same stream.
template <class Stream>
class ReadHalf : public internal::ReadinessMembers<ReadHalf<Stream>>,
                 public internal::ReadMembers<ReadHalf<Stream>>,
                 public internal::PeekMembers<ReadHalf<Stream>> {
 public:
  auto local_addr() const noexcept { return stream_->local_addr(); }
  auto peer_addr() const noexcept { return stream_->peer_addr(); }

 private:
  friend class internal::SocketAccess;
  friend Stream;
  explicit ReadHalf(Stream& stream) noexcept : stream_(&stream) {}
  const weft::internal::IoRegistration& registration() const noexcept {
    return internal::SocketAccess::registration(*stream_);
  }

  Stream* stream_;
};

// The writing functions of the stream. Copyable: copies refer to the same stream. Destroying it
// ends nothing.
template <class Stream>
class WriteHalf : public internal::ReadinessMembers<WriteHalf<Stream>>,
                  public internal::WriteMembers<WriteHalf<Stream>> {
 public:
  auto local_addr() const noexcept { return stream_->local_addr(); }
  auto peer_addr() const noexcept { return stream_->peer_addr(); }

 private:
  friend class internal::SocketAccess;
  friend Stream;
  explicit WriteHalf(Stream& stream) noexcept : stream_(&stream) {}
  const weft::internal::IoRegistration& registration() const noexcept {
    return internal::SocketAccess::registration(*stream_);
  }
  Result<void> shutdown_write() noexcept {
    return internal::SocketAccess::shutdown_write(*stream_);
  }

  Stream* stream_;
};

}  // namespace weft::net

#endif  // WEFT_NET_BORROWED_HALVES_H_
