// Runtime: the threads, queues and drivers that run tasks. Also the umbrella of the folder.
//
// Spec: ..R-32, R-37..R-46, R-165.
//
//   auto rt = weft::runtime::Runtime::create().value();
//   int answer = rt.block_on(compute());
//
// A Runtime owns its parts; handles do not keep it running. Programs that start at co_main need
// none of this.

#ifndef WEFT_RUNTIME_RUNTIME_H_
#define WEFT_RUNTIME_RUNTIME_H_

#include <chrono>
#include <optional>
#include <source_location>
#include <stop_token>
#include <utility>

#include <weft/base/error.h>
#include <weft/runtime/block_on.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/cooperative.h>
#include <weft/runtime/executors/asio_executor.h>
#include <weft/runtime/executors/executor.h>
#include <weft/runtime/executors/pool_executor.h>
#include <weft/runtime/executors/tbb_executor.h>
#include <weft/runtime/from_awaitable.h>
#include <weft/runtime/from_callback.h>
#include <weft/runtime/from_future.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/join.h>
#include <weft/runtime/join_all.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/main_runtime.h>
#include <weft/runtime/match.h>
#include <weft/runtime/metrics.h>
#include <weft/runtime/ok.h>
#include <weft/runtime/on.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/reactor/reactor.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/spawn_local.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task_id.h>
#include <weft/runtime/try_join.h>
#include <weft/runtime/unconstrained.h>
#include <weft/runtime/waker.h>
#include <weft/runtime/yield_now.h>

namespace weft::runtime {

// Move-only. Its functions may be called from any thread at the same time.
class Runtime {
 public:
  // Multi-thread, everything enabled: Builder::new_multi_thread().enable_all().build().
  static Result<Runtime> create();

  explicit Runtime(RefPtr<internal::Scheduler> scheduler) noexcept
      : handle_(std::move(scheduler)) {}
  Runtime(Runtime&& other) noexcept
      : handle_(std::move(other.handle_)), owns_(std::exchange(other.owns_, false)) {}
  Runtime& operator=(Runtime&& other) noexcept;
  // Stops: every task is cancelled where it is suspended, started blocking jobs are waited for
  // without limit. A check failure inside async code, where it would block it.
  ~Runtime();

  Handle handle() const noexcept { return handle_; }
  // False once it has been stopped or moved from.
  bool is_running() const noexcept { return owns_; }

  // As Handle's.
  template <class T>
  JoinHandle<T> spawn(Task<T> task,
                      std::source_location where = std::source_location::current()) const {
    return handle_.spawn(std::move(task), where);
  }
  template <class F>
    requires internal::Spawnable<F>
  auto spawn(F&& callable, std::source_location where = std::source_location::current()) const {
    return handle_.spawn(internal::make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires internal::Spawnable<F, A>
  auto spawn(F&& callable, A&& a,
             std::source_location where = std::source_location::current()) const {
    return handle_.spawn(internal::make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  // More arguments leave no room for the caller's location after them.
  template <class F, class A, class B, class... More>
    requires internal::Spawnable<F, A, B, More...>
  auto spawn(F&& callable, A&& a, B&& b, More&&... more) const {
    return handle_.spawn(internal::make_task(std::forward<F>(callable), std::forward<A>(a),
                                             std::forward<B>(b), std::forward<More>(more)...));
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  auto spawn_blocking(F&& callable, Args&&... args) const {
    return handle_.spawn_blocking(std::forward<F>(callable), std::forward<Args>(args)...);
  }
  EnterGuard enter(std::source_location where = std::source_location::current()) const noexcept {
    return handle_.enter(where);
  }
  RuntimeMetrics metrics() const noexcept { return handle_.metrics(); }

  // Runs `awaitable` on this thread until it is complete and yields its value; an exception comes
  // out. It is no task: it has no id, and may refer to the caller's locals. On a current_thread
  // runtime this drives everything; concurrent callers take turns. A check failure on a
  // thread that drives async code already.
  template <Awaitable A>
  AwaitResult<A> block_on(A&& awaitable,
                          std::source_location where = std::source_location::current()) const {
    internal::Scheduler& scheduler = handle_.scheduler();
    const auto entered_as = scheduler.config().flavor == RuntimeFlavor::kMultiThread
                                ? internal::Entered::kMayBlockInPlace
                                : internal::Entered::kMayNotBlock;
    const internal::EnterRuntimeGuard entered(scheduler, entered_as, "Runtime::block_on", where);
    return internal::drive_awaitable(
        std::forward<A>(awaitable),
        [&scheduler, where](internal::Strand& root) { scheduler.block_on(root, where); });
  }

  // Lends the calling thread to the runtime: it becomes one more worker, behind the configured
  // ones, and runs tasks until `stop` is requested or the runtime is stopped. Then it ends the
  // resume that it is in, gives its queue to the others and returns.
  //
  // As on any thread of the runtime, the hooks on_thread_start and on_thread_stop are called around
  // that, and tasks may use block_in_place: meanwhile the thread is no worker, and afterwards it is
  // one again. A runtime that is stopped, with waiting, waits for the threads attached to it.
  //
  // An error says that the thread could not become a worker, and nothing was run on it: the system
  // has no descriptor left (too_many_files_open), or no memory for one. It may be ignored: the
  // runtime goes on without this thread.
  //
  // Returns at once if `stop` is requested or the runtime stopped already. A check failure: on a
  // thread that drives async code, for a current_thread runtime, and on more threads at a time than
  // Builder::max_attached_threads allows.
  std::optional<Error> attach_current_thread(
      std::stop_token stop, std::source_location where = std::source_location::current()) const;

  // Stops as the destructor does, but waits at most `limit` for blocking jobs and workers; what has
  // not ended then runs on by itself. Nothing happens the second time.
  void shutdown_timeout(std::chrono::nanoseconds limit,
                        std::source_location where = std::source_location::current());
  // The same without waiting: allowed inside async code.
  void shutdown_background();

 private:
  void stop(std::optional<std::chrono::nanoseconds> limit, std::source_location where);

  Handle handle_;
  bool owns_ = true;  // false: moved from, or stopped
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_RUNTIME_H_
