// unconstrained: an awaitable that runs without a budget.
//
// Spec.
//
// Whatever is awaited inside never suspends for fairness, so a task that always finds it ready
// keeps its worker to itself: for a measured need, not as a habit.

#ifndef WEFT_RUNTIME_UNCONSTRAINED_H_
#define WEFT_RUNTIME_UNCONSTRAINED_H_

#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/cooperative.h>
#include <weft/runtime/in_place_leaf.h>

namespace weft {
namespace internal {

// No budget, neither in `cx` nor for has_budget_remaining() on this thread, for its lifetime.
class UnconstrainedScope {
 public:
  explicit UnconstrainedScope(Context& cx) noexcept;
  ~UnconstrainedScope();
  UnconstrainedScope(const UnconstrainedScope&) = delete;
  UnconstrainedScope& operator=(const UnconstrainedScope&) = delete;

 private:
  Context& cx_;
  Budget* context_budget_;
  Budget* thread_budget_;
};

template <class A>
class UnconstrainedState : public SingleBranchState<A> {
 public:
  using SingleBranchState<A>::SingleBranchState;

  bool poll(Context& cx) noexcept {
    const UnconstrainedScope scope(cx);
    return this->branch().poll(cx);
  }
  static constexpr const char* kWaitingOn = "unconstrained";
};

}  // namespace internal

// Yields what `awaitable` yields; while it is polled there is no budget to run out of. Cancel safe
// if the awaitable is; an lvalue is borrowed.
template <class A>
[[nodiscard]] auto unconstrained(A&& awaitable) {
  using State = internal::UnconstrainedState<A>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::forward<A>(awaitable));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_UNCONSTRAINED_H_
