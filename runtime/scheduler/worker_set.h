// WorkerSet: the workers of one runtime, which any thread may look at while one more comes.
//
// Spec.
//
// Places for as many as there may ever be are made with the runtime, so that no worker moves while
// others look at it. Workers are added one by one and stay until the runtime is gone. One that
// nobody holds (attached_threads.h) has empty queues, so whoever looks for tasks finds none in it.
//
//   [WS1] seq_cst in add() and all(). A worker is added, a task queued on it, and then the idle
//         word loaded; a worker about to sleep changes the idle word and then looks at all queues.
//         As with the tasks themselves ([Q1] of local_queue.h), one of the two sees the other: who
//         overlooks the new worker is seen by it.

#ifndef WEFT_RUNTIME_SCHEDULER_WORKER_SET_H_
#define WEFT_RUNTIME_SCHEDULER_WORKER_SET_H_

#include <memory>
#include <span>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/scheduler/worker.h>

namespace weft::internal {

class WorkerSet {
 public:
  using View = std::span<const std::unique_ptr<Worker>>;

  // Throws std::bad_alloc.
  explicit WorkerSet(unsigned most)
      : most_(most), places_(std::make_unique<std::unique_ptr<Worker>[]>(most)) {}
  WorkerSet(const WorkerSet&) = delete;
  WorkerSet& operator=(const WorkerSet&) = delete;

  // Any thread. What it shows stays where it is.
  View all() const noexcept {
    return View(places_.get(), count_.load(std::memory_order_seq_cst));  // [WS1]
  }

  // One thread at a time.
  void add(std::unique_ptr<Worker> worker) noexcept {
    // relaxed: only who adds writes it.
    const unsigned count = count_.load(std::memory_order_relaxed);
    WEFT_DCHECK(count < most_, "WorkerSet: no place is left");
    places_[count] = std::move(worker);
    count_.store(count + 1, std::memory_order_seq_cst);  // [WS1]
  }

 private:
  const unsigned most_;
  // A place is written before count_ covers it, and never again.
  const std::unique_ptr<std::unique_ptr<Worker>[]> places_;
  // Written by who adds, read by anyone: [WS1]
  loom::Atomic<unsigned> count_{0};
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_WORKER_SET_H_
