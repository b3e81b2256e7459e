// RunUntilCancelled: an awaitable that ends early when a token is cancelled.
//
// Spec: T-46; R-167; api.md "Conventions" (rvalues are moved in, lvalues borrowed).
//
// Before the awaitable is polled for the first time the token decides alone; after that the
// awaitable is always polled first. When the token ends it, it is cancelled and destroyed, and only
// then this completes.

#ifndef WEFT_TASK_INTERNAL_RUN_UNTIL_CANCELLED_H_
#define WEFT_TASK_INTERNAL_RUN_UNTIL_CANCELLED_H_

#include <cstdint>
#include <optional>
#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/wait_report.h>
#include <weft/task/internal/cancellation_tree.h>

namespace weft::internal {

// A node that outlives whoever has this.
class BorrowedNode {
 public:
  explicit BorrowedNode(CancellationNode& node) noexcept : node_(&node) {}
  CancellationNode* get() const noexcept { return node_; }

 private:
  CancellationNode* node_;
};

// `A` as for Branch; `Holder` is BorrowedNode or CancellationHandle.
template <class A, class Holder>
class RunUntilCancelled {
 public:
  using result_type = std::optional<typename Branch<A>::collected_type>;
  static constexpr const char* kWaitingOn = "run_until_cancelled";
  void describe(WaitReport& report) noexcept { branch_.describe(report); }

  RunUntilCancelled(A&& awaitable, Holder node)
      : node_(std::move(node)), wait_(*node_.get()), branch_(std::forward<A>(awaitable)) {}

  bool poll(Context& cx) noexcept {
    if (phase_ == Phase::kNew) {
      phase_ = node_.get()->is_cancelled() ? Phase::kCancelled : Phase::kRunning;
    }
    if (phase_ == Phase::kRunning) {
      if (branch_.poll(cx)) return true;
      if (!wait_.poll(cx)) return false;
      phase_ = Phase::kCancelled;
    }
    if (!branch_.poll_abandon(cx)) return false;
    branch_.destroy();
    return true;
  }
  bool poll_cancel(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    return branch_.poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    return branch_.poll_abandon(cx);
  }
  result_type take() {
    if (phase_ == Phase::kCancelled) return std::nullopt;
    return result_type(std::in_place, branch_.take_collected());
  }

 private:
  enum class Phase : std::uint8_t { kNew, kRunning, kCancelled };

  Holder node_;  // destroyed after wait_
  NodeWait wait_;
  Branch<A> branch_;
  Phase phase_ = Phase::kNew;
};

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_RUN_UNTIL_CANCELLED_H_
