// BlockingPool: threads for what blocks, made when needed and let go when idle.
//
// Spec: R-4..R-8, R-11, R-38, R-45, R-58, R-121..R-126; LM-19..LM-22.
//
// Design. One first-in first-out queue, one mutex, one condition variable. A job goes to an idle
// thread if there is one, otherwise a thread is made for it, and at the limit it waits in the
// queue. What looks simple has one trap: between the moment a spawner notifies an idle thread and
// the moment that thread runs, the next spawner must not count on the same thread. So it is the
// spawner who takes the thread out of num_idle and leaves a claim in num_notify:
//
//   num_idle + num_notify == threads that wait
//
// A waiting thread that finds a claim takes it, whoever it was meant for; without one it goes on
// waiting, or ends when its time is over. Hence a job that was queued has a thread that will look.
//
// Waking a thread costs more than most jobs take, so one wake-up is under way at a time: whoever
// takes a job while claims are open and none is wakes the next thread, before it runs the job,
// which may block. A burst of short jobs is mostly done by the first thread that comes; when the
// queue is empty the open claims are void. And where jobs follow each other closely, one waiting
// thread spins for a while before it sleeps (adaptive_spin.h): it is told without a system call.
//
// The workers of a multi-thread runtime are jobs too and live here for as long as they work; the
// limit is raised by their number. A worker whose thread is about to block is handed over as one
// more job (block_in_place). As long as the runtime runs that waits for its turn like any other.
// When it ends, the limit and the order count no more: a worker that nobody holds cancels nothing,
// and threads may block until it does. So shutdown makes threads for those in the queue, unless
// enough are on their way there, and each that is handed over later is given one of its own.
//
// The state is shared by the pool and its threads, and outlives the pool if threads are left behind
// . So do the hooks: each thread holds them until it ends, and the pool until shutdown
// begins, so a hook may own the runtime that owns the pool.
//
//   pool.spawn(job);                        // run() or cancel() is called once, with no lock held
//   pool.begin_shutdown();
//   pool.wait_shutdown(std::chrono::seconds(5));

#ifndef WEFT_RUNTIME_BLOCKING_BLOCKING_POOL_H_
#define WEFT_RUNTIME_BLOCKING_BLOCKING_POOL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>

#include <weft/base/result.h>

namespace weft::internal {

// Something to do on a thread that may block. Exactly one of run() and cancel() is called on a job
// that the pool took, on a thread of the pool, and destroys the job.
struct BlockingJob {
  BlockingJob* next = nullptr;  // the pool's link
  bool mandatory = false;       // runs also when shutdown finds it in the queue
  // Keeps its thread for as long as the runtime runs (a worker): others must not wait for it.
  bool occupies_thread = false;

  BlockingJob() = default;
  BlockingJob(const BlockingJob&) = delete;
  BlockingJob& operator=(const BlockingJob&) = delete;

  virtual void run() noexcept = 0;
  virtual void cancel() noexcept = 0;

 protected:
  virtual ~BlockingJob() = default;
};

struct BlockingPoolOptions {
  // The most threads at a time; not 0.
  std::size_t max_threads = 512;
  // How long a thread stays idle before it ends.
  std::chrono::nanoseconds keep_alive = std::chrono::seconds(10);
  // Bytes; the system's least wins.
  std::size_t stack_size = 2 * 1024 * 1024;
  // A thread that waits for a job spins first, if its last waits were short.
  bool adaptive_spin = false;

  // All may be empty. They are called on the new thread, on several at the same time, and must not
  // throw. In this order:
  // The thread's name; called once for each thread. The system keeps 15 bytes.
  std::function<std::string()> thread_name;
  // Runs the thread: calls body() exactly once, with what the thread needs around it; for instance
  // inside the runtime's context.
  std::function<void(const std::function<void()>& body)> enter;
  // Inside of `enter`: before the first job, and after the last.
  std::function<void()> on_start;
  std::function<void()> on_stop;
};

// Thread-safe.
class BlockingPool {
 public:
  enum class SpawnError : std::uint8_t {
    kShutDown,   // begin_shutdown() came first
    kNoThreads,  // the system has no room for a thread, and the pool has none
  };

  // Makes no thread yet. Fatal if max_threads is 0.
  explicit BlockingPool(BlockingPoolOptions options,
                        std::source_location where = std::source_location::current());
  // Begins the shutdown if nobody did, and leaves what runs behind: does not wait.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Queues `job`. On an error it is still the caller's, who cancels it.
  Result<void, SpawnError> spawn(BlockingJob* job);

  // The same with a thread made for it, for a job that occupies one for long (a worker): fails if
  // there cannot be one more, also when the pool has others. Does not look at max_threads.
  Result<void, SpawnError> spawn_with_thread(BlockingJob* job);

  // For a mandatory job that occupies a thread, and goes on with what the calling thread, one of
  // this pool, has done (a worker of which it lets go). Before shutdown the same as spawn(), after
  // it not refused: a thread is made for it, beyond max_threads too. If the system has none, the
  // first thread that has ended its job runs it, the caller's at the latest.
  Result<void, SpawnError> hand_over(BlockingJob* job);

  // From now on spawn() refuses, waiting threads end, and queued jobs are cancelled, the mandatory
  // ones run; those of them that occupy a thread without waiting for one, as far as the system has
  // threads. Does not wait for that. Idempotent.
  void begin_shutdown() noexcept;

  // Begins the shutdown if nobody did and waits until every thread has ended: without limit, or for
  // at most `limit`, where 0 only looks. True: they have, on_stop included, and are joined. False:
  // those left run on by themselves. Fatal if called with a wait on a thread of this pool,
  // which would wait for itself.
  bool wait_shutdown(std::optional<std::chrono::nanoseconds> limit,
                     std::source_location where = std::source_location::current());

  // True on a thread of this pool.
  bool is_current_thread_mine() const noexcept;

  // For metrics; exact at the moment of the call.
  std::size_t num_threads() const noexcept;  // that may take jobs
  std::size_t num_idle() const noexcept;     // of these, waiting and not yet claimed for a job
  std::size_t queue_depth() const noexcept;  // jobs that no thread has taken yet

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_BLOCKING_BLOCKING_POOL_H_
