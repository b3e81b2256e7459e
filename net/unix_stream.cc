// UnixStream. Interface: unix_stream.h.

#include <weft/net/unix_stream.h>

#include <sys/socket.h>

#include <weft/base/sys.h>
#include <weft/net/unix_owned_halves.h>
#include <weft/net/unix_split.h>

namespace weft::net {

std::pair<UnixReadHalf, UnixWriteHalf> UnixStream::split() noexcept {
  return {UnixReadHalf(*this), UnixWriteHalf(*this)};
}

std::pair<UnixOwnedReadHalf, UnixOwnedWriteHalf> UnixStream::into_split() && {
  return internal::SharedStream<UnixStream>::split(std::move(*this));
}

Result<void> UnixStream::shutdown_write() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return sys::shutdown(fd, SHUT_WR); });
}

}  // namespace weft::net
