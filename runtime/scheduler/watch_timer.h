// WatchTimer: a tick, a millisecond after it was asked for, that wakes one parked worker.
//
// Spec: R-36 (bounded delivery), R-89; docs/design/scheduler.md "The watch".
//
// Design. One worker polls the driver and runs what it found before it polls again; the others are
// parked, and are not woken for every batch. So somebody has to notice when that worker is stuck in
// a long resume. Whoever gives the driver back while others are parked arms this timer, and whoever
// leaves the driver to those who are awake: one kernel timer, registered in every parker's private
// epoll exclusively and edge triggered, so that its expiry wakes one parked worker, and that one
// looks around. While nobody is stuck the cost is one system call per millisecond, whatever the
// load.
//
//   armed_    false --arm--> true --take_tick--> false
//
// A tick nobody was parked for stays in the descriptor, and the next worker to park gets it.

#ifndef WEFT_RUNTIME_SCHEDULER_WATCH_TIMER_H_
#define WEFT_RUNTIME_SCHEDULER_WATCH_TIMER_H_

#include <chrono>
#include <memory>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>

namespace weft::internal {

// Thread-safe. Must outlive the parkers that were made with it.
class WatchTimer {
 public:
  static constexpr std::chrono::nanoseconds kPeriod = std::chrono::milliseconds(1);

  // Fails with too_many_files_open (EMFILE, ENFILE) and not_enough_memory.
  static Result<std::unique_ptr<WatchTimer>> create();

  WatchTimer(const WatchTimer&) = delete;
  WatchTimer& operator=(const WatchTimer&) = delete;

  // One tick kPeriod from now. Nothing, and no system call, if a tick is due already.
  void arm() noexcept;

  // Takes the tick: true for one caller per tick, and only once it is due. Never blocks. Parker
  // does this; what its user sees is WakeReason::kWatchTick.
  [[nodiscard]] bool take_tick() noexcept;

  // The descriptor that is readable while a tick is due.
  BorrowedFd fd() const noexcept { return timer_.borrow(); }

 private:
  explicit WatchTimer(OwnedFd timer) noexcept : timer_(std::move(timer)) {}

  OwnedFd timer_;

  // True from arm() until somebody tries to take the tick. Set by who arms, cleared by who takes;
  // both may be any worker. It only saves system calls. Cleared in vain, by a taker who was too
  // late, it costs the next arm() one, which puts the tick off by less than a period.
  // [W1] acq_rel read-modify-writes on both sides: an arm() that finds it set comes before the
  //      clearing, and so before the read that follows it: that read takes the tick which was asked
  //      for, and who looks around because of it sees what the arm() was for.
  loom::Atomic<bool> armed_{false};
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_WATCH_TIMER_H_
