// PausedRuntime: a current-thread runtime whose clock stands still until it is told.
//
// Spec: TE-8..TE-11.
//
// While it exists the test's own thread is in the runtime's context, so timers can be made and
// polled by hand (harness.h); advance() moves the clock and lets the timers fire that it passed.
// block_on() runs something to its end; while that has nothing to do but wait, the clock jumps to
// the next timer, so hours take no time.
//
//   TEST(Sleep, EndsAtItsDeadline) {
//     test::PausedRuntime runtime;
//     auto sleep = test::spawn(time::sleep(1h));
//     test::assert_pending(sleep.poll());
//     runtime.advance(1h);
//     test::assert_ready(sleep.poll());
//     EXPECT_EQ(runtime.elapsed(), 1h);
//   }

#ifndef WEFT_TESTING_PAUSED_RUNTIME_H_
#define WEFT_TESTING_PAUSED_RUNTIME_H_

#include <chrono>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/rng.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/runtime.h>
#include <weft/time/instant.h>
#include <weft/time/pause.h>

namespace weft::test {

// Used by the thread that made it. Not movable: that thread is inside it.
class PausedRuntime {
 public:
  // With I/O and timers. With a `seed`, everything that weft chooses at random is the same in each
  // run (TE-11). Throws std::system_error if the system has no room for a runtime.
  explicit PausedRuntime(std::optional<runtime::RngSeed> seed = std::nullopt);
  PausedRuntime(const PausedRuntime&) = delete;
  PausedRuntime& operator=(const PausedRuntime&) = delete;

  // Moves the clock and lets tasks run that this wakes. Fatal at `where` if the clock was resumed.
  void advance(std::chrono::nanoseconds duration,
               std::source_location where = std::source_location::current()) {
    runtime_.block_on(time::advance(duration, where), where);
  }

  // Runs `awaitable` to its end and yields what it yields.
  template <class A>
    requires Awaitable<A>
  decltype(auto) block_on(A&& awaitable,
                          std::source_location where = std::source_location::current()) {
    return runtime_.block_on(std::forward<A>(awaitable), where);
  }

  // By the runtime's clock: since it was made, and when so much will have passed.
  std::chrono::nanoseconds elapsed() const noexcept { return time::Clock::now() - start_; }
  time::Instant at(std::chrono::nanoseconds since_start) const noexcept {
    return start_ + since_start;
  }

  runtime::Runtime& operator*() noexcept { return runtime_; }
  runtime::Runtime* operator->() noexcept { return &runtime_; }

 private:
  runtime::Runtime runtime_;
  decltype(std::declval<runtime::Runtime&>().enter()) entered_;
  const time::Instant start_;
};

}  // namespace weft::test

#endif  // WEFT_TESTING_PAUSED_RUNTIME_H_
