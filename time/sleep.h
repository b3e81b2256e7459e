// Sleep: completes at an instant.
//
// Spec: TM-11..TM-20; TM-37..TM-43 for what is underneath.
//
// A Sleep is a timer entry (runtime/driver/timer_entry.h) and nothing else: it allocates nothing.
// It is registered with its runtime's timers when it is first polled, and stands in the wheel from
// then on, so it may be moved only before. Timers have a grain of one millisecond: a Sleep ends at
// the first whole millisecond (since its runtime's start) that is not before its deadline, never
// early.
//
//   Task<int> until_idle(sync::mpsc::Receiver<int> messages) {
//     int count = 0;
//     auto idle = time::sleep(30s);  // one timer, pushed back again and again
//     for (;;) {
//       const auto won = co_await select(messages.recv(), idle);
//       if (won.index() == 1) co_return count;
//       ++count;
//       idle.reset(time::Clock::now() + 30s);
//     }
//   }

#ifndef WEFT_TIME_SLEEP_H_
#define WEFT_TIME_SLEEP_H_

#include <chrono>
#include <source_location>

#include <weft/runtime/context.h>
#include <weft/runtime/driver/timer_entry.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/time/instant.h>

namespace weft::time {

class Sleep;

namespace internal {

// The leaf: refers to the Sleep, which stays where it was made.
class SleepNode : public Leaf {
 public:
  explicit SleepNode(Sleep& sleep) noexcept : sleep_(sleep) {}

  bool poll(Context& cx) noexcept;
  void take() const;
  void describe(WaitReport& report) noexcept;
  static constexpr const char* kWaitingOn = "sleep";

 private:
  Sleep& sleep_;
};

}  // namespace internal

// Used by one task at a time, of whatever runtime: it keeps to the runtime that it was made in
// (TM-20), or if that was none, to the one it was first polled in. Destroying it unregisters it, at
// any time, also after that runtime has ended.
class [[nodiscard]] Sleep {
 public:
  // Fatal once it has been polled or reset, unless it has completed.
  Sleep(Sleep&&) noexcept = default;
  Sleep& operator=(Sleep&&) noexcept = default;
  ~Sleep() = default;

  Instant deadline() const noexcept { return Clock::from_steady(entry_.deadline()); }

  // True once its runtime has ended it: not before it is registered, even if the deadline has
  // passed, and not after a reset (TM-15).
  bool is_elapsed() const noexcept { return entry_.is_elapsed() || entry_.is_gone(); }

  // Sets another deadline and registers the Sleep, whatever state it is in; after it has completed
  // it may so be awaited again. Takes no lock for a later deadline. If the new deadline has passed
  // already, the task that awaits is woken; else it stays asleep (TM-16).
  void reset(Instant deadline) noexcept { entry_.reset(Clock::to_steady(deadline)); }

  // Yields nothing. Throws RuntimeGone if its runtime has ended (TM-19). An rvalue and an lvalue
  // are awaited alike, in place. Cancel safe: goes on where it was when awaited again.
  LeafAwaiter<internal::SleepNode> operator co_await() noexcept {
    return LeafAwaiter<internal::SleepNode>(*this);
  }

  // One step of the same, for hand-written awaitables: true once it has completed, for one unit of
  // the budget (TM-17); take() then throws what co_await would throw.
  [[nodiscard]] bool poll(Context& cx) noexcept;
  void take() const;

 private:
  friend class Interval;
  friend Sleep sleep(std::chrono::nanoseconds duration, std::source_location where);
  friend Sleep sleep_until(Instant deadline, std::source_location where);

  Sleep(Instant deadline, weft::internal::TimerEntry::Deadline kind, std::source_location where)
      : entry_(Clock::to_steady(deadline), kind, where) {}

  weft::internal::TimerEntry entry_;
};

inline bool internal::SleepNode::poll(Context& cx) noexcept { return sleep_.poll(cx); }
inline void internal::SleepNode::take() const { sleep_.take(); }
inline void internal::SleepNode::describe(WaitReport& report) noexcept {
  report.due(Clock::to_steady(sleep_.deadline()));
}

// Completes `duration` from now, or at `deadline`. A negative duration is zero; one that reaches
// beyond the clock's range is 30 years. What has passed already completes at once. A check failure
// if timers are disabled in the current runtime; if there is none, the Sleep looks for one when it
// is first polled, and that is a check failure if there still is none. Thread-safe.
Sleep sleep(std::chrono::nanoseconds duration,
            std::source_location where = std::source_location::current());
Sleep sleep_until(Instant deadline, std::source_location where = std::source_location::current());

}  // namespace weft::time

#endif  // WEFT_TIME_SLEEP_H_
