// spawn_local: a task that never leaves this thread.
//
// Spec: T-22, T-23, R-55, R-162.
//
// For coroutines that hold what must not change its thread: objects of a library with thread
// affinity, thread-locals, data without locks. Such a task needs a home on the thread: a LocalSet,
// or a LocalRuntime.
//
//   weft::LocalSet set;
//   co_await set.run_until([]() -> weft::Task<> {
//     auto handle = weft::spawn_local(update(window));
//     co_await handle;
//   }());

#ifndef WEFT_RUNTIME_SPAWN_LOCAL_H_
#define WEFT_RUNTIME_SPAWN_LOCAL_H_

#include <source_location>
#include <utility>

#include <weft/runtime/join_handle.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/local_home.h>
#include <weft/runtime/task/spawn_task.h>

namespace weft {

// Makes `task` a task of its own that runs on the calling thread only: in the LocalRuntime that
// this thread owns and is in, else in the LocalSet that is entered or runs here (LocalSet::enter(),
// run_until()). Never runs any of it before returning. A check failure at the caller's line where
// there is neither, also inside a plain runtime and on a foreign thread.
//
// The handle may go to other threads: there, it can be awaited, and abort() only asks the owner's
// thread, on which alone the task's frame is resumed and destroyed.
template <class T>
JoinHandle<T> spawn_local(Task<T> task,
                          std::source_location where = std::source_location::current()) {
  return internal::spawn_task(internal::require_local_home(where), std::move(task), where);
}

// The same for what callable(args...) returns; both are decay-copied and live as long as the task.
template <class F>
  requires internal::Spawnable<F>
auto spawn_local(F&& callable, std::source_location where = std::source_location::current()) {
  return spawn_local(internal::make_task(std::forward<F>(callable)), where);
}
template <class F, class A>
  requires internal::Spawnable<F, A>
auto spawn_local(F&& callable, A&& a,
                 std::source_location where = std::source_location::current()) {
  return spawn_local(internal::make_task(std::forward<F>(callable), std::forward<A>(a)), where);
}
// More arguments leave no room for the caller's location after them.
template <class F, class A, class B, class... More>
  requires internal::Spawnable<F, A, B, More...>
auto spawn_local(F&& callable, A&& a, B&& b, More&&... more) {
  return spawn_local(internal::make_task(std::forward<F>(callable), std::forward<A>(a),
                                         std::forward<B>(b), std::forward<More>(more)...));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_SPAWN_LOCAL_H_
