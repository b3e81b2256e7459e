// SeqpacketConnections. Interface: unix_seqpacket_listener.h.

#include <weft/net/unix_seqpacket_listener.h>

#include <utility>

#include <weft/net/internal/unix_maker.h>
#include <weft/runtime/driver/io_record.h>

namespace weft::net::internal {

Result<UnixSeqpacket> SeqpacketConnections::make(OwnedFd&& connection, std::source_location where) {
  return UnixMaker::make<UnixSeqpacket>(std::move(connection), weft::internal::IoKind::kStream,
                                        where);
}

}  // namespace weft::net::internal
