// spawn, spawn_blocking, block_in_place: work beside the current task.
//
// Spec: ..R-96, T-1, T-2, T-15..T-19.
//
//   auto a = weft::spawn(serve(std::move(socket)));         // a Task
//   auto b = weft::spawn(copy_lines, from, to);             // a callable; the arguments are copied
//   auto c = weft::spawn_blocking([] { return checksum(); });  // on a thread that may block

#ifndef WEFT_RUNTIME_SPAWN_H_
#define WEFT_RUNTIME_SPAWN_H_

#include <concepts>
#include <functional>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/runtime/join_handle.h>
#include <weft/runtime/scheduler/block_in_place.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/blocking_task.h>
#include <weft/runtime/task/spawn_task.h>

namespace weft {

// Makes `task` a task of its own on the current runtime; it runs at the same time as its spawner,
// whether or not anyone awaits the handle. Never runs any of it before returning. A check failure
// at the caller's line outside every runtime. Thread-safe. If the runtime is stopping, the task is
// cancelled at once.
template <class T>
JoinHandle<T> spawn(Task<T> task, std::source_location where = std::source_location::current()) {
  return internal::spawn_task(internal::require_scheduler("spawn", where), std::move(task), where);
}

// The same for what callable(args...) returns. Callable and arguments are decay-copied and live as
// long as the task, so a capturing lambda and reference parameters are safe.
template <class F>
  requires internal::Spawnable<F>
auto spawn(F&& callable, std::source_location where = std::source_location::current()) {
  return spawn(internal::make_task(std::forward<F>(callable)), where);
}
template <class F, class A>
  requires internal::Spawnable<F, A>
auto spawn(F&& callable, A&& a, std::source_location where = std::source_location::current()) {
  return spawn(internal::make_task(std::forward<F>(callable), std::forward<A>(a)), where);
}
template <class F, class A, class B>
  requires internal::Spawnable<F, A, B>
auto spawn(F&& callable, A&& a, B&& b,
           std::source_location where = std::source_location::current()) {
  return spawn(
      internal::make_task(std::forward<F>(callable), std::forward<A>(a), std::forward<B>(b)),
      where);
}
// Four and more values leave no room for the caller's location after them.
template <class F, class A, class B, class C, class... More>
  requires internal::Spawnable<F, A, B, C, More...>
auto spawn(F&& callable, A&& a, B&& b, C&& c, More&&... more) {
  return spawn(internal::make_task(std::forward<F>(callable), std::forward<A>(a),
                                   std::forward<B>(b), std::forward<C>(c),
                                   std::forward<More>(more)...));
}

// Runs callable(args...) on a thread of the blocking pool, inside the runtime's context. It cannot
// be aborted once it has started; abort() before that may prevent it. The pool is large and its
// queue unbounded: limit work for the processor yourself. After the runtime has stopped the handle
// yields "cancelled". A check failure outside every runtime.
template <class F, class... Args>
  requires(sizeof...(Args) > 0 && std::invocable<std::decay_t<F>&, std::decay_t<Args>...>)
auto spawn_blocking(F&& callable, Args&&... args) {
  const auto where = std::source_location::current();
  return internal::spawn_blocking_on(internal::require_scheduler("spawn_blocking", where), where,
                                     false, std::forward<F>(callable), std::forward<Args>(args)...);
}
template <class F>
  requires std::invocable<std::decay_t<F>&>
auto spawn_blocking(F&& callable, std::source_location where = std::source_location::current()) {
  return internal::spawn_blocking_on(internal::require_scheduler("spawn_blocking", where), where,
                                     false, std::forward<F>(callable));
}

// Runs callable() on this thread, which may block in it: a worker gives its other tasks to another
// thread first, also while the runtime shuts down: what it cancels may be what the callable waits
// for. That thread is one of max_blocking_threads unless the runtime shuts down; if all are busy
// the tasks wait for one, or for another worker. The other branches of the same task wait. Outside
// a worker it simply runs the callable. A check failure where nobody could take over: inside a
// current_thread runtime's block_on (T-17).
template <std::invocable F>
std::invoke_result_t<F> block_in_place(
    F&& callable, std::source_location where = std::source_location::current()) {
  const internal::BlockInPlaceScope scope(where);
  return std::invoke(std::forward<F>(callable));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_SPAWN_H_
