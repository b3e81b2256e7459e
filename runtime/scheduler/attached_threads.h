// AttachedThreads: foreign threads that lend themselves to a multi_thread runtime as workers.
//
// Spec: R-165.
//
// Behind the configured workers there is one more for each thread that is attached at the same time
// as others, up to a limit. Such a worker is made when it is needed for the first time, with its
// descriptors, and kept for the next thread.
//
//   free --reserve--> reserved --activate--> active --deactivate--> reserved --release--> free
//
// Only an active one is a worker to the others: it counts where they ask how many are awake (Idle),
// and the runtime does not end before it has been deactivated. Whoever deactivates it has emptied
// its queues, so that a worker that is not active needs no special treatment anywhere: there is
// nothing in it to steal.
//
// A thread is deactivated when it leaves, and for as long as it is in block_in_place: its core is
// not handed to another thread, because the configured workers see to its tasks, and it takes it
// back afterwards.
//
// The end. close() draws the line, under the mutex: from then on nothing becomes active, and the
// active ones leave after the resume that they are in. It is always a configured worker that ends
// the runtime (MultiThread::finish), after the last of them has left: then nobody else uses the
// driver. The shutdown that waits for the pool's threads waits for these, too.
//
// What one thread did with a worker the next one sees because both took the mutex in between.

#ifndef WEFT_RUNTIME_SCHEDULER_ATTACHED_THREADS_H_
#define WEFT_RUNTIME_SCHEDULER_ATTACHED_THREADS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <source_location>
#include <vector>

#include <weft/base/result.h>
#include <weft/loom/mutex.h>

namespace weft::internal {

class MultiThread;
class Worker;

// Thread-safe; what names a worker is for the thread that has reserved it.
class AttachedThreads {
 public:
  explicit AttachedThreads(MultiThread& scheduler) noexcept : scheduler_(scheduler) {}
  AttachedThreads(const AttachedThreads&) = delete;
  AttachedThreads& operator=(const AttachedThreads&) = delete;

  // True for a worker that is lent, or was: it is not one of the configured ones.
  bool owns(const Worker& worker) const noexcept;

  // A worker for the calling thread; null if the runtime is ending. Fails with too_many_files_open
  // and not_enough_memory if one has to be made. A check failure beyond the limit.
  Result<Worker*> reserve(std::source_location where);
  void release(Worker& worker) noexcept;

  // From here on it is a worker, whose core the calling thread holds. False: the runtime is ending.
  [[nodiscard]] bool activate(Worker& worker) noexcept;
  // No longer, and its tasks are with the others.
  void deactivate(Worker& worker) noexcept;

  // Nothing becomes active from here on.
  void close() noexcept;
  // True if the calling thread is attached.
  bool includes_this_thread() noexcept;
  // After close(): returns when none is active.
  void wait_until_inactive() noexcept;
  // After close(): returns when all have released their workers, or after `limit`.
  void wait_until_gone(std::optional<std::chrono::nanoseconds> limit) noexcept;

 private:
  enum class State : std::uint8_t { kFree, kReserved, kActive };
  struct Place {
    State state = State::kFree;
    std::uint64_t thread = 0;  // thread_number() of who has reserved it
  };

  // Under mutex_.
  Place& place_of(const Worker& worker) noexcept;
  Result<void> add_place(std::source_location where);
  // Whether there is one of at least that state.
  bool has(State state) const noexcept;

  MultiThread& scheduler_;
  loom::Mutex mutex_;
  loom::Condvar changed_;  // a worker was deactivated or released; for who waits for that
  // One for each worker behind the configured ones. Guarded by mutex_, as is_closed_ is.
  std::vector<Place> places_;
  bool is_closed_ = false;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_ATTACHED_THREADS_H_
