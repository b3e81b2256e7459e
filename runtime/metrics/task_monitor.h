// TaskMonitor: where the time of some of the tasks goes.
//
// Spec: R-148.
//
// One makes a monitor for a kind of task (a request to an endpoint, say) and has it watch each of
// them. It measures how long they wait for something, how long they then wait for a worker, and how
// long they keep one. Only what is instrumented pays for that.
//
//   const runtime::TaskMonitor requests;
//   auto handle = spawn(requests.instrument(serve(request)));
//   const auto joined = co_await handle;
//   const runtime::TaskMetrics so_far = requests.cumulative();
//   report(so_far.polls.mean(), so_far.scheduled.mean(), so_far.slow_polls.count);
//
// Times are those of the runtime's clock, so that a test may pause it.

#ifndef WEFT_RUNTIME_METRICS_TASK_MONITOR_H_
#define WEFT_RUNTIME_METRICS_TASK_MONITOR_H_

#include <chrono>
#include <type_traits>
#include <utility>

#include <weft/runtime/cooperative.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/metrics/internal/task_watch.h>
#include <weft/runtime/metrics/intervals.h>
#include <weft/runtime/metrics/task_metrics.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/task.h>

namespace weft {
namespace internal {

// The awaitable, and who watches it.
template <class A>
class InstrumentedState : public SingleBranchState<A> {
 public:
  InstrumentedState(TaskWatcher watcher, A&& awaitable)
      : SingleBranchState<A>(std::forward<A>(awaitable)), watcher_(std::move(watcher)) {}

  bool poll(Context& cx) noexcept {
    WatchedPoll watched(watcher_, cx);
    return this->branch().poll(watched.context());
  }
  static constexpr const char* kWaitingOn = "instrumented";

 private:
  TaskWatcher watcher_;
};

template <class A>
using Instrumented = InPlaceAwaitable<InstrumentedState<A>>;

template <class T>
Task<T> run_instrumented(Instrumented<Task<T>> instrumented) {
  co_return co_await instrumented;
}

}  // namespace internal

namespace runtime {

struct TaskMonitorOptions {
  // A poll that takes longer counts as slow.
  std::chrono::nanoseconds slow_poll_threshold = std::chrono::microseconds(50);
  // If it takes longer from the wake-up to the poll, that counts as a long delay.
  std::chrono::nanoseconds long_delay_threshold = std::chrono::microseconds(50);
};

// Thread-safe. Copies measure into the same numbers, which live as long as a copy or an
// instrumented awaitable does.
class TaskMonitor {
 public:
  explicit TaskMonitor(TaskMonitorOptions options = TaskMonitorOptions())
      : state_(make_ref<internal::TaskMonitorState>(options.slow_poll_threshold,
                                                    options.long_delay_threshold)) {}

  // `task`, watched, and as cancel safe as it is. Its time until the first poll begins now.
  template <class T>
  Task<T> instrument(Task<T> task) const {
    return internal::run_instrumented(internal::Instrumented<Task<T>>(
        std::in_place, internal::TaskWatcher(*state_), std::move(task)));
  }
  // Any other awaitable; yields what it yields. Cancel safe if it is; an lvalue is borrowed.
  template <class A>
  [[nodiscard]] auto instrument(A&& awaitable) const {
    return internal::Instrumented<A>(std::in_place, internal::TaskWatcher(*state_),
                                     std::forward<A>(awaitable));
  }

  // All that was measured so far.
  TaskMetrics cumulative() const noexcept { return state_->read(); }
  // What is measured from now on, by intervals.
  Intervals<TaskMetrics> intervals() const;

 private:
  RefPtr<internal::TaskMonitorState> state_;
};

}  // namespace runtime
}  // namespace weft

#endif  // WEFT_RUNTIME_METRICS_TASK_MONITOR_H_
