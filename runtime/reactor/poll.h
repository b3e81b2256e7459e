// Poll: waits until one of many descriptors is ready.
//
// Spec: reactor.md sections 1 and 6.
//
// Usable by itself, without a runtime: register sources with registry(), call poll() in a loop,
// look at the events. Edge-triggered: an event says that something has changed, and is not
// repeated.
//
//   using Handler = std::function<bool(const reactor::Event&)>;
//
//   // Calls handle() with each event until it answers false.
//   Result<void> serve(reactor::Poll& poll, const Handler& handle) {
//     reactor::Events events(128);
//     for (;;) {
//       const Result<void> polled = poll.poll(events, std::nullopt);
//       if (!polled && polled.error() != std::errc::interrupted) return polled;
//       for (const reactor::Event& event : events) {
//         if (!handle(event)) return {};
//       }
//     }
//   }

#ifndef WEFT_RUNTIME_REACTOR_POLL_H_
#define WEFT_RUNTIME_REACTOR_POLL_H_

#include <chrono>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/events.h>
#include <weft/runtime/reactor/internal/selector.h>
#include <weft/runtime/reactor/registry.h>

namespace weft::runtime::reactor {

class Poll {
 public:
  // Fails with too_many_files_open and the like.
  static Result<Poll> create() { return create_with(internal::SelectorKind::kDefault); }
  // The same over a selector that is not the system's usual one.
  static Result<Poll> create_with(internal::SelectorKind kind);

  Registry& registry() noexcept { return registry_; }
  const Registry& registry() const noexcept { return registry_; }

  // Empties `events`, then waits until there is at least one event, or `timeout` has passed: null
  // waits for ever, zero (and less) only looks. Success with no events is a timeout. Fails with
  // interrupted when a signal handler ran. One thread at a time.
  Result<void> poll(Events& events, std::optional<std::chrono::nanoseconds> timeout) noexcept;

  // The selector's own descriptor: readable while there are events, so one Poll can watch another.
  // Fatal for a Poll over poll(2), which has none.
  BorrowedFd as_fd(std::source_location where = std::source_location::current()) const noexcept {
    return registry_.selector_.as_fd(where);
  }

 private:
  explicit Poll(Registry registry) noexcept : registry_(std::move(registry)) {}

  Registry registry_;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_POLL_H_
