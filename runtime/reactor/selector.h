// Selector: the kernel's readiness queue, behind the one interface that the rest of the reactor
// uses.
//
// Spec: reactor.md E-1, P-1..P-6, R-1..R-6, W-3; section 7.
//
// Everything that differs between kernels is behind this class and in native_event.h; this one's
// functions are in selector_epoll.cc, and another kernel brings another file. Registrations are
// edge-triggered on all of them.
//
// A selector may be cloned: the clone is a second descriptor of the same queue, so that a Registry
// can outlive its Poll. What clones have in common, an identity and whether there is a waker, is in
// a shared Identity.

#ifndef WEFT_RUNTIME_REACTOR_SELECTOR_H_
#define WEFT_RUNTIME_REACTOR_SELECTOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/reactor/event.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/token.h>
#include <weft/runtime/ref_counted.h>

namespace weft::runtime::reactor::internal {

// What all clones of a selector share. Thread-safe.
class Identity : public RefCounted<Identity> {
 public:
  Identity() noexcept;

  // Unlike that of any other selector of this process, and never 0.
  std::uint64_t number() const noexcept { return number_; }

  // False if there is a waker already (W-3).
  [[nodiscard]] bool claim_waker() noexcept {
    // relaxed: the flag is all that is exchanged.
    return !has_waker_.exchange(true, std::memory_order_relaxed);
  }
  void release_waker() noexcept {
    // relaxed: as above.
    has_waker_.store(false, std::memory_order_relaxed);
  }

 private:
  const std::uint64_t number_;
  // Set by who makes a waker, cleared by the waker's destructor.
  loom::Atomic<bool> has_waker_{false};
};

// add, modify and remove may be called from any thread, also while one is inside select().
class Selector {
 public:
  static Result<Selector> create();
  Result<Selector> try_clone() const;

  // Waits for events, at most as long as `timeout`: null is for ever, zero not at all. Returns how
  // many stand in `room`. Timing out is no error; std::errc::interrupted is returned, not retried
  // (P-2). One thread at a time.
  Result<std::size_t> select(std::span<Event> room,
                             std::optional<std::chrono::nanoseconds> timeout) noexcept;

  // file_exists if `fd` is there already; operation_not_permitted if it cannot be waited for.
  Result<void> add(BorrowedFd fd, Token token, Interest interest) const noexcept;
  // Replaces token and interest and reports anew what is ready. no_such_file_or_directory if
  // `fd` is not there; the same for remove().
  Result<void> modify(BorrowedFd fd, Token token, Interest interest) const noexcept;
  Result<void> remove(BorrowedFd fd) const noexcept;

  Identity& identity() const noexcept { return *identity_; }
  BorrowedFd as_fd() const noexcept { return queue_.borrow(); }

 private:
  Selector(OwnedFd queue, RefPtr<Identity> identity) noexcept
      : queue_(std::move(queue)), identity_(std::move(identity)) {}

  OwnedFd queue_;
  RefPtr<Identity> identity_;
  // Whether the kernel has the wait with nanoseconds; found out at the first one. select() only.
  bool has_precise_wait_ = true;
};

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_SELECTOR_H_
