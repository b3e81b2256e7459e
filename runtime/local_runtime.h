// LocalRuntime: a runtime with everything on the thread that created it.
//
// Spec.
//
// A current_thread runtime that belongs to one thread. No other can drive it, so its tasks need not
// be ready to change threads: spawn_local() accepts what spawn() must not be given.
//
//   auto rt = weft::runtime::Builder::new_current_thread().enable_all().build_local().value();
//   rt.block_on([]() -> weft::Task<> {
//     auto answer = weft::spawn_local(ask(widget));          // stays on this thread
//     co_await answer;
//   }());
//
// Its handle may travel. What a handle spawns may be made on another thread, but runs on this one.

#ifndef WEFT_RUNTIME_LOCAL_RUNTIME_H_
#define WEFT_RUNTIME_LOCAL_RUNTIME_H_

#include <chrono>
#include <cstdint>
#include <source_location>
#include <utility>

#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn_local.h>

namespace weft::runtime {

// Move-only, on its thread: every function but handle() and metrics() is a check failure on another
// one, and so is destroying it there.
class LocalRuntime {
  using Where = std::source_location;

 public:
  // For Builder::build_local(): `runtime` was made for the calling thread.
  explicit LocalRuntime(Runtime runtime) noexcept : runtime_(std::move(runtime)) {}
  LocalRuntime(LocalRuntime&&) noexcept = default;
  LocalRuntime& operator=(LocalRuntime&&) noexcept = default;
  // As Runtime's.
  ~LocalRuntime();

  // Any thread.
  Handle handle() const noexcept { return runtime_.handle(); }
  RuntimeMetrics metrics() const noexcept { return runtime_.metrics(); }

  // As weft::spawn_local, without having to be inside the runtime. The task makes progress while
  // the thread is in block_on.
  template <class T>
  JoinHandle<T> spawn_local(Task<T> task, Where where = Where::current()) const {
    check_thread("LocalRuntime::spawn_local", where);
    return runtime_.spawn(std::move(task), where);
  }
  template <class F>
    requires internal::Spawnable<F>
  auto spawn_local(F&& callable, Where where = Where::current()) const {
    return spawn_local(internal::make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires internal::Spawnable<F, A>
  auto spawn_local(F&& callable, A&& a, Where where = Where::current()) const {
    return spawn_local(internal::make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  // More arguments leave no room for the caller's location after them.
  template <class F, class A, class B, class... More>
    requires internal::Spawnable<F, A, B, More...>
  auto spawn_local(F&& callable, A&& a, B&& b, More&&... more) const {
    return spawn_local(internal::make_task(std::forward<F>(callable), std::forward<A>(a),
                                           std::forward<B>(b), std::forward<More>(more)...));
  }

  // As weft::spawn_blocking.
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  auto spawn_blocking(F&& callable, Args&&... args) const {
    return runtime_.spawn_blocking(std::forward<F>(callable), std::forward<Args>(args)...);
  }

  // As Runtime's.
  template <Awaitable A>
  AwaitResult<A> block_on(A&& awaitable, Where where = Where::current()) const {
    check_thread("LocalRuntime::block_on", where);
    return runtime_.block_on(std::forward<A>(awaitable), where);
  }
  EnterGuard enter(Where where = Where::current()) const {
    check_thread("LocalRuntime::enter", where);
    return runtime_.enter(where);
  }
  void shutdown_timeout(std::chrono::nanoseconds limit, Where where = Where::current()) {
    check_thread("LocalRuntime::shutdown_timeout", where);
    runtime_.shutdown_timeout(limit, where);
  }
  void shutdown_background(Where where = Where::current()) {
    check_thread("LocalRuntime::shutdown_background", where);
    runtime_.shutdown_background();
  }

 private:
  // A check failure that names `call` and the owner's thread on any other.
  void check_thread(const char* call, Where where) const;

  Runtime runtime_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_LOCAL_RUNTIME_H_
