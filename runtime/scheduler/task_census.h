// TaskCensus: what happens to tasks on threads that are no workers.
//
// Spec.
//
// Each worker counts its own (WorkerMetrics); together they tell how many tasks live.

#ifndef WEFT_RUNTIME_SCHEDULER_TASK_CENSUS_H_
#define WEFT_RUNTIME_SCHEDULER_TASK_CENSUS_H_

#include <cstdint>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/scheduler/counter.h>

namespace weft::internal {

struct alignas(kFalseSharingRange) TaskCensus {
  // [N1] release in the fetch_adds -> acquire in the sums: a task counted as ended was counted as
  //      spawned, and is complete.
  // [N2] `ended` is seq_cst on both sides, as the scheduler's stopping_ is: who has ended a task
  //      counts it and then asks whether the runtime stops; who stops it says so and then sums.
  //      One of the two sees the other's, so the stopper is woken or does not go to sleep.
  loom::Atomic<std::uint64_t> spawned{0};
  loom::Atomic<std::uint64_t> ended{0};

  // How many were put into the injection queue, whose lock the writer holds.
  Counter queued{0};
  loom::Atomic<std::uint64_t> forced_yields{0};

  // relaxed: only the number matters.
  void note_forced_yield() noexcept { forced_yields.fetch_add(1, std::memory_order_relaxed); }
  void note_spawned() noexcept { spawned.fetch_add(1, std::memory_order_release); }  // [N1]
  // Of a task that is being put into the injection queue.
  void note_queued_new() noexcept {
    note_spawned();
    add(queued);
  }
  void note_ended() noexcept { ended.fetch_add(1, std::memory_order_seq_cst); }  // [N1] [N2]
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_TASK_CENSUS_H_
