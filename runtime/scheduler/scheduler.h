// Scheduler: what a runtime is to the tasks, handles and threads that refer to it.
//
// Spec: ..R-46, R-144.
//
// One object per runtime, of one of two kinds (multi_thread.h, current_thread.h), counted by the
// Runtime, its handles, its threads, and everything that may outlive them. Tasks do not count it: a
// runtime stops only after its last task is complete, and a complete task does not use it.
//
// There is one moment to think about. A foreign thread that wakes a task makes it NOTIFIED and then
// calls schedule(). Until it has pushed the task the runtime cannot have stopped; right after, it
// may have. So schedule() counts the scheduler before it pushes (the task is not complete, so the
// scheduler is alive), and whoever gives the last count back frees it.

#ifndef WEFT_RUNTIME_SCHEDULER_SCHEDULER_H_
#define WEFT_RUNTIME_SCHEDULER_SCHEDULER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <stop_token>

#include <weft/base/error.h>
#include <weft/base/rng.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/blocking/blocking_pool.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/driver/driver.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/scheduler/config.h>
#include <weft/runtime/task/task_home.h>

namespace weft::internal {

struct ThreadContext;

// Counters of one worker that any thread may read at any time. Written by the thread that
// holds the worker, with plain loads and relaxed stores.
struct WorkerMetrics {
  loom::Atomic<std::uint64_t> park_unpark_count{0};  // odd: parked
  loom::Atomic<std::uint64_t> busy_nanoseconds{0};
  loom::Atomic<std::uint64_t> polls{0};
  loom::Atomic<std::uint64_t> steals{0};  // tasks
  loom::Atomic<std::uint64_t> steal_operations{0};
  loom::Atomic<std::uint64_t> overflows{0};
  loom::Atomic<std::uint64_t> forced_yields{0};
  loom::Atomic<std::uint64_t> spawned{0};
  loom::Atomic<std::uint64_t> ended{0};
};

// relaxed: one writer; readers want a recent value, not an ordered one.
inline void add(loom::Atomic<std::uint64_t>& counter, std::uint64_t n = 1) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

// A new number for a runtime, or for what has an id like one; unique in the process.
std::uint64_t next_runtime_id() noexcept;

// What the runtime's driver is to be.
DriverOptions driver_options(const RuntimeConfig& config) noexcept;

class Scheduler : public TaskHome, public RefCounted<Scheduler> {
 public:
  virtual ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Runtime::block_on: polls `root` on this thread until it has ended. The caller has entered the
  // runtime. The default parks the thread in between and drives nothing.
  virtual void block_on(Strand& root, std::source_location where);
  // The default of it, which is also Handle::block_on.
  void block_on_parked(Strand& root);
  // Runtime::attach_current_thread. The default is a check failure.
  virtual std::optional<Error> attach_current_thread(const std::stop_token& stop,
                                                     std::source_location where);
  // Stops the runtime; none: waits as long as it takes, else at most that long.
  virtual void shutdown(std::optional<std::chrono::nanoseconds> limit) noexcept = 0;

  // True once it refuses new tasks, and cancels those that there are. Any thread.
  virtual bool is_ending() const noexcept = 0;

  virtual std::uint64_t global_queue_depth() const noexcept = 0;
  virtual unsigned worker_count() const noexcept = 0;
  virtual const WorkerMetrics& worker_metrics(unsigned worker) const noexcept = 0;
  virtual std::uint64_t alive_tasks() const noexcept = 0;

  const RuntimeConfig& config() const noexcept { return config_; }
  Driver& driver() noexcept { return *driver_; }
  BlockingPool& blocking() noexcept { return *blocking_; }
  // Process-wide counter from 1.
  std::uint64_t id() const noexcept { return id_; }

  // The next seed for a thread that enters this runtime. Any thread.
  runtime::RngSeed next_seed() noexcept;

 protected:
  Scheduler(RuntimeConfig config, RefPtr<Driver> driver);

  // Lets the blocking pool's queued jobs go and waits for its threads; none: as long as it takes.
  void stop_blocking_pool(std::optional<std::chrono::nanoseconds> limit) noexcept;

 private:
  const RuntimeConfig config_;
  const RefPtr<Driver> driver_;
  std::unique_ptr<BlockingPool> blocking_;
  const std::uint64_t id_;
  loom::Mutex seed_mutex_;
  RngSeedGenerator seeds_;  // guarded by seed_mutex_
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_SCHEDULER_H_
