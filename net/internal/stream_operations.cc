// SendVectored: a gathering send. Interface: stream_operations.h.

#include <weft/net/internal/stream_operations.h>

#include <algorithm>
#include <climits>

namespace weft::net::internal {

// writev() has no flags, and a stream whose peer is gone would raise SIGPIPE.
Result<std::size_t> SendVectored::attempt(BorrowedFd fd) noexcept {
  const std::span<const ::iovec> slices = io::as_iovecs(data_);
  ::msghdr message{};
  // SAFETY(cast): msghdr serves both directions, so it has no const; sendmsg() only reads.
  message.msg_iov = const_cast<::iovec*>(slices.data());
  message.msg_iovlen = std::min<std::size_t>(slices.size(), IOV_MAX);
  return sys::sendmsg(fd, message, 0);
}

}  // namespace weft::net::internal
