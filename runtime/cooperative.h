// cooperative: an awaitable that takes part in the budget though it was not written to.
//
// Spec.
//
//   co_await weft::cooperative(my_queue.pop());

#ifndef WEFT_RUNTIME_COOPERATIVE_H_
#define WEFT_RUNTIME_COOPERATIVE_H_

#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft {
namespace internal {

// One awaitable and what a leaf forwards to it.
template <class A>
class SingleBranchState {
 public:
  explicit SingleBranchState(A&& awaitable) : branch_(std::forward<A>(awaitable)) {}

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
  decltype(auto) take() { return branch_.take(); }
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept { branch_.describe(report); }

 protected:
  Branch<A>& branch() noexcept { return branch_; }

 private:
  Branch<A> branch_;
};

template <class A>
class CooperativeState : public SingleBranchState<A> {
 public:
  using SingleBranchState<A>::SingleBranchState;

  bool poll(Context& cx) noexcept {
    if (!cx.has_budget() || !this->branch().poll(cx)) return false;
    cx.spend_budget();
    return true;
  }
  static constexpr const char* kWaitingOn = "cooperative";
};

}  // namespace internal

// Yields what `awaitable` yields and takes one unit of budget for it; suspends when there is none
// left. For awaitables that do not take part themselves. Cancel safe if the awaitable is; an lvalue
// is borrowed.
template <class A>
[[nodiscard]] auto cooperative(A&& awaitable) {
  using State = internal::CooperativeState<A>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::forward<A>(awaitable));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_COOPERATIVE_H_
