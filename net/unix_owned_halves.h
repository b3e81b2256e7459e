// UnixOwnedReadHalf, UnixOwnedWriteHalf: the two directions of a UnixStream, for different tasks.
//
// Spec: net.md C-12, N-38. What they do: owned_halves.h.

#ifndef WEFT_NET_UNIX_OWNED_HALVES_H_
#define WEFT_NET_UNIX_OWNED_HALVES_H_

#include <weft/net/owned_halves.h>
#include <weft/net/unix_stream.h>

namespace weft::net {

using UnixOwnedReadHalf = OwnedReadHalf<UnixStream>;
using UnixOwnedWriteHalf = OwnedWriteHalf<UnixStream>;
// Two halves that do not belong together: `read` and `write`.
using UnixReuniteError = ReuniteError<UnixStream>;

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_OWNED_HALVES_H_
