// UnixReadHalf, UnixWriteHalf: the two directions of a UnixStream that somebody else keeps.
//
// Spec: net.md C-12. What they do: borrowed_halves.h.

#ifndef WEFT_NET_UNIX_SPLIT_H_
#define WEFT_NET_UNIX_SPLIT_H_

#include <weft/net/borrowed_halves.h>
#include <weft/net/unix_stream.h>

namespace weft::net {

using UnixReadHalf = ReadHalf<UnixStream>;
using UnixWriteHalf = WriteHalf<UnixStream>;

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_SPLIT_H_
