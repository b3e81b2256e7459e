// ConnectBackoff: how long to wait for room in the backlog of a unix listener.
//
// Spec: net.md C-6; N-60.
//
// A unix socket does not wait for a listener that has too many connections waiting already, and no
// event tells when there are fewer; so who wants in tries again.

#ifndef WEFT_NET_CONNECT_BACKOFF_H_
#define WEFT_NET_CONNECT_BACKOFF_H_

#include <chrono>

namespace weft::net {

// What connect_with_backoff() waits: `initial` at first, then twice as long each time until `max`.
struct ConnectBackoff {
  std::chrono::nanoseconds initial = std::chrono::milliseconds(1);
  std::chrono::nanoseconds max = std::chrono::milliseconds(100);
};

}  // namespace weft::net

#endif  // WEFT_NET_CONNECT_BACKOFF_H_
