// Handle: a runtime as seen from anywhere.
//
// Spec.
//
// A cheap copy that does not keep the runtime running. Foreign threads spawn and block through it.
//
//   weft::runtime::Handle handle = weft::runtime::Handle::current();
//   std::thread([handle] { handle.block_on(work()); });

#ifndef WEFT_RUNTIME_HANDLE_H_
#define WEFT_RUNTIME_HANDLE_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/block_on.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/metrics.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/scheduler/config.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/blocking_task.h>
#include <weft/runtime/task/spawn_task.h>

namespace weft::runtime {

// Keeps a runtime current on this thread until it is destroyed; guards nest like scopes.
class [[nodiscard]] EnterGuard {
 public:
  EnterGuard(internal::Scheduler& scheduler, std::source_location where) noexcept
      : guard_(scheduler, where) {}

 private:
  internal::ContextGuard guard_;
};

// Why there is no current runtime.
class TryCurrentError {
 public:
  static TryCurrentError missing_context() noexcept { return TryCurrentError(false); }
  static TryCurrentError thread_local_destroyed() noexcept { return TryCurrentError(true); }

  // The thread is in no runtime.
  bool is_missing_context() const noexcept { return !thread_local_destroyed_; }
  // The thread is ending: its thread-locals are being destroyed.
  bool is_thread_local_destroyed() const noexcept { return thread_local_destroyed_; }
  std::string_view to_string() const noexcept;

 private:
  explicit TryCurrentError(bool thread_local_destroyed) noexcept
      : thread_local_destroyed_(thread_local_destroyed) {}
  bool thread_local_destroyed_;
};

// Unique among live runtimes; never 0.
class RuntimeId {
 public:
  explicit constexpr RuntimeId(std::uint64_t value) noexcept : value_(value) {}
  constexpr std::uint64_t value() const noexcept { return value_; }
  friend constexpr auto operator<=>(RuntimeId, RuntimeId) noexcept = default;

 private:
  std::uint64_t value_;
};

// Thread-safe.
class Handle {
 public:
  explicit Handle(RefPtr<internal::Scheduler> scheduler) noexcept
      : scheduler_(std::move(scheduler)) {}

  // The runtime that this thread is in. A check failure if there is none.
  static Handle current(std::source_location where = std::source_location::current());
  static Result<Handle, TryCurrentError> try_current() noexcept;

  // As weft::spawn and weft::spawn_blocking, on this runtime and from any thread.
  template <class T>
  JoinHandle<T> spawn(Task<T> task,
                      std::source_location where = std::source_location::current()) const {
    return internal::spawn_task(*scheduler_, std::move(task), where);
  }
  template <class F>
    requires internal::Spawnable<F>
  auto spawn(F&& callable, std::source_location where = std::source_location::current()) const {
    return spawn(internal::make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires internal::Spawnable<F, A>
  auto spawn(F&& callable, A&& a,
             std::source_location where = std::source_location::current()) const {
    return spawn(internal::make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  // More arguments leave no room for the caller's location after them.
  template <class F, class A, class B, class... More>
    requires internal::Spawnable<F, A, B, More...>
  auto spawn(F&& callable, A&& a, B&& b, More&&... more) const {
    return spawn(internal::make_task(std::forward<F>(callable), std::forward<A>(a),
                                     std::forward<B>(b), std::forward<More>(more)...));
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  auto spawn_blocking(F&& callable, Args&&... args) const {
    return internal::spawn_blocking_on(*scheduler_, std::source_location::current(), false,
                                       std::forward<F>(callable), std::forward<Args>(args)...);
  }

  // Runs `awaitable` on this thread until it is complete and yields its value; an exception comes
  // out. The thread parks in between: on a current_thread runtime, tasks, timers and I/O only make
  // progress while another thread is in Runtime::block_on. A check failure on a thread that
  // drives async code.
  template <Awaitable A>
  AwaitResult<A> block_on(A&& awaitable,
                          std::source_location where = std::source_location::current()) const {
    const internal::EnterRuntimeGuard entered(*scheduler_, internal::Entered::kMayBlockInPlace,
                                              "Handle::block_on", where);
    return internal::drive_awaitable(
        std::forward<A>(awaitable),
        [this, where](internal::Strand& root) { scheduler_->block_on_parked(root, where); });
  }

  EnterGuard enter(std::source_location where = std::source_location::current()) const noexcept {
    return EnterGuard(*scheduler_, where);
  }
  // Yields a Dump of all tasks of this runtime, to be awaited anywhere (dump.h). Nobody is stopped;
  // tasks may be spawned, run and end meanwhile, and several dumps do not disturb each other.
  // Throws std::bad_alloc. Takes no budget. Cancel safe.
  DumpAwaitable dump() const noexcept { return DumpAwaitable(scheduler_); }
  RuntimeMetrics metrics() const noexcept { return RuntimeMetrics(scheduler_); }
  RuntimeFlavor runtime_flavor() const noexcept { return scheduler_->config().flavor; }
  RuntimeId id() const noexcept { return RuntimeId(scheduler_->id()); }
  // Writes the trace that the runtime has recorded so far to its file, in place of what is there,
  // without what has begun and not ended. Blocks while it writes: call it in spawn_blocking. Fails
  // as writing a file does, and with operation_not_permitted if the runtime is not traced
  // (Builder::trace_to, WEFT_TRACE). Any thread, also after the runtime has been stopped.
  Result<void> write_trace() const;
  // What Builder::name() was given; nullopt if nothing.
  std::optional<std::string> name() const;

  internal::Scheduler& scheduler() const noexcept { return *scheduler_; }

 private:
  RefPtr<internal::Scheduler> scheduler_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_HANDLE_H_
