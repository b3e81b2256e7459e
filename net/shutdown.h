// Shutdown: which directions of a socket to end.
//
// Spec: S-O3; net.md section 4.

#ifndef WEFT_NET_SHUTDOWN_H_
#define WEFT_NET_SHUTDOWN_H_

#include <sys/socket.h>

namespace weft::net {

// The numbers are shutdown(2)'s.
enum class Shutdown : int {
  kRead = SHUT_RD,    // receiving ends: a read that waits gives 0
  kWrite = SHUT_WR,   // sending ends: the peer reads to the end of the stream
  kBoth = SHUT_RDWR,  // both
};

}  // namespace weft::net

#endif  // WEFT_NET_SHUTDOWN_H_
