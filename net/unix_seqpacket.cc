// UnixSeqpacket. Interface: unix_seqpacket.h.
//
// Its operations are those of datagrams, of which none takes a short transfer for the end of what
// is there.

#include <weft/net/unix_seqpacket.h>

#include <weft/base/sys.h>

namespace weft::net {

Result<void> UnixSeqpacket::shutdown(Shutdown how) const noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return sys::shutdown(fd, static_cast<int>(how)); });
}

}  // namespace weft::net
