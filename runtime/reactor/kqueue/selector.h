// Selector over kqueue.
//
// Spec: reactor.md E-1, P-1..P-5, R-1..R-7; section 7 "kqueue".
//
// One descriptor and no state in user space; the token travels in udata. Not run by this project's
// own builds, which have no such kernel: tests/kqueue/ compiles it and checks what it asks of the
// kernel (docs/design/reactor.md says what that leaves open).
//
// A clone is a second descriptor of the same queue, so that a Registry can outlive its Poll. What
// clones have in common is in a shared Identity.

#ifndef WEFT_RUNTIME_REACTOR_KQUEUE_SELECTOR_H_
#define WEFT_RUNTIME_REACTOR_KQUEUE_SELECTOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/event.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/internal/identity.h>
#include <weft/runtime/reactor/token.h>
#include <weft/runtime/ref_counted.h>

namespace weft::runtime::reactor::internal {

enum class SelectorKind : std::uint8_t { kKqueue, kDefault = kKqueue };

// The kernel makes the edges (EV_CLEAR): nothing has to be armed again.
class EdgeArm {
 public:
  void rearm() const noexcept {}
  void end() noexcept {}
};

// add, modify and remove may be called from any thread, also while one is inside select().
class Selector {
 public:
  static Result<Selector> create(SelectorKind kind = SelectorKind::kDefault);
  Result<Selector> try_clone() const;

  // Waits for events, at most as long as `timeout`: null is for ever, zero not at all. Returns how
  // many stand in `room`. Timing out is no error; std::errc::interrupted is returned, not retried
  // (P-2). One thread at a time.
  Result<std::size_t> select(std::span<Event> room,
                             std::optional<std::chrono::nanoseconds> timeout) noexcept;

  // An `fd` that is there already gets the new token and interest: kqueue does not refuse it, an
  // IoSource does. operation_not_supported for an interest in nothing but priority.
  Result<void> add(BorrowedFd fd, Token token, Interest interest) const noexcept;
  Result<EdgeArm> add_armed(BorrowedFd fd, Token token, Interest interest) const noexcept;
  // Replaces token and interest. Neither this nor remove() minds if `fd` is not there.
  Result<void> modify(BorrowedFd fd, Token token, Interest interest) const noexcept;
  Result<void> remove(BorrowedFd fd) const noexcept;

  Identity& identity() const noexcept { return *identity_; }
  BorrowedFd as_fd(std::source_location where = std::source_location::current()) const noexcept {
    return queue_.borrow(where);
  }

 private:
  Selector(OwnedFd queue, RefPtr<Identity> identity) noexcept
      : queue_(std::move(queue)), identity_(std::move(identity)) {}

  OwnedFd queue_;
  RefPtr<Identity> identity_;
};

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_KQUEUE_SELECTOR_H_
