// accept_with_backoff: accept() for loops that must not end and must not spin.
//
// Spec: net.md C-14, N-59.
//
// accept(2) reports three things by its errors. Trouble of one connection, which came and went, or
// of the network it came from: the next may be fine, so it is skipped. Lack of descriptors or
// memory: it would fail again at once, and the connection stays in the queue, so we wait, twice as
// long each time; no event would say that a descriptor is free again. Everything else is a broken
// listener, and is the caller's.
//
//   // Serves for as long as the listener lasts, whatever happens to single connections.
//   Task<Error> serve_all(net::TcpListener listener) {
//     for (;;) {
//       auto accepted = co_await net::accept_with_backoff(listener);
//       if (!accepted) co_return accepted.error();
//       spawn(greet(std::move(accepted->first)));
//     }
//   }

#ifndef WEFT_NET_ACCEPT_BACKOFF_H_
#define WEFT_NET_ACCEPT_BACKOFF_H_

#include <algorithm>
#include <chrono>

#include <weft/base/error.h>
#include <weft/net/listener.h>
#include <weft/runtime/task.h>
#include <weft/time/sleep.h>

namespace weft::net {

// How long to wait when there are no descriptors or no memory left: `initial` at first, then twice
// as long each time until `max`.
struct AcceptBackoff {
  std::chrono::nanoseconds initial = std::chrono::milliseconds(10);
  std::chrono::nanoseconds max = std::chrono::seconds(1);
};

// What an error of accept(2) asks for.
enum class AcceptTrouble {
  kSkip,    // that connection is lost; accept the next
  kWait,    // try again later
  kBroken,  // the listener will not accept any more
};
AcceptTrouble classify_accept_error(Error error) noexcept;

// Yields what accept() yields, but only after it has skipped and waited as above. Needs a runtime
// with timers once it has to wait. The listener has to outlive it. Cancel safe.
template <Listener L>
Task<Accepted<L>> accept_with_backoff(L& listener, AcceptBackoff backoff = {}) {
  std::chrono::nanoseconds delay = backoff.initial;
  for (;;) {
    Accepted<L> accepted = co_await listener.accept();
    if (accepted) co_return accepted;
    switch (classify_accept_error(accepted.error())) {
      case AcceptTrouble::kSkip:
        break;
      case AcceptTrouble::kWait:
        co_await time::sleep(std::min(delay, backoff.max));
        delay = std::min(2 * delay, backoff.max);
        break;
      case AcceptTrouble::kBroken:
        co_return accepted;
    }
  }
}

}  // namespace weft::net

#endif  // WEFT_NET_ACCEPT_BACKOFF_H_
