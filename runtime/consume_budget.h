// consume_budget: makes a long computation that never waits take part in the cooperative budget.
//
// Spec.
//
//   for (const Row& row : rows) { process(row); co_await weft::consume_budget(); }

#ifndef WEFT_RUNTIME_CONSUME_BUDGET_H_
#define WEFT_RUNTIME_CONSUME_BUDGET_H_

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>

namespace weft {
namespace internal {

class ConsumeBudgetNode : public Leaf {
 public:
  bool poll(Context& cx) noexcept {
    if (!cx.has_budget()) return false;
    cx.spend_budget();
    return true;
  }
  void take() noexcept {}
  static constexpr const char* kWaitingOn = "consume_budget";
};

class [[nodiscard]] ConsumeBudget {
 public:
  LeafAwaiter<ConsumeBudgetNode> operator co_await() const noexcept {
    return LeafAwaiter<ConsumeBudgetNode>();
  }
};

}  // namespace internal

// Takes one unit of the task's budget, or, if it is used up, suspends until the task's next turn.
// Outside a task it completes at once. Cancel safe.
inline internal::ConsumeBudget consume_budget() noexcept { return {}; }

}  // namespace weft

#endif  // WEFT_RUNTIME_CONSUME_BUDGET_H_
