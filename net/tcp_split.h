// TcpReadHalf, TcpWriteHalf: the two directions of a TcpStream that somebody else keeps.
//
// Spec: net.md C-12, N-15. What they do: borrowed_halves.h.

#ifndef WEFT_NET_TCP_SPLIT_H_
#define WEFT_NET_TCP_SPLIT_H_

#include <weft/net/borrowed_halves.h>
#include <weft/net/tcp_stream.h>

namespace weft::net {

using TcpReadHalf = ReadHalf<TcpStream>;
using TcpWriteHalf = WriteHalf<TcpStream>;

}  // namespace weft::net

#endif  // WEFT_NET_TCP_SPLIT_H_
