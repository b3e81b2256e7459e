// From a Task, or from a callable and its arguments, to a task that runs.
//
// Spec: T-1, T-2, R-21, R-38, R-40, R-126; api.md "spawn(fn, args...)".
//
// A Task's own frame becomes the task: no allocation. A callable is decay-copied with its arguments
// and lives as long as the coroutine made from it. If nothing can refer to the copies (a function
// or a captureless lambda, and parameters that are all values) it is called at once and its frame
// is the task; else a wrapper coroutine keeps them, which is one allocation more.

#ifndef WEFT_RUNTIME_TASK_SPAWN_TASK_H_
#define WEFT_RUNTIME_TASK_SPAWN_TASK_H_

#include <concepts>
#include <functional>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

#include <weft/runtime/join_handle.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_home.h>

namespace weft::internal {

// Makes `frame` a task of `home` and queues it; runs the spawn hook in between.
void start_task(FrameHeader* frame, const TaskOps* ops, TaskHome& home,
                std::source_location where) noexcept;

template <class T>
JoinHandle<T> spawn_task(TaskHome& home, Task<T> task, std::source_location where,
                         const TaskOps* ops = &kTaskOps<T>) {
  FrameHeader* const frame = std::move(task).release();
  WEFT_CHECK(frame != nullptr && !frame->has_started(),
             "spawn: the Task was moved from, or has been awaited already", where);
  start_task(frame, ops, home, where);
  return JoinHandle<T>(frame);
}
// The same with a name for the task.
template <class T>
JoinHandle<T> spawn_named_task(TaskHome& home, Task<T> task, std::source_location where,
                               std::string_view name) {
  if (name.empty()) return spawn_task(home, std::move(task), where);
  return spawn_task(home, std::move(task), where, make_named_ops(kTaskOps<T>, name).release());
}

template <class T>
struct TaskValue {};
template <class T>
struct TaskValue<Task<T>> {
  using type = T;
};

// What the Task that a call of F with Args returns yields.
template <class F, class... Args>
using SpawnedValue =
    typename TaskValue<std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>...>>::type;

template <class F, class... Args>
concept Spawnable = requires { typename SpawnedValue<F, Args...>; };

// True if a coroutine made by calling F keeps nothing of the callable or of its arguments by
// reference.
template <class F>
struct KeepsNothing : std::false_type {};
template <class R, class... P>
struct KeepsNothing<R (*)(P...)> : std::bool_constant<(!std::is_reference_v<P> && ...)> {};
template <class R, class... P>
struct KeepsNothing<R (*)(P...) noexcept> : std::bool_constant<(!std::is_reference_v<P> && ...)> {};
template <class F>
  requires(std::is_empty_v<F> && requires { +std::declval<F>(); })
struct KeepsNothing<F> : KeepsNothing<decltype(+std::declval<F>())> {};

template <class F, class... Args>
Task<SpawnedValue<F, Args...>> keep_callable(F callable, Args... args) {
  co_return co_await std::invoke(callable, std::move(args)...);
}

template <class F, class... Args>
  requires Spawnable<F, Args...>
Task<SpawnedValue<F, Args...>> make_task(F&& callable, Args&&... args) {
  if constexpr (KeepsNothing<std::decay_t<F>>::value) {
    return std::invoke(callable, std::forward<Args>(args)...);
  } else {
    return keep_callable<std::decay_t<F>, std::decay_t<Args>...>(std::forward<F>(callable),
                                                                 std::forward<Args>(args)...);
  }
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_SPAWN_TASK_H_
