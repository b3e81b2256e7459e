// Waker: ends another thread's poll.
//
// Spec: reactor.md W-1..W-7, M-21..M-25.
//
// An eventfd in epoll, a user's event in kqueue, a note for poll(2). One Waker per Poll at a time,
// counted over all clones of its registry. Keep it alive as long as somebody sleeps in the poll.
//
//   // Waits until the other thread says so.
//   Result<void> wait_for_signal(reactor::Poll& poll) {
//     constexpr reactor::Token kSignal{0};
//     const Result<reactor::Waker> waker = reactor::Waker::create(poll.registry(), kSignal);
//     if (!waker) return Err(waker.error());
//     Result<void> woken;
//     std::thread other([&] { woken = waker->wake(); });
//     reactor::Events events(1);
//     Result<void> polled = poll.poll(events, std::nullopt);
//     other.join();
//     return woken ? polled : woken;
//   }

#ifndef WEFT_RUNTIME_REACTOR_WAKER_H_
#define WEFT_RUNTIME_REACTOR_WAKER_H_

#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/reactor/internal/identity.h>
#include <weft/runtime/reactor/internal/wake_source.h>
#include <weft/runtime/reactor/registry.h>
#include <weft/runtime/reactor/token.h>
#include <weft/runtime/ref_counted.h>

namespace weft::runtime::reactor {

class Waker {
 public:
  // Fails with file_exists if the Poll has a Waker, made from whichever of its registries; with
  // too_many_files_open and the like.
  static Result<Waker> create(Registry& registry, Token token);

  Waker(Waker&&) noexcept = default;
  Waker& operator=(Waker&& other) noexcept;
  ~Waker() { release(); }

  // The poll that is under way, or else the next one, brings an event with the waker's token,
  // readable. Several wakes may become one event. From any thread.
  Result<void> wake() const noexcept { return source_.wake(); }

 private:
  Waker(internal::WakeSource source, RefPtr<internal::Identity> selector) noexcept
      : source_(std::move(source)), selector_(std::move(selector)) {}

  void release() noexcept;

  internal::WakeSource source_;
  RefPtr<internal::Identity> selector_;  // null after a move
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_WAKER_H_
