// RealTimer: rings once, after a time by the real clock.
//
// Spec: net.md L-2.
//
// For whom the runtime's clock is the wrong one: c-ares counts its timeouts by CLOCK_MONOTONIC. A
// sleep under a paused clock is over as soon as nothing else is to be done, and c-ares, asked then,
// would find that nothing has happened, over and over. This is a timerfd, which the driver watches
// like any other descriptor; so it needs no timers of the runtime either.

#ifndef WEFT_NET_INTERNAL_CARES_REAL_TIMER_H_
#define WEFT_NET_INTERNAL_CARES_REAL_TIMER_H_

#include <chrono>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/async_fd.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::net::internal {

// Used by one task at a time.
class RealTimer {
 public:
  // Does not ring before set(). Fails for want of descriptors or memory. Fatal at `where` without a
  // runtime that has I/O.
  static Result<RealTimer> create(std::source_location where);

  // Rings `after` from now, at once if that is nothing; not when it was to ring before.
  void set(std::chrono::nanoseconds after) noexcept;
  // Ready once after each time it rings. Fails if the runtime's driver is gone.
  Poll<Result<void>> poll(Context& cx) noexcept;

 private:
  explicit RealTimer(io::AsyncFd<OwnedFd> timer) noexcept : timer_(std::move(timer)) {}

  io::AsyncFd<OwnedFd> timer_;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_CARES_REAL_TIMER_H_
