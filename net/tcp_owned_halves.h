// TcpOwnedReadHalf, TcpOwnedWriteHalf: the two directions of a TcpStream, for different tasks.
//
// Spec: net.md C-12, N-5..N-7. What they do: owned_halves.h.

#ifndef WEFT_NET_TCP_OWNED_HALVES_H_
#define WEFT_NET_TCP_OWNED_HALVES_H_

#include <weft/net/owned_halves.h>
#include <weft/net/tcp_stream.h>

namespace weft::net {

using TcpOwnedReadHalf = OwnedReadHalf<TcpStream>;
using TcpOwnedWriteHalf = OwnedWriteHalf<TcpStream>;
// Two halves that do not belong together: `read` and `write`.
using TcpReuniteError = ReuniteError<TcpStream>;

}  // namespace weft::net

#endif  // WEFT_NET_TCP_OWNED_HALVES_H_
