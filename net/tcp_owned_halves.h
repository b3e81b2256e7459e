// TcpOwnedReadHalf, TcpOwnedWriteHalf: the two directions of a TcpStream, owned together.
//
// Spec: net.md C-12, N-5..N-7.
//
// The halves may live in different tasks; the connection is closed when both are gone. Destroying
// the write half ends the writing side, so that the peer reads to the end, unless it was shut down
// before, forget() was called, or reunite() made the stream whole again. Destroying the read half
// ends nothing.
//
//   auto [reader, writer] = std::move(stream).into_split();
//   spawn(send_everything(std::move(writer)));

#ifndef WEFT_NET_TCP_OWNED_HALVES_H_
#define WEFT_NET_TCP_OWNED_HALVES_H_

#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/net/internal/stream_members.h>
#include <weft/net/socket_addr.h>
#include <weft/net/tcp_stream.h>
#include <weft/runtime/ref_counted.h>

namespace weft::net {

class TcpOwnedReadHalf;
class TcpOwnedWriteHalf;
struct TcpReuniteError;

namespace internal {

// What the halves own.
class SharedTcpStream : public RefCounted<SharedTcpStream> {
 public:
  explicit SharedTcpStream(TcpStream whole) noexcept : stream(std::move(whole)) {}
  static std::pair<TcpOwnedReadHalf, TcpOwnedWriteHalf> split(TcpStream whole);

  TcpStream stream;
};

}  // namespace internal

class [[nodiscard]] TcpOwnedReadHalf : public internal::ReadinessMembers<TcpOwnedReadHalf>,
                                       public internal::ReadMembers<TcpOwnedReadHalf> {
 public:
  TcpOwnedReadHalf(TcpOwnedReadHalf&&) noexcept = default;
  TcpOwnedReadHalf& operator=(TcpOwnedReadHalf&&) noexcept = default;

  // The whole stream again. If the halves are of different streams they come back in the error.
  Result<TcpStream, TcpReuniteError> reunite(TcpOwnedWriteHalf&& other) &&;

  Result<SocketAddr> local_addr() const noexcept { return stream().local_addr(); }
  Result<SocketAddr> peer_addr() const noexcept { return stream().peer_addr(); }

 private:
  friend class internal::ReadinessMembers<TcpOwnedReadHalf>;
  friend class internal::ReadMembers<TcpOwnedReadHalf>;
  friend class internal::SharedTcpStream;
  friend class TcpOwnedWriteHalf;
  explicit TcpOwnedReadHalf(RefPtr<internal::SharedTcpStream> shared) noexcept
      : shared_(std::move(shared)) {}

  TcpStream& stream() const noexcept {
    WEFT_CHECK(shared_, "a TcpOwnedReadHalf was used that had been moved from");
    return shared_->stream;
  }
  const weft::internal::IoRegistration& registration() const noexcept {
    return stream().registration();
  }

  RefPtr<internal::SharedTcpStream> shared_;  // null when moved from
};

class [[nodiscard]] TcpOwnedWriteHalf : public internal::ReadinessMembers<TcpOwnedWriteHalf>,
                                        public internal::WriteMembers<TcpOwnedWriteHalf> {
 public:
  TcpOwnedWriteHalf(TcpOwnedWriteHalf&&) noexcept = default;
  TcpOwnedWriteHalf& operator=(TcpOwnedWriteHalf&& other) noexcept;
  ~TcpOwnedWriteHalf() { end_writing(); }

  // Destroys the half without ending the writing side.
  void forget() && noexcept { shared_.reset(); }

  // As TcpOwnedReadHalf's.
  Result<TcpStream, TcpReuniteError> reunite(TcpOwnedReadHalf&& other) &&;

  Result<SocketAddr> local_addr() const noexcept { return stream().local_addr(); }
  Result<SocketAddr> peer_addr() const noexcept { return stream().peer_addr(); }

 private:
  friend class internal::ReadinessMembers<TcpOwnedWriteHalf>;
  friend class internal::WriteMembers<TcpOwnedWriteHalf>;
  friend class internal::SharedTcpStream;
  friend class TcpOwnedReadHalf;
  explicit TcpOwnedWriteHalf(RefPtr<internal::SharedTcpStream> shared) noexcept
      : shared_(std::move(shared)) {}

  TcpStream& stream() const noexcept {
    WEFT_CHECK(shared_, "a TcpOwnedWriteHalf was used that had been moved from");
    return shared_->stream;
  }
  const weft::internal::IoRegistration& registration() const noexcept {
    return stream().registration();
  }
  Result<void> shutdown_write() noexcept;
  void end_writing() noexcept;

  RefPtr<internal::SharedTcpStream> shared_;  // null when moved from or forgotten
  bool is_shut_down_ = false;
};

// Two halves that do not belong together.
struct TcpReuniteError {
  TcpOwnedReadHalf read;
  TcpOwnedWriteHalf write;
};

}  // namespace weft::net

#endif  // WEFT_NET_TCP_OWNED_HALVES_H_
