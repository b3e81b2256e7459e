// SpawnForms: the ways of giving a task: a callable and its arguments, on this or that runtime.
//
// Spec: T-32, T-39, T-40, T-14; api.md "spawn(fn, args...)".
//
// JoinSet, JoinQueue, TaskTracker and task::Builder differ in what they do with a Task or with a
// blocking job, and not in the ways of giving them one. Each derives from SpawnForms<itself>, says
// `using` for the names, and has
//   start_task(TaskHome&, location, Task<T>)
//   start_blocking(Scheduler&, location, callable, args...)
// as a friend of this base. What these return, the functions here return.
//
// The caller's location comes last, with a default, as long as few arguments leave room for it;
// with more it is lost.

#ifndef WEFT_TASK_INTERNAL_SPAWN_FORMS_H_
#define WEFT_TASK_INTERNAL_SPAWN_FORMS_H_

#include <concepts>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/runtime/handle.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/local_home.h>
#include <weft/runtime/task/spawn_task.h>
#include <weft/task/local_set.h>

namespace weft::internal {

template <class Derived>
class SpawnForms {
  using Location = std::source_location;
  using Handle = runtime::Handle;

 public:
  // On the current runtime, as weft::spawn().
  template <class T>
  auto spawn(Task<T> task, Location where = Location::current()) {
    return derived().start_task(require_scheduler("spawn", where), where, std::move(task));
  }
  template <class F>
    requires Spawnable<F>
  auto spawn(F&& callable, Location where = Location::current()) {
    return spawn(make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires Spawnable<F, A>
  auto spawn(F&& callable, A&& a, Location where = Location::current()) {
    return spawn(make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  template <class F, class A, class B, class... More>
    requires Spawnable<F, A, B, More...>
  auto spawn(F&& callable, A&& a, B&& b, More&&... more) {
    return spawn(make_task(std::forward<F>(callable), std::forward<A>(a), std::forward<B>(b),
                           std::forward<More>(more)...));
  }

  // On the runtime `rt`, as Handle::spawn().
  template <class T>
  auto spawn_on(const Handle& rt, Task<T> task, Location where = Location::current()) {
    return derived().start_task(rt.scheduler(), where, std::move(task));
  }
  template <class F>
    requires Spawnable<F>
  auto spawn_on(const Handle& rt, F&& callable, Location where = Location::current()) {
    return spawn_on(rt, make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires Spawnable<F, A>
  auto spawn_on(const Handle& rt, F&& callable, A&& a, Location where = Location::current()) {
    return spawn_on(rt, make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  template <class F, class A, class B, class... More>
    requires Spawnable<F, A, B, More...>
  auto spawn_on(const Handle& rt, F&& callable, A&& a, B&& b, More&&... more) {
    return spawn_on(rt, make_task(std::forward<F>(callable), std::forward<A>(a), std::forward<B>(b),
                                  std::forward<More>(more)...));
  }

  // On this thread, as weft::spawn_local().
  template <class T>
  auto spawn_local(Task<T> task, Location where = Location::current()) {
    return derived().start_task(require_local_home(where), where, std::move(task));
  }
  template <class F>
    requires Spawnable<F>
  auto spawn_local(F&& callable, Location where = Location::current()) {
    return spawn_local(make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires Spawnable<F, A>
  auto spawn_local(F&& callable, A&& a, Location where = Location::current()) {
    return spawn_local(make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  template <class F, class A, class B, class... More>
    requires Spawnable<F, A, B, More...>
  auto spawn_local(F&& callable, A&& a, B&& b, More&&... more) {
    return spawn_local(make_task(std::forward<F>(callable), std::forward<A>(a), std::forward<B>(b),
                                 std::forward<More>(more)...));
  }

  // In `set`, as LocalSet::spawn_local().
  template <class T>
  auto spawn_local_on(LocalSet& set, Task<T> task, Location where = Location::current()) {
    return derived().start_task(set.home(where), where, std::move(task));
  }
  template <class F>
    requires Spawnable<F>
  auto spawn_local_on(LocalSet& set, F&& callable, Location where = Location::current()) {
    return spawn_local_on(set, make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires Spawnable<F, A>
  auto spawn_local_on(LocalSet& set, F&& callable, A&& a, Location where = Location::current()) {
    return spawn_local_on(set, make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  template <class F, class A, class B, class... More>
    requires Spawnable<F, A, B, More...>
  auto spawn_local_on(LocalSet& set, F&& callable, A&& a, B&& b, More&&... more) {
    return spawn_local_on(set, make_task(std::forward<F>(callable), std::forward<A>(a),
                                         std::forward<B>(b), std::forward<More>(more)...));
  }

  // On a thread that may block, as weft::spawn_blocking() and Handle::spawn_blocking().
  template <class F>
    requires std::invocable<std::decay_t<F>&>
  auto spawn_blocking(F&& callable, Location where = Location::current()) {
    return derived().start_blocking(require_scheduler("spawn_blocking", where), where,
                                    std::forward<F>(callable));
  }
  template <class F, class... Args>
    requires(sizeof...(Args) > 0 && std::invocable<std::decay_t<F>&, std::decay_t<Args>...>)
  auto spawn_blocking(F&& callable, Args&&... args) {
    const Location where = Location::current();
    return derived().start_blocking(require_scheduler("spawn_blocking", where), where,
                                    std::forward<F>(callable), std::forward<Args>(args)...);
  }

  template <class F>
    requires std::invocable<std::decay_t<F>&>
  auto spawn_blocking_on(const Handle& rt, F&& callable, Location where = Location::current()) {
    return derived().start_blocking(rt.scheduler(), where, std::forward<F>(callable));
  }
  template <class F, class... Args>
    requires(sizeof...(Args) > 0 && std::invocable<std::decay_t<F>&, std::decay_t<Args>...>)
  auto spawn_blocking_on(const Handle& rt, F&& callable, Args&&... args) {
    return derived().start_blocking(rt.scheduler(), Location::current(), std::forward<F>(callable),
                                    std::forward<Args>(args)...);
  }

 private:
  friend Derived;
  SpawnForms() noexcept = default;

  Derived& derived() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_SPAWN_FORMS_H_
