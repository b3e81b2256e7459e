// Stopping and setting the clock of the current runtime, for tests.
//
// Spec: TM-5..TM-10; TE-8..TE-10.
//
// Only the clock of a current-thread (or local) runtime can be paused: now(), sleeps, timeouts and
// intervals of that runtime follow it, nothing else does. While it is paused it moves in two ways:
// by advance(), and by itself, to the next timer, whenever the runtime would otherwise sleep until
// then. So a test that sleeps for an hour takes no time, and the same time each run. Blocking jobs
// (spawn_blocking) hold it still until they end.
//
//   Task<bool> an_hour_passes() {
//     time::pause();
//     const auto start = time::Clock::now();
//     co_await time::sleep(1h);  // takes no time: the clock jumps
//     co_return time::Clock::now() - start <= 1h + 1ms;
//   }

#ifndef WEFT_TIME_PAUSE_H_
#define WEFT_TIME_PAUSE_H_

#include <chrono>
#include <source_location>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>

namespace weft::time {

// Stops the current runtime's clock. A check failure, at `where`, outside a runtime, in one with
// several threads, and if it is paused already.
void pause(std::source_location where = std::source_location::current());

// Lets it run again from where it stands. A check failure if it is not paused.
void resume(std::source_location where = std::source_location::current());

namespace internal {

class AdvanceNode : public Leaf {
 public:
  AdvanceNode(std::chrono::nanoseconds duration, std::source_location where) noexcept
      : duration_(duration), where_(where) {}

  bool poll(Context& cx) noexcept;
  void take() const noexcept {}
  static constexpr const char* kWaitingOn = "advance";

 private:
  const std::chrono::nanoseconds duration_;
  const std::source_location where_;
  bool has_advanced_ = false;
};

}  // namespace internal

// What advance() returns.
class [[nodiscard]] Advance {
 public:
  Advance(std::chrono::nanoseconds duration, std::source_location where) noexcept
      : duration_(duration), where_(where) {}

  // Yields nothing. Cancel safe: the clock has moved if it was polled.
  LeafAwaiter<internal::AdvanceNode> operator co_await() const noexcept {
    return LeafAwaiter<internal::AdvanceNode>(duration_, where_);
  }

 private:
  std::chrono::nanoseconds duration_;
  std::source_location where_;
};

// Moves the paused clock by exactly `duration` (negative is zero) in one jump, when it is awaited,
// and then yields once, so that the driver sees to the timers that were passed. They all become due
// together, in any order, and none is sure to have completed when advance() returns. A check
// failure, at `where`, outside a runtime, if the clock is not paused, and if the sum overflows.
[[nodiscard]] inline Advance advance(
    std::chrono::nanoseconds duration,
    std::source_location where = std::source_location::current()) noexcept {
  return Advance(duration, where);
}

}  // namespace weft::time

#endif  // WEFT_TIME_PAUSE_H_
