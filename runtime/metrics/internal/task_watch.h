// TaskWatcher: watches one instrumented awaitable, for TaskMonitor.
//
// Spec: R-148.
//
// What is polled by a watched poll gets a waker of ours instead of the task's: whoever wakes it
// writes down when, if he is the first since the last poll, and then wakes the task. So a poll
// knows how long nothing happened and how long it then took until it was polled. The waker may
// outlive the awaitable; it is a counted object, TaskWatch, which the watcher owns a reference of.
//
// All numbers are added to the monitor's, which many tasks on many threads share.

#ifndef WEFT_RUNTIME_METRICS_INTERNAL_TASK_WATCH_H_
#define WEFT_RUNTIME_METRICS_INTERNAL_TASK_WATCH_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/metrics/task_metrics.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>
#include <weft/runtime/waker_slot.h>

namespace weft::internal {

// What a TaskMonitor and all that it has instrumented share.
class TaskMonitorState : public RefCounted<TaskMonitorState> {
 public:
  TaskMonitorState(std::chrono::nanoseconds slow_poll, std::chrono::nanoseconds long_delay) noexcept
      : slow_poll_(slow_poll), long_delay_(long_delay) {}

  // Any thread, all of them. What is below zero counts as zero: the clock of another runtime may
  // have been paused.
  void note_instrumented() noexcept { bump(instrumented_); }
  void note_dropped() noexcept { bump(dropped_); }
  void note_first_poll(std::chrono::nanoseconds delay) noexcept { first_polls_.add(delay); }
  void note_idle(std::chrono::nanoseconds duration) noexcept { idle_.add(duration); }
  void note_scheduled(std::chrono::nanoseconds delay) noexcept;
  void note_poll(std::chrono::nanoseconds duration) noexcept;

  // Of some moment lately; a part is never more than its whole.
  runtime::TaskMetrics read() const noexcept;

 private:
  using SharedCount = loom::Atomic<std::uint64_t>;
  // relaxed, here and in Timed: numbers for people.
  static void bump(SharedCount& count) noexcept { count.fetch_add(1, std::memory_order_relaxed); }

  class Timed {
   public:
    void add(std::chrono::nanoseconds duration) noexcept;
    runtime::TimedCount read() const noexcept;

   private:
    SharedCount count_{0};
    SharedCount nanoseconds_{0};
  };

  const std::chrono::nanoseconds slow_poll_;
  const std::chrono::nanoseconds long_delay_;
  // Written and read by anyone.
  SharedCount instrumented_{0};
  SharedCount dropped_{0};
  Timed first_polls_;
  Timed idle_;
  Timed fast_polls_;
  Timed slow_polls_;
  Timed short_delays_;
  Timed long_delays_;
};

// What our wakers refer to. Thread-safe as a Wakeable; the rest is for the task alone.
class TaskWatch final : public Wakeable {
 public:
  // With one reference.
  static TaskWatch* create(TaskMonitorState& monitor) { return new TaskWatch(monitor); }
  static void release(Wakeable* target) noexcept;

  void begin_poll(Context& cx) noexcept;
  void end_poll() noexcept;
  // The awaitable is gone.
  void drop() noexcept;

 private:
  explicit TaskWatch(TaskMonitorState& monitor) noexcept;
  ~TaskWatch() = default;

  static TaskWatch* from(Wakeable* target) noexcept;
  static void wake(Wakeable* target) noexcept;
  static void wake_by_ref(Wakeable* target) noexcept;
  static void retain(Wakeable* target) noexcept;
  static const WakeOps kOps;

  // word_ is the number of references. [TW1] release in release() -> acquire in the last one.
  const RefPtr<TaskMonitorState> monitor_;
  WakerSlot task_;
  // When it was woken for the first time since the last poll began, on the scale of the steady
  // clock; kNotWoken. Written by wakers, taken by the poll. relaxed: the wake-up itself orders it.
  static constexpr std::int64_t kNotWoken = 0;
  loom::Atomic<std::int64_t> woken_at_{kNotWoken};
  // The task's own.
  const SteadyTime made_at_;
  SteadyTime poll_began_;
  std::optional<SteadyTime> idle_since_;  // none before the first poll
};

// Owns the watch of an awaitable, from instrument() to its end. Movable.
class TaskWatcher {
 public:
  explicit TaskWatcher(TaskMonitorState& monitor) : watch_(TaskWatch::create(monitor)) {}
  TaskWatcher(TaskWatcher&& other) noexcept : watch_(std::exchange(other.watch_, nullptr)) {}
  TaskWatcher& operator=(TaskWatcher&&) = delete;
  ~TaskWatcher() {
    if (watch_ != nullptr) watch_->drop();
  }

  TaskWatch& watch() const noexcept { return *watch_; }

 private:
  TaskWatch* watch_;  // null: moved from
};

// One poll, from its constructor to its destructor.
class WatchedPoll {
 public:
  WatchedPoll(TaskWatcher& watcher, Context& cx) noexcept
      : watch_(watcher.watch()), waker_(Waker::adopt(&watch_)), context_(waker_, cx) {
    watch_.begin_poll(cx);
  }
  ~WatchedPoll() {
    watch_.end_poll();
    static_cast<void>(std::move(waker_).release_target());
  }
  WatchedPoll(const WatchedPoll&) = delete;
  WatchedPoll& operator=(const WatchedPoll&) = delete;

  Context& context() noexcept { return context_; }

 private:
  TaskWatch& watch_;
  Waker waker_;  // borrows the watcher's reference
  Context context_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_METRICS_INTERNAL_TASK_WATCH_H_
