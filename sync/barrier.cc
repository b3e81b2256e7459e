// Interface and protocol: barrier.h.

#include <weft/sync/barrier.h>

#include <mutex>

namespace weft::sync {

bool Barrier::Node::poll(Context& cx) noexcept {
  if (!cx.has_budget()) return false;
  if (phase_ == Phase::kInit) arrive();
  if (!is_complete()) {
    waiter_.arm(cx);
    if (!is_complete()) return false;
  }
  cx.spend_budget();
  return true;
}

void Barrier::Node::arrive() noexcept {
  {
    std::lock_guard lock(barrier_.mu_);
    // relaxed: changes under mu_ only.
    generation_ = barrier_.generation_.load(std::memory_order_relaxed);
    if (++barrier_.arrived_ < barrier_.count_) {
      phase_ = Phase::kArrived;
      return;
    }
    barrier_.arrived_ = 0;
    barrier_.generation_.fetch_add(1, std::memory_order_seq_cst);  // [BA1]; seq_cst: for waiters_
  }
  phase_ = Phase::kLeader;
  barrier_.waiters_.wake_all();
}

bool Barrier::Node::is_complete() const noexcept {
  // seq_cst: also the second look, see WaitQueue.
  return barrier_.generation_.load(std::memory_order_seq_cst) != generation_;  // [BA1]
}

}  // namespace weft::sync
