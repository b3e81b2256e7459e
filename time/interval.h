// Interval: ticks at a steady period.
//
// Spec: TM-24..TM-28, TM-59.
//
// Ticks are scheduled, not measured: the next one is a period after the last one was *due*, so
// intervals do not drift. When ticks are consumed more than 5 ms late, MissedTickBehavior says what
// becomes of those that were missed. With a period of 300 ms, ticks at 300, 600, ..., and one tick
// consumed at 950 instead of 300, the next ones come
//     kBurst   at 600 and 900 (both at once), then 1200, ...
//     kDelay   at 1250, then 1550, ...
//     kSkip    at 1200, then 1500, ...
//
//   Task<int> sample(int times) {
//     auto interval = time::interval(10ms);
//     interval.missed_tick_behavior(time::MissedTickBehavior::kSkip);
//     int samples = 0;
//     while (samples < times) {
//       co_await interval.tick();  // the first one completes immediately
//       ++samples;
//     }
//     co_return samples;
//   }

#ifndef WEFT_TIME_INTERVAL_H_
#define WEFT_TIME_INTERVAL_H_

#include <chrono>
#include <cstdint>
#include <source_location>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/time/instant.h>
#include <weft/time/sleep.h>

namespace weft::time {

// What follows a tick that was consumed late.
enum class MissedTickBehavior : std::uint8_t {
  kBurst,  // all that were missed, at once, until it has caught up
  kDelay,  // a whole period from when the late one was consumed, and from there on
  kSkip,   // the next one that is still to come, on the original schedule
};

class Interval;

namespace internal {

class TickNode : public Leaf {
 public:
  explicit TickNode(Interval& interval) noexcept : interval_(interval) {}

  bool poll(Context& cx) noexcept;
  Instant take() const;
  void describe(WaitReport& report) noexcept;
  static constexpr const char* kWaitingOn = "interval";

 private:
  Interval& interval_;
  Instant scheduled_;
  bool runtime_is_gone_ = false;
};

}  // namespace internal

// What Interval::tick() returns. Refers to its Interval, which has to stay where it is until the
// tick has been awaited.
class [[nodiscard]] Tick {
 public:
  explicit Tick(Interval& interval) noexcept : interval_(&interval) {}
  LeafAwaiter<internal::TickNode> operator co_await() const noexcept {
    return LeafAwaiter<internal::TickNode>(*interval_);
  }

 private:
  Interval* interval_;
};

// Used by one task at a time. Movable, but not while a tick() is being awaited.
class [[nodiscard]] Interval {
 public:
  Interval(Interval&& other) noexcept;
  Interval& operator=(Interval&& other) noexcept;
  ~Interval() = default;

  // Completes at the next tick and yields the instant for which that was scheduled. Cancel safe: no
  // tick is lost. Throws RuntimeGone if the runtime has ended.
  Tick tick() noexcept { return Tick(*this); }
  // One step of the same, for hand-written awaitables.
  Poll<Instant> poll_tick(Context& cx);

  // Sets when the next tick comes: a period from now; now; `delay` from now; at `instant`. Later
  // ones follow a period apart. Missed ticks are forgotten. An instant that has passed makes a tick
  // that is late.
  void reset() noexcept;
  void reset_immediately() noexcept;
  void reset_after(std::chrono::nanoseconds delay) noexcept;
  void reset_at(Instant instant) noexcept;

  std::chrono::nanoseconds period() const noexcept { return period_; }
  MissedTickBehavior missed_tick_behavior() const noexcept { return missed_; }
  void missed_tick_behavior(MissedTickBehavior behavior) noexcept { missed_ = behavior; }

 private:
  friend class internal::TickNode;
  friend Interval interval(std::chrono::nanoseconds period, std::source_location where);
  friend Interval interval_at(Instant start, std::chrono::nanoseconds period,
                              std::source_location where);

  Interval(Sleep first, std::chrono::nanoseconds period) noexcept
      : next_(std::move(first)), period_(period) {}

  bool runtime_is_gone() const noexcept { return next_.entry_.is_gone(); }
  // The scheduled instant of a tick that is due now, and makes the next one.
  Instant consume_tick() noexcept;
  Instant next_after(Instant scheduled, Instant now) const noexcept;

  Sleep next_;  // registered only while a tick is awaited
  std::chrono::nanoseconds period_;
  MissedTickBehavior missed_ = MissedTickBehavior::kBurst;
};

// Ticks every `period`, for the first time now, or at `start`. A check failure, at `where`, if the
// period is not greater than zero, or as for sleep(). Thread-safe.
Interval interval(std::chrono::nanoseconds period,
                  std::source_location where = std::source_location::current());
Interval interval_at(Instant start, std::chrono::nanoseconds period,
                     std::source_location where = std::source_location::current());

}  // namespace weft::time

#endif  // WEFT_TIME_INTERVAL_H_
