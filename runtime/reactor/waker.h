// Waker: ends another thread's poll.
//
// Spec: reactor.md W-1..W-4, M-21..M-25.
//
// An eventfd, registered for reading. Each wake() writes to it, and every write is a new edge
// although nobody ever reads: the counter is only emptied when it is full. One Waker per Poll at a
// time. Keep it alive as long as somebody sleeps in the poll.

#ifndef WEFT_RUNTIME_REACTOR_WAKER_H_
#define WEFT_RUNTIME_REACTOR_WAKER_H_

#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/registry.h>
#include <weft/runtime/reactor/selector.h>
#include <weft/runtime/reactor/token.h>
#include <weft/runtime/ref_counted.h>

namespace weft::runtime::reactor {

class Waker {
 public:
  // Fails with file_exists if the Poll has a Waker, made from whichever of its registries.
  static Result<Waker> create(Registry& registry, Token token);

  Waker(Waker&&) noexcept = default;
  Waker& operator=(Waker&& other) noexcept;
  ~Waker() { release(); }

  // The poll that is under way, or else the next one, brings an event with the waker's token,
  // readable. Several wakes may become one event. From any thread.
  Result<void> wake() const noexcept;

 private:
  Waker(OwnedFd event, RefPtr<internal::Identity> selector) noexcept
      : event_(std::move(event)), selector_(std::move(selector)) {}

  void release() noexcept;

  OwnedFd event_;
  RefPtr<internal::Identity> selector_;  // null after a move
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_WAKER_H_
