// Listener: what accepts connections, of whatever kind.
//
// Spec: net.md C-15.
//
//   // Accepts a number of connections, of TCP or of a unix socket.
//   template <net::Listener L>
//   Task<int> accept_some(L& listener, int wanted) {
//     int count = 0;
//     while (count < wanted) {
//       const auto accepted = co_await listener.accept();
//       if (!accepted) break;
//       ++count;
//     }
//     co_return count;
//   }

#ifndef WEFT_NET_LISTENER_H_
#define WEFT_NET_LISTENER_H_

#include <concepts>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>

namespace weft::net {

// What accept() yields: a Result of a stream and the peer's address.
template <class L>
using Accepted = AwaitResult<decltype(std::declval<L&>().accept())>;

template <class L>
concept Listener = requires(L& listener, Context& cx) {
  listener.accept();
  { listener.poll_accept(cx) } -> std::same_as<Poll<Accepted<L>>>;
  { listener.local_addr() } -> std::same_as<Result<typename Accepted<L>::value_type::second_type>>;
};

}  // namespace weft::net

#endif  // WEFT_NET_LISTENER_H_
