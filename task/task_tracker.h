// TaskTracker: how many tasks there are, and the moment when there are none left.
//
// Spec: T-40, T-41.
//
//   Task<int> serve_all(int connections) {
//     int served = 0;
//     TaskTracker tracker;
//     for (int i = 0; i < connections; ++i) tracker.spawn(serve(served));
//     tracker.close();
//     co_await tracker.wait();  // every connection has been served
//     co_return served;
//   }
//
// Unlike a JoinSet it keeps no results and no handles: a tracked task costs an increment and a
// decrement of one word, and nothing of it is left when it has ended. It is closed to say that
// nothing more is to be expected, which is all that closing does: without it, a moment in which
// there happens to be no task would end the wait.
//
//   word_    bit 0: closed; the rest counts the tokens
//   writers  anyone, with read-modify-writes
//   pairing  [TT1] release in TaskTrackerToken's destructor and in close() -> acquire by whoever
//            finds the tracker closed and empty: all that the tracked tasks did, and their frames.
//            The changes in between keep the release sequence.
//
// Whoever makes the word "closed, and none" notifies all who wait; a wait hears every notification
// from its creation on, so one that was created before such a moment completes even if the moment
// is over when it is polled.

#ifndef WEFT_TASK_TASK_TRACKER_H_
#define WEFT_TASK_TASK_TRACKER_H_

#include <cstddef>
#include <functional>
#include <source_location>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/runtime/cooperative.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/notify.h>
#include <weft/task/internal/spawn_forms.h>

namespace weft {

class TaskTracker;
class TaskTrackerToken;

namespace internal {

// What the copies of a tracker share with its tokens.
class TrackedCount : public RefCounted<TrackedCount> {
 public:
  TrackedCount() noexcept = default;

  void enter() noexcept {
    // relaxed: the caller holds the tracker or a token; a count alone publishes nothing.
    word_.fetch_add(kOne, std::memory_order_relaxed);
  }
  void leave() noexcept;
  bool close() noexcept;
  bool reopen() noexcept;

  bool is_closed_and_empty() const noexcept {
    return word_.load(std::memory_order_acquire) == kClosed;  // [TT1]
  }
  bool is_closed() const noexcept {
    // relaxed: the answer may be out of date anyway, and nothing is read because of it.
    return (word_.load(std::memory_order_relaxed) & kClosed) != 0;
  }
  std::size_t size() const noexcept {
    return word_.load(std::memory_order_acquire) / kOne;  // [TT1]
  }
  sync::Notified notified() noexcept { return last_has_left_.notified(); }

 private:
  static constexpr std::size_t kClosed = 1;
  static constexpr std::size_t kOne = 2;

  loom::Atomic<std::size_t> word_{0};
  sync::Notify last_has_left_;
};

class TrackerWaitNode : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "task tracker";

  TrackerWaitNode(TrackedCount& count, sync::Notified& notified, bool& is_over) noexcept
      : count_(count), notified_(notified), is_over_(is_over) {}
  bool poll(Context& cx) noexcept {
    is_over_ = is_over_ || count_.is_closed_and_empty() || notified_.poll(cx);
    return is_over_;
  }
  void take() noexcept {}
  void describe(WaitReport& report) noexcept {
    report.object(&count_);
    report.note("tasks left", count_.size());
    if (!count_.is_closed()) report.note("not closed");
  }

 private:
  TrackedCount& count_;
  sync::Notified& notified_;
  bool& is_over_;
};

}  // namespace internal

// Counts as one task from its creation to its destruction. Copies count separately. Thread-safe as
// an int is.
class [[nodiscard]] TaskTrackerToken {
 public:
  TaskTrackerToken(const TaskTrackerToken& other) noexcept : TaskTrackerToken(other.count_) {}
  TaskTrackerToken(TaskTrackerToken&& other) noexcept : count_(std::move(other.count_)) {}
  TaskTrackerToken& operator=(TaskTrackerToken other) noexcept {
    std::swap(count_, other.count_);
    return *this;
  }
  ~TaskTrackerToken() {
    if (count_) count_->leave();
  }

  // The tracker it counts for. Not of one that was moved from.
  TaskTracker task_tracker() const noexcept;

 private:
  friend class TaskTracker;
  explicit TaskTrackerToken(RefPtr<internal::TrackedCount> count) noexcept
      : count_(std::move(count)) {
    if (count_) count_->enter();
  }

  RefPtr<internal::TrackedCount> count_;  // null: moved from
};

namespace internal {

template <class T>
Task<T> tracked_task([[maybe_unused]] TaskTrackerToken token, Task<T> task) {
  co_return co_await std::move(task);
}

// The awaitable goes before the token.
template <class A>
class TrackedState {
 public:
  TrackedState(TaskTrackerToken token, A&& awaitable)
      : token_(std::move(token)), branch_(std::forward<A>(awaitable)) {}

  bool poll(Context& cx) noexcept { return branch_.poll(cx); }
  bool poll_cancel(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    return branch_.poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    return branch_.poll_abandon(cx);
  }
  decltype(auto) take() { return branch_.take(); }
  static constexpr const char* kWaitingOn = "tracked";
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept { branch_.describe(report); }

 private:
  TaskTrackerToken token_;
  Branch<A> branch_;
};

}  // namespace internal

// Thread-safe. Copies are the same tracker. Destroying it aborts nothing.
class TaskTracker : public internal::SpawnForms<TaskTracker> {
  using Forms = internal::SpawnForms<TaskTracker>;
  using Location = std::source_location;
  class Wait;

 public:
  // Open, with no tasks. Throws std::bad_alloc.
  TaskTracker() : count_(make_ref<internal::TrackedCount>()) {}

  // Spawn a Task, or what a callable returns for the arguments after it, and return a JoinHandle:
  // spawn(task), spawn(callable, args...), spawn_on(handle, ...), spawn_local(...),
  // spawn_local_on(local_set, ...), spawn_blocking(callable, args...), spawn_blocking_on(handle,
  // callable, args...). As the functions of weft, of Handle and of LocalSet with these names. A
  // task is counted until its frame is destroyed, which is before its result is seen; a blocking
  // job until its callable is. Closed trackers accept them too.
  using Forms::spawn;
  using Forms::spawn_blocking;
  using Forms::spawn_blocking_on;
  using Forms::spawn_local;
  using Forms::spawn_local_on;
  using Forms::spawn_on;

  // Yields what `awaitable` yields, counted until the result of this function is destroyed: in
  // `co_await tracker.track(a)` that is the end of the statement. An lvalue is borrowed. Cancel
  // safe if the awaitable is.
  template <class A>
  [[nodiscard]] auto track(A&& awaitable) {
    using State = internal::TrackedState<A>;
    return internal::InPlaceAwaitable<State>(std::in_place, token(), std::forward<A>(awaitable));
  }
  // Counts as one task as long as it exists.
  TaskTrackerToken token() const noexcept { return TaskTrackerToken(count_); }

  // Allow wait() to complete, or not. Return whether that is a change. Neither does anything to
  // tasks.
  bool close() noexcept { return count_->close(); }
  bool reopen() noexcept { return count_->reopen(); }
  bool is_closed() const noexcept { return count_->is_closed(); }

  // Completes when the tracker is closed and has no task. A moment between this call and the
  // co_await suffices, whatever comes after it. Cancel safe; takes no budget. Keeps what it waits
  // for alive.
  [[nodiscard]] Wait wait() const noexcept;

  std::size_t size() const noexcept { return count_->size(); }
  bool empty() const noexcept { return size() == 0; }

  friend bool operator==(const TaskTracker& a, const TaskTracker& b) noexcept {
    return a.count_ == b.count_;
  }

 private:
  friend Forms;
  friend class TaskTrackerToken;
  explicit TaskTracker(RefPtr<internal::TrackedCount> count) noexcept : count_(std::move(count)) {}

  template <class T>
  JoinHandle<T> start_task(internal::TaskHome& home, Location where, Task<T> task) {
    return internal::spawn_task(home, internal::tracked_task(token(), std::move(task)), where);
  }
  template <class F, class... Args>
  auto start_blocking(internal::Scheduler& scheduler, Location where, F&& callable,
                      Args&&... args) {
    auto tracked = [token = token(), callable = std::decay_t<F>(std::forward<F>(callable))](
                       auto&&... given) mutable -> decltype(auto) {
      return std::invoke(callable, std::forward<decltype(given)>(given)...);
    };
    return internal::spawn_blocking_on(scheduler, where, false, std::move(tracked),
                                       std::forward<Args>(args)...);
  }

  RefPtr<internal::TrackedCount> count_;
};

// Movable until it is awaited. Awaited as an lvalue it may be awaited again, and once ready stays
// so.
class [[nodiscard]] TaskTracker::Wait {
 public:
  explicit Wait(RefPtr<internal::TrackedCount> count) noexcept
      : count_(std::move(count)),
        notified_(count_->notified()),
        is_over_(count_->is_closed_and_empty()) {}

  LeafAwaiter<internal::TrackerWaitNode> operator co_await() noexcept {
    return LeafAwaiter<internal::TrackerWaitNode>(*count_, notified_, is_over_);
  }

 private:
  RefPtr<internal::TrackedCount> count_;  // destroyed after notified_
  sync::Notified notified_;
  bool is_over_;
};

inline TaskTracker::Wait TaskTracker::wait() const noexcept { return Wait(count_); }

inline TaskTracker TaskTrackerToken::task_tracker() const noexcept { return TaskTracker(count_); }

}  // namespace weft

#endif  // WEFT_TASK_TASK_TRACKER_H_
