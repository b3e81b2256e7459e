// Barrier: n tasks that wait for each other, again and again.
//
// Spec: SY-56, SY-57.
//
// Design. Arrivals are counted under a lock. The n-th of a generation returns at once as its
// leader, after it has advanced the generation number; the others wait for that number to change.
//
//   sync::Barrier barrier(3);
//
//   Task<int> part() {
//     // ... what each has to do before any may go on ...
//     const auto result = co_await barrier.wait();
//     co_return result.is_leader() ? 1 : 0;  // one of the three is
//   }

#ifndef WEFT_SYNC_BARRIER_H_
#define WEFT_SYNC_BARRIER_H_

#include <cstddef>
#include <cstdint>

#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/wait_queue.h>

namespace weft::sync {

// What the wait at a barrier yields.
class BarrierWaitResult {
 public:
  // True for exactly one task of each generation.
  bool is_leader() const noexcept { return is_leader_; }

 private:
  friend class Barrier;
  explicit BarrierWaitResult(bool is_leader) noexcept : is_leader_(is_leader) {}
  bool is_leader_;
};

// Thread-safe; needs no runtime. Must outlive its waiters. Reusable at once.
class Barrier {
  class Node;
  class Wait;

 public:
  // For `count` tasks; 0 is the same as 1.
  explicit Barrier(std::size_t count) noexcept : count_(count == 0 ? 1 : count) {}
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  // Completes when `count` tasks have come here: BarrierWaitResult. A task arrives when it first
  // polls. NOT cancel-safe: a destroyed wait has arrived all the same (SY-57). Takes budget.
  [[nodiscard]] Wait wait() noexcept;

 private:
  const std::size_t count_;
  loom::SpinMutex mu_;
  std::size_t arrived_ = 0;  // guarded by mu_; of the current generation
  // Advanced by each leader, under mu_; read by waiters.
  // [BA1] release by the leader -> acquire by waiters: what all had done before they arrived, which
  // they handed to the leader through mu_.
  loom::Atomic<std::uint64_t> generation_{0};
  internal::WaitQueue waiters_;
};

class Barrier::Node : public Leaf {
 public:
  explicit Node(Barrier& barrier) noexcept : barrier_(barrier), waiter_(barrier.waiters_) {}
  bool poll(Context& cx) noexcept;
  BarrierWaitResult take() const noexcept { return BarrierWaitResult(phase_ == Phase::kLeader); }
  void describe(WaitReport& report) noexcept {
    report.object(&barrier_);
    report.note("to meet", barrier_.count_);
  }
  static constexpr const char* kWaitingOn = "barrier";

 private:
  enum class Phase : std::uint8_t { kInit, kArrived, kLeader };

  void arrive() noexcept;
  bool is_complete() const noexcept;

  Barrier& barrier_;
  internal::WaitQueue::Waiter waiter_;
  std::uint64_t generation_ = 0;  // the one we arrived in
  Phase phase_ = Phase::kInit;
};

// Movable until awaited.
class [[nodiscard]] Barrier::Wait {
 public:
  explicit Wait(Barrier& barrier) noexcept : barrier_(&barrier) {}
  LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*barrier_); }

 private:
  Barrier* barrier_;
};

inline Barrier::Wait Barrier::wait() noexcept { return Wait(*this); }

}  // namespace weft::sync

#endif  // WEFT_SYNC_BARRIER_H_
