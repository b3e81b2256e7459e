// The owned halves of a TcpStream. Interface: tcp_owned_halves.h.

#include <weft/net/tcp_owned_halves.h>

namespace weft::net {

std::pair<TcpOwnedReadHalf, TcpOwnedWriteHalf> internal::SharedTcpStream::split(TcpStream whole) {
  RefPtr<SharedTcpStream> shared = make_ref<SharedTcpStream>(std::move(whole));
  TcpOwnedReadHalf reader(shared);
  TcpOwnedWriteHalf writer(std::move(shared));
  return {std::move(reader), std::move(writer)};
}

Result<TcpStream, TcpReuniteError> TcpOwnedReadHalf::reunite(TcpOwnedWriteHalf&& other) && {
  if (!(shared_ == other.shared_)) {
    return Err(TcpReuniteError{std::move(*this), std::move(other)});
  }
  std::move(other).forget();
  const RefPtr<internal::SharedTcpStream> last = std::move(shared_);
  return std::move(last->stream);
}

Result<TcpStream, TcpReuniteError> TcpOwnedWriteHalf::reunite(TcpOwnedReadHalf&& other) && {
  return std::move(other).reunite(std::move(*this));
}

TcpOwnedWriteHalf& TcpOwnedWriteHalf::operator=(TcpOwnedWriteHalf&& other) noexcept {
  if (this == &other) return *this;
  end_writing();
  shared_ = std::move(other.shared_);
  is_shut_down_ = other.is_shut_down_;
  return *this;
}

Result<void> TcpOwnedWriteHalf::shutdown_write() noexcept {
  const Result<void> done = stream().shutdown_write();
  if (done) is_shut_down_ = true;
  return done;
}

void TcpOwnedWriteHalf::end_writing() noexcept {
  if (!shared_ || is_shut_down_) return;
  // A destructor has nobody to tell.
  static_cast<void>(shared_->stream.shutdown_write());
}

}  // namespace weft::net
