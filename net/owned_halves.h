// OwnedReadHalf, OwnedWriteHalf: the two directions of a stream, owned together.
//
// Spec: net.md C-12, N-5..N-7, N-38.
//
// The halves may live in different tasks; the connection is closed when both are gone. Destroying
// the write half ends the writing side, so that the peer reads to the end, unless it was shut down
// before, forget() was called, or reunite() made the stream whole again. Destroying the read half
// ends nothing.
//
// Their names are TcpOwnedReadHalf, UnixOwnedReadHalf and so on.
//
//   // Sends from a task of its own; when that has ended, the peer has read to the end.
//   Task<Result<std::size_t>> talk(net::UnixStream stream, std::span<char> answer) {
//     auto [reader, writer] = std::move(stream).into_split();
//     auto sending = spawn(send_everything(std::move(writer)));
//     const Result<std::size_t> read = co_await reader.read_exact(answer);
//     const auto sent = co_await sending;
//     if (!sent) co_return Err(Errc::cancelled);
//     co_return read;
//   }

#ifndef WEFT_NET_OWNED_HALVES_H_
#define WEFT_NET_OWNED_HALVES_H_

#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/net/internal/socket_access.h>
#include <weft/net/internal/stream_members.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/ref_counted.h>

namespace weft::net {

template <class Stream>
class OwnedReadHalf;
template <class Stream>
class OwnedWriteHalf;
template <class Stream>
struct ReuniteError;

namespace internal {

// What the halves own.
template <class Stream>
class SharedStream : public RefCounted<SharedStream<Stream>> {
 public:
  explicit SharedStream(Stream whole) noexcept : stream(std::move(whole)) {}
  // Throws std::bad_alloc.
  static std::pair<OwnedReadHalf<Stream>, OwnedWriteHalf<Stream>> split(Stream&& whole);

  Stream stream;
};

}  // namespace internal

// The reading functions of the stream: see its own documentation.
template <class Stream>
class [[nodiscard]] OwnedReadHalf : public internal::ReadinessMembers<OwnedReadHalf<Stream>>,
                                    public internal::ReadMembers<OwnedReadHalf<Stream>>,
                                    public internal::PeekMembers<OwnedReadHalf<Stream>> {
 public:
  OwnedReadHalf(OwnedReadHalf&&) noexcept = default;
  OwnedReadHalf& operator=(OwnedReadHalf&&) noexcept = default;

  // The whole stream again. If the halves are of different streams they come back in the error.
  Result<Stream, ReuniteError<Stream>> reunite(OwnedWriteHalf<Stream>&& other) &&;

  auto local_addr() const noexcept { return stream().local_addr(); }
  auto peer_addr() const noexcept { return stream().peer_addr(); }

 private:
  friend class internal::SocketAccess;
  friend class internal::SharedStream<Stream>;
  friend class OwnedWriteHalf<Stream>;
  using Shared = RefPtr<internal::SharedStream<Stream>>;
  explicit OwnedReadHalf(Shared shared) noexcept : shared_(std::move(shared)) {}

  Stream& stream() const noexcept {
    WEFT_CHECK(shared_, "the owned read half of a stream was used that had been moved from");
    return shared_->stream;
  }
  const weft::internal::IoRegistration& registration() const noexcept {
    return internal::SocketAccess::registration(stream());
  }

  Shared shared_;  // null when moved from
};

// The writing functions of the stream: see its own documentation.
template <class Stream>
class [[nodiscard]] OwnedWriteHalf : public internal::ReadinessMembers<OwnedWriteHalf<Stream>>,
                                     public internal::WriteMembers<OwnedWriteHalf<Stream>> {
 public:
  OwnedWriteHalf(OwnedWriteHalf&&) noexcept = default;
  OwnedWriteHalf& operator=(OwnedWriteHalf&& other) noexcept;
  ~OwnedWriteHalf() { end_writing(); }

  // Destroys the half without ending the writing side.
  void forget() && noexcept { shared_.reset(); }

  // As OwnedReadHalf's.
  Result<Stream, ReuniteError<Stream>> reunite(OwnedReadHalf<Stream>&& other) && {
    return std::move(other).reunite(std::move(*this));
  }

  auto local_addr() const noexcept { return stream().local_addr(); }
  auto peer_addr() const noexcept { return stream().peer_addr(); }

 private:
  friend class internal::SocketAccess;
  friend class internal::SharedStream<Stream>;
  friend class OwnedReadHalf<Stream>;
  using Shared = RefPtr<internal::SharedStream<Stream>>;
  explicit OwnedWriteHalf(Shared shared) noexcept : shared_(std::move(shared)) {}

  Stream& stream() const noexcept {
    WEFT_CHECK(shared_, "the owned write half of a stream was used that had been moved from");
    return shared_->stream;
  }
  const weft::internal::IoRegistration& registration() const noexcept {
    return internal::SocketAccess::registration(stream());
  }
  Result<void> shutdown_write() noexcept;
  void end_writing() noexcept;

  Shared shared_;  // null when moved from or forgotten
  bool is_shut_down_ = false;
};

// Two halves that do not belong together.
template <class Stream>
struct ReuniteError {
  OwnedReadHalf<Stream> read;
  OwnedWriteHalf<Stream> write;
};

template <class Stream>
std::pair<OwnedReadHalf<Stream>, OwnedWriteHalf<Stream>> internal::SharedStream<Stream>::split(
    Stream&& whole) {
  RefPtr<SharedStream> shared = make_ref<SharedStream>(std::move(whole));
  OwnedReadHalf<Stream> reader(shared);
  OwnedWriteHalf<Stream> writer(std::move(shared));
  return {std::move(reader), std::move(writer)};
}

template <class Stream>
Result<Stream, ReuniteError<Stream>> OwnedReadHalf<Stream>::reunite(
    OwnedWriteHalf<Stream>&& other) && {
  if (!(shared_ == other.shared_)) {
    return Err(ReuniteError<Stream>{std::move(*this), std::move(other)});
  }
  std::move(other).forget();
  const Shared last = std::move(shared_);
  return std::move(last->stream);
}

template <class Stream>
OwnedWriteHalf<Stream>& OwnedWriteHalf<Stream>::operator=(OwnedWriteHalf&& other) noexcept {
  if (this == &other) return *this;
  end_writing();
  shared_ = std::move(other.shared_);
  is_shut_down_ = other.is_shut_down_;
  return *this;
}

template <class Stream>
Result<void> OwnedWriteHalf<Stream>::shutdown_write() noexcept {
  const Result<void> done = internal::SocketAccess::shutdown_write(stream());
  if (done) is_shut_down_ = true;
  return done;
}

template <class Stream>
void OwnedWriteHalf<Stream>::end_writing() noexcept {
  if (!shared_ || is_shut_down_) return;
  // A destructor has nobody to tell.
  static_cast<void>(internal::SocketAccess::shutdown_write(shared_->stream));
}

}  // namespace weft::net

#endif  // WEFT_NET_OWNED_HALVES_H_
