// LocalSet: tasks that stay on one thread, run while somebody drives them.
//
// Spec: T-22..T-31, R-97, R-120.
//
// A LocalSet belongs to the thread that made it, and so do its tasks: they are resumed and
// destroyed there and nowhere else, so they may hold what must not change threads. They run only
// while the set is driven: awaited, in run_until(), or in block_on(). Any runtime will do, if the
// driving happens in its block_on, or in a task of spawn_local; not in a task that may change
// threads.
//
//   Task<> count_to(std::shared_ptr<int> counter, int n) {  // no lock: all on one thread
//     for (int i = 0; i < n; ++i) ++*counter;
//     co_return;
//   }
//
//   Task<int> count_locally() {
//     const auto counter = std::make_shared<int>(0);
//     LocalSet set;
//     set.spawn_local(count_to(counter, 2));
//     set.spawn_local(count_to(counter, 3));
//     co_await set;  // runs them
//     co_return *counter;
//   }
//
// Handles of local tasks, and wakers of what they wait for, may go to other threads as any.

#ifndef WEFT_TASK_LOCAL_SET_H_
#define WEFT_TASK_LOCAL_SET_H_

#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn_local.h>
#include <weft/runtime/task.h>
#include <weft/runtime/wait_report.h>
#include <weft/task/internal/local_scheduler.h>

namespace weft {

namespace internal {

// run_until(): `A` as for Branch.
template <class A>
class RunUntilState {
 public:
  RunUntilState(LocalScheduler& set, std::source_location where, A&& awaitable)
      : set_(&set), where_(where), branch_(std::forward<A>(awaitable)) {}

  bool poll(Context& cx) noexcept {
    set_->check_may_drive(where_);
    const LocalScope scope(*set_, LocalScope::Kind::kRuns);
    set_->register_driver(cx);
    if (branch_.poll(cx)) return true;
    set_->run_turn(where_);
    return false;
  }
  bool poll_cancel(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    const LocalScope scope(*set_, LocalScope::Kind::kRuns);
    return branch_.poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    const LocalScope scope(*set_, LocalScope::Kind::kRuns);
    return branch_.poll_abandon(cx);
  }
  decltype(auto) take() { return branch_.take(); }
  void describe(WaitReport& report) noexcept { branch_.describe(report); }
  static constexpr const char* kWaitingOn = "local set";

 private:
  LocalScheduler* set_;
  std::source_location where_;
  Branch<A> branch_;
};

// co_await of a set.
class LocalSetNode : public Leaf {
 public:
  LocalSetNode(LocalScheduler& set, std::source_location where) noexcept
      : set_(set), where_(where) {}

  bool poll(Context& cx) noexcept;
  void take() noexcept {}
  void describe(WaitReport& report) noexcept {
    report.object(&set_);
    report.note("waiting for all of its tasks");
  }
  static constexpr const char* kWaitingOn = "local set";

 private:
  LocalScheduler& set_;
  const std::source_location where_;
};

}  // namespace internal

// Immovable; everything but the handles it gives out is for the thread that made it.
class LocalSet {
  using Where = std::source_location;

 public:
  class EnterGuard;

  explicit LocalSet(Where where = Where::current());
  LocalSet(const LocalSet&) = delete;
  LocalSet& operator=(const LocalSet&) = delete;
  // Cancels all tasks that have not ended: their frames are destroyed here, their handles yield
  // "cancelled". Waits for nothing but foreign threads that are just waking one. A check failure on
  // another thread, and if a task is inside a scope that cannot end at once.
  ~LocalSet();

  // As weft::spawn_local, into this set, at any time: also while it is not driven. A check failure
  // on another thread.
  template <class T>
  JoinHandle<T> spawn_local(Task<T> task, Where where = Where::current()) {
    set_->prepare_spawn(where);
    return internal::spawn_task(*set_, std::move(task), where);
  }
  template <class F>
    requires internal::Spawnable<F>
  auto spawn_local(F&& callable, Where where = Where::current()) {
    return spawn_local(internal::make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires internal::Spawnable<F, A>
  auto spawn_local(F&& callable, A&& a, Where where = Where::current()) {
    return spawn_local(internal::make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  // More arguments leave no room for the caller's location after them.
  template <class F, class A, class B, class... More>
    requires internal::Spawnable<F, A, B, More...>
  auto spawn_local(F&& callable, A&& a, B&& b, More&&... more) {
    return spawn_local(internal::make_task(std::forward<F>(callable), std::forward<A>(a),
                                           std::forward<B>(b), std::forward<More>(more)...));
  }

  // Awaitable: runs the set's tasks until `awaitable` is complete, and yields its value or throws
  // what it throws. Tasks that are left go on the next time the set is driven. At every resume
  // `awaitable` comes first. It has the budget of the task that awaits this. Cancel safe if
  // `awaitable` is; an lvalue is borrowed.
  template <class A>
    requires Awaitable<A>
  [[nodiscard]] auto run_until(A&& awaitable, Where where = Where::current()) {
    using State = internal::RunUntilState<A>;
    return internal::InPlaceAwaitable<State>(std::in_place, *set_, where,
                                             std::forward<A>(awaitable));
  }

  // runtime.block_on(run_until(awaitable)).
  template <class A>
    requires Awaitable<A>
  AwaitResult<A> block_on(const runtime::Runtime& runtime, A&& awaitable,
                          Where where = Where::current()) {
    return runtime.block_on(run_until(std::forward<A>(awaitable), where), where);
  }
  template <class A>
    requires Awaitable<A>
  AwaitResult<A> block_on(const runtime::Handle& handle, A&& awaitable,
                          Where where = Where::current()) {
    return handle.block_on(run_until(std::forward<A>(awaitable), where), where);
  }

  // Makes weft::spawn_local on this thread go to this set, without running it, until the guard is
  // destroyed. Guards are destroyed in the reverse order of their creation.
  [[nodiscard]] EnterGuard enter(Where where = Where::current());

  // co_await set: runs the tasks until all have ended, those spawned meanwhile too. Cancel safe:
  // the tasks stay with the set.
  LeafAwaiter<internal::LocalSetNode> operator co_await() noexcept {
    return LeafAwaiter<internal::LocalSetNode>(*set_, made_at_);
  }
  // What co_await checks first, at the caller's line.
  void check_await(Where where) const { set_->check_may_drive(where); }

  // What happens when a task throws: only its handle sees it (the default), or all tasks of the set
  // are cancelled and whoever drives the set fails with a check. Before the first spawn_local.
  LocalSet& unhandled_exception(runtime::UnhandledException policy, Where where = Where::current());

  // For what spawns into the set by other ways (JoinSet): its tasks' home, ready for one more. As
  // spawn_local(), a check failure on another thread.
  internal::TaskHome& home(Where where) {
    set_->prepare_spawn(where);
    return *set_;
  }

  // Unique among live sets and runtimes.
  runtime::RuntimeId id() const noexcept { return id_; }

 private:
  const RefPtr<internal::LocalScheduler> set_;
  const runtime::RuntimeId id_;
  const Where made_at_;
};

// Stays on its thread, and inside the life of its set.
class [[nodiscard]] LocalSet::EnterGuard {
 public:
  explicit EnterGuard(internal::LocalScheduler& set) noexcept
      : scope_(set, internal::LocalScope::Kind::kEntersOnly) {}

 private:
  internal::LocalScope scope_;
};

}  // namespace weft

#endif  // WEFT_TASK_LOCAL_SET_H_
