#include <weft/runtime/metrics/internal/task_watch.h>

#include <algorithm>

#include <weft/runtime/driver/current_time.h>

namespace weft::internal {

using std::chrono::nanoseconds;

// --- The monitor's numbers

void TaskMonitorState::Timed::add(nanoseconds duration) noexcept {
  const auto count = static_cast<std::uint64_t>(std::max(duration, nanoseconds::zero()).count());
  nanoseconds_.fetch_add(count, std::memory_order_relaxed);
  bump(count_);
}

runtime::TimedCount TaskMonitorState::Timed::read() const noexcept {
  // relaxed: as said at bump().
  const std::uint64_t total = nanoseconds_.load(std::memory_order_relaxed);
  return {.count = count_.load(std::memory_order_relaxed),
          .total = nanoseconds(static_cast<std::int64_t>(total))};
}

void TaskMonitorState::note_scheduled(nanoseconds delay) noexcept {
  (delay > long_delay_ ? long_delays_ : short_delays_).add(delay);
}

void TaskMonitorState::note_poll(nanoseconds duration) noexcept {
  (duration > slow_poll_ ? slow_polls_ : fast_polls_).add(duration);
}

runtime::TaskMetrics TaskMonitorState::read() const noexcept {
  const auto sum = [](runtime::TimedCount a, runtime::TimedCount b) {
    return runtime::TimedCount{.count = a.count + b.count, .total = a.total + b.total};
  };
  const runtime::TimedCount slow = slow_polls_.read();
  const runtime::TimedCount late = long_delays_.read();
  // relaxed: as said at bump().
  return {.instrumented = instrumented_.load(std::memory_order_relaxed),
          .dropped = dropped_.load(std::memory_order_relaxed),
          .first_polls = first_polls_.read(),
          .idle = idle_.read(),
          .scheduled = sum(short_delays_.read(), late),
          .polls = sum(fast_polls_.read(), slow),
          .slow_polls = slow,
          .long_delays = late};
}

// --- One awaitable

const WakeOps TaskWatch::kOps = {&wake, &wake_by_ref, &retain, &release};

TaskWatch::TaskWatch(TaskMonitorState& monitor) noexcept
    : Wakeable(1, &kOps), monitor_(monitor), made_at_(current_time()) {
  monitor.note_instrumented();
}

TaskWatch* TaskWatch::from(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is in TaskWatches only.
  return static_cast<TaskWatch*>(target);
}

void TaskWatch::retain(Wakeable* target) noexcept {
  // relaxed: made from a reference that the caller holds.
  from(target)->word_.fetch_add(1, std::memory_order_relaxed);
}

void TaskWatch::release(Wakeable* target) noexcept {
  TaskWatch* const self = from(target);
  if (self->word_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete self;  // [TW1]
}

void TaskWatch::wake_by_ref(Wakeable* target) noexcept {
  TaskWatch* const self = from(target);
  std::int64_t expected = kNotWoken;
  // relaxed: the task reads it after the wake-up below.
  self->woken_at_.compare_exchange_strong(expected, current_time().time_since_epoch().count(),
                                          std::memory_order_relaxed);
  self->task_.wake();
}

void TaskWatch::wake(Wakeable* target) noexcept {
  wake_by_ref(target);
  release(target);
}

void TaskWatch::begin_poll(Context& cx) noexcept {
  // Before anything is looked at: who wakes from here on wakes the task once more.
  task_.register_waker(cx);
  const SteadyTime now = current_time();
  poll_began_ = now;
  // relaxed: as said at woken_at_.
  const std::int64_t woken = woken_at_.exchange(kNotWoken, std::memory_order_relaxed);
  if (!idle_since_.has_value()) {
    monitor_->note_first_poll(now - made_at_);
    return;
  }
  if (woken == kNotWoken) {
    // Polled with others that the task waits for: nothing that it waits for has happened.
    monitor_->note_idle(now - *idle_since_);
    return;
  }
  // It may have been woken while it was being polled.
  const SteadyTime ready = std::max(SteadyTime(nanoseconds(woken)), *idle_since_);
  monitor_->note_idle(ready - *idle_since_);
  monitor_->note_scheduled(now - ready);
}

void TaskWatch::end_poll() noexcept {
  const SteadyTime now = current_time();
  monitor_->note_poll(now - poll_began_);
  idle_since_ = now;
}

void TaskWatch::drop() noexcept {
  monitor_->note_dropped();
  // Who still has a waker of ours wakes nobody.
  static_cast<void>(task_.take());
  release(this);
}

}  // namespace weft::internal
