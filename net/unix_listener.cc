// UnixConnections. Interface: unix_listener.h.

#include <weft/net/unix_listener.h>

#include <weft/net/internal/unix_maker.h>
#include <weft/runtime/driver/io_record.h>

namespace weft::net::internal {

Result<UnixStream> UnixConnections::make(OwnedFd&& connection, std::source_location where) {
  return UnixMaker::make<UnixStream>(std::move(connection), weft::internal::IoKind::kStream, where);
}

}  // namespace weft::net::internal
