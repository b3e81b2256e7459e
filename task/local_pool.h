// LocalPoolHandle: threads with a LocalRuntime each, for work that must not change threads.
//
// Spec: T-51.
//
//   // Not to be moved between threads: it counts without a lock, and keeps pointers to its locals.
//   Task<int> count_words(int words) {
//     const auto count = std::make_shared<int>(0);
//     for (int i = 0; i < words; ++i) {
//       ++*count;
//       co_await yield_now();
//     }
//     co_return *count;
//   }
//
//   Task<int> count_elsewhere() {
//     const auto pool = LocalPoolHandle::create(2).value();
//     auto counted = pool.spawn_pinned(count_words, 3);  // stays on the thread it begins on
//     const auto joined = co_await counted;
//     co_return joined.value();
//   }
//
// A task that has to stay on one thread is given as a callable, which travels; the coroutine that
// it returns is made, run and destroyed on the thread that was chosen: the one with the fewest
// tasks, or the caller's choice. Each thread drives a LocalRuntime, so spawn_local() works there.

#ifndef WEFT_TASK_LOCAL_POOL_H_
#define WEFT_TASK_LOCAL_POOL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/spawn_task.h>
#include <weft/task/cancellation_token.h>

namespace weft {
namespace internal {

// How many tasks a thread of the pool has. Written by all who spawn there and by the frames that
// end; read by who looks for the thread with the fewest. A number, which publishes nothing.
class PinnedLoad : public RefCounted<PinnedLoad> {
 public:
  PinnedLoad() noexcept = default;
  ~PinnedLoad() = default;

  // relaxed, here and below: see above.
  std::size_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
  void add() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void remove() noexcept { count_.fetch_sub(1, std::memory_order_relaxed); }
  // Adds one if there are still `seen`.
  [[nodiscard]] bool try_add(std::size_t seen) noexcept {
    return count_.compare_exchange_strong(seen, seen + 1, std::memory_order_relaxed);
  }

 private:
  loom::Atomic<std::size_t> count_{0};
};

// One task's part of a load, which has been added; removed with the frame that holds this.
class PinnedTask {
 public:
  explicit PinnedTask(RefPtr<PinnedLoad> load) noexcept : load_(std::move(load)) {}
  PinnedTask(PinnedTask&&) noexcept = default;
  PinnedTask& operator=(PinnedTask&&) = delete;
  ~PinnedTask() {
    if (load_) load_->remove();
  }

 private:
  RefPtr<PinnedLoad> load_;
};

template <class F, class... Args>
Task<SpawnedValue<F, Args...>> run_pinned([[maybe_unused]] PinnedTask counted, F factory,
                                          Args... args) {
  co_return co_await std::invoke(factory, std::move(args)...);
}

}  // namespace internal

// Thread-safe; copies are the same pool. When the last one goes, the threads cancel what is left
// and end; nobody waits for that.
class LocalPoolHandle {
  using Location = std::source_location;

 public:
  // Starts `threads` threads, each with a runtime that has timers and I/O. Fails if the system has
  // no room for them. A check failure if `threads` is 0.
  static Result<LocalPoolHandle> create(std::size_t threads, Location where = Location::current());

  // Calls factory(args...) on the thread with the fewest tasks and runs the Task that it returns
  // there. Factory and arguments are decay-copied. What factory or task throw comes out of the
  // handle, and the thread goes on; abort() cancels the task on its thread; dropping the handle
  // detaches it.
  template <class F, class... Args>
    requires internal::Spawnable<F, Args...>
  auto spawn_pinned(F&& factory, Args&&... args) const {
    return spawn_at(least_loaded(), std::forward<F>(factory), std::forward<Args>(args)...);
  }
  // The same on a thread of the caller's choice. A check failure unless index < num_threads().
  template <class F, class... Args>
    requires internal::Spawnable<F, Args...>
  auto spawn_pinned_by_idx(std::size_t index, F&& factory, Args&&... args) const {
    WEFT_CHECK(index < num_threads(),
               "LocalPoolHandle::spawn_pinned_by_idx: the pool has no thread of that index");
    const Worker& worker = pool_->workers[index];
    worker.load->add();
    return spawn_at(worker, std::forward<F>(factory), std::forward<Args>(args)...);
  }

  std::size_t num_threads() const noexcept { return pool_->workers.size(); }
  // How many tasks each thread has now.
  std::vector<std::size_t> task_loads() const;

 private:
  struct Worker {
    runtime::Handle runtime;
    RefPtr<internal::PinnedLoad> load;
  };
  // The threads do not refer to it: they wait for `stop`.
  struct Pool {
    std::vector<Worker> workers;  // constant once the pool is there
    CancellationToken stop;

    Pool() = default;
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool() { stop.cancel(); }
  };

  explicit LocalPoolHandle(std::shared_ptr<const Pool> pool) noexcept : pool_(std::move(pool)) {}

  // Counts the task that is about to be spawned.
  const Worker& least_loaded() const noexcept;

  template <class F, class... Args>
  static auto spawn_at(const Worker& worker, F&& factory, Args&&... args) {
    internal::PinnedTask counted(worker.load);
    return worker.runtime.spawn(internal::run_pinned<std::decay_t<F>, std::decay_t<Args>...>(
        std::move(counted), std::forward<F>(factory), std::forward<Args>(args)...));
  }

  std::shared_ptr<const Pool> pool_;
};

}  // namespace weft

#endif  // WEFT_TASK_LOCAL_POOL_H_
