// DriverLock: which worker looks after the driver, and whether it looks after the others as well.
//
// Spec; docs/design/scheduler.md "The watch".
//
// Whoever holds it polls the driver or sleeps in it. It is only ever tried, never waited for: a
// worker that finds it held sleeps in its parker.
//
// Tasks that a poll of the driver makes ready, and those that yielded, are queued without waking
// anybody, so somebody has to look whether their worker is stuck. Who sleeps in a parker is brought
// by the watch timer. Who sleeps in the driver is not: it looks by itself, once a period, while
// there is anything to look after, and says when it stops. Who queues something after that wakes it
// once, and it looks again.
//
//   held_       false --try_lock--> true --unlock--> false
//   unwatched_  false --stop_watching--> true --claim_unwatched or resume_watching--> false
//
// Two pairs of threads must not miss each other, each by the single order of seq_cst operations:
// [D2] A worker counts itself as asleep (Idle) and then finds the driver held; the holder gives it
//      back and then asks whether anybody sleeps. If the one parks because it was held, the other
//      sees a sleeper and arms the watch.
// [D3] The holder stops watching and then looks at all queues; a worker queues a task and then asks
//      whether nobody watches. One of them sees the other.

#ifndef WEFT_RUNTIME_SCHEDULER_DRIVER_LOCK_H_
#define WEFT_RUNTIME_SCHEDULER_DRIVER_LOCK_H_

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>

namespace weft::internal {

class DriverLock {
 public:
  [[nodiscard]] bool try_lock() noexcept {
    // A load first: a failed exchange would take the line from its holder.
    return !held_.load(std::memory_order_seq_cst) &&          // [D2]
           !held_.exchange(true, std::memory_order_seq_cst);  // [D1] [D2]
  }
  // The holder. Afterwards it asks whether others sleep, and arms the watch for them.
  void unlock() noexcept { held_.exchange(false, std::memory_order_seq_cst); }  // [D1] [D2]
  bool is_held() const noexcept {
    // relaxed: a hint.
    return held_.load(std::memory_order_relaxed);
  }

  // The holder, before it sleeps: from here on somebody else has to wake it if it is to watch. It
  // then looks whether anything is queued already.
  void stop_watching() noexcept { unwatched_.exchange(true, std::memory_order_seq_cst); }  // [D3]
  // The holder, awake again or because there is something to watch.
  void resume_watching() noexcept {
    // relaxed: if a claim comes between, its wake-up was for nothing.
    unwatched_.store(false, std::memory_order_relaxed);
  }
  // After queueing something silently. True for one caller: the holder sleeps and does not watch;
  // wake it.
  [[nodiscard]] bool claim_unwatched() noexcept {
    // A load first: it is asked often, and seldom true.
    if (!unwatched_.load(std::memory_order_seq_cst)) return false;  // [D3]
    // relaxed: only which of several claimers wakes it.
    return unwatched_.exchange(false, std::memory_order_relaxed);
  }

 private:
  // Written by workers that take or leave the driver.
  // [D1] release in unlock() -> acquire in try_lock(): one holder's use of the driver, and what it
  //      has queued.
  alignas(kFalseSharingRange) loom::Atomic<bool> held_{false};
  // Written by the holder and by who claims, read by who queues.
  loom::Atomic<bool> unwatched_{false};
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_DRIVER_LOCK_H_
