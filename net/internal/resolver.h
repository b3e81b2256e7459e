// resolve_name: the addresses of a host, from the outside world.
//
// Spec: net.md L-1, L-2.
//
// What lookup_host() does with a name that is no address. There are two of it, of which the build
// has one: internal/system/ asks getaddrinfo(3) on the blocking pool; internal/cares/, with the
// option WEFT_CARES, has c-ares ask the name servers, over sockets that the runtime watches.

#ifndef WEFT_NET_INTERNAL_RESOLVER_H_
#define WEFT_NET_INTERNAL_RESOLVER_H_

#include <cstdint>
#include <string>
#include <vector>

#include <weft/base/result.h>
#include <weft/net/socket_addr.h>
#include <weft/runtime/task.h>

namespace weft::net::internal {

// `host` has no zero in it. All its addresses, with `port`, those first that are best to try.
// Errors and the runtime: see lookup_host().
Task<Result<std::vector<SocketAddr>>> resolve_name(std::string host, std::uint16_t port);

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_RESOLVER_H_
