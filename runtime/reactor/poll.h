// Poll: waits until one of many descriptors is ready.
//
// Spec: reactor.md sections 1 and 6.
//
// Usable by itself, without a runtime: register sources with registry(), call poll() in a loop,
// look at the events. Edge-triggered: an event says that something has changed, and is not
// repeated.
//
//   Result<Poll> made = Poll::create();
//   if (!made) return Err(made.error());
//   Events events(128);
//   for (;;) {
//     Result<void> polled = made->poll(events, std::nullopt);
//     if (!polled && polled.error() != std::errc::interrupted) return polled;
//     for (const Event& event : events) handle(event);
//   }

#ifndef WEFT_RUNTIME_REACTOR_POLL_H_
#define WEFT_RUNTIME_REACTOR_POLL_H_

#include <chrono>
#include <optional>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/events.h>
#include <weft/runtime/reactor/registry.h>

namespace weft::runtime::reactor {

class Poll {
 public:
  // Fails with too_many_files_open and the like.
  static Result<Poll> create();

  Registry& registry() noexcept { return registry_; }
  const Registry& registry() const noexcept { return registry_; }

  // Empties `events`, then waits until there is at least one event, or `timeout` has passed: null
  // waits for ever, zero (and less) only looks. Success with no events is a timeout. Fails with
  // interrupted when a signal handler ran. One thread at a time.
  Result<void> poll(Events& events, std::optional<std::chrono::nanoseconds> timeout) noexcept;

  // The selector's own descriptor: readable while there are events, so one Poll can watch another.
  BorrowedFd as_fd() const noexcept { return registry_.selector_.as_fd(); }

 private:
  explicit Poll(Registry registry) noexcept : registry_(std::move(registry)) {}

  Registry registry_;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_POLL_H_
