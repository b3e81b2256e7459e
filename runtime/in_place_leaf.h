// InPlaceAwaitable: an awaitable that keeps all of its state in itself.
//
// Spec: T-69; api.md "Conventions" (a borrowed awaitable survives a lost select).
//
// Combinators are movable until they are first polled and immovable after that, and an lvalue of
// one may be awaited again where it stood. So all they are made of stays in the object that the
// user sees, and awaiting it makes a leaf that only points there. The temporary of
// `co_await join(a, b)` lives until the end of the statement, longer than the leaf.
//
// `State` is what a leaf is, but for being a Leaf: poll(), take(), optionally poll_cancel(),
// poll_abandon() (branch.h), kWaitingOn.

#ifndef WEFT_RUNTIME_IN_PLACE_LEAF_H_
#define WEFT_RUNTIME_IN_PLACE_LEAF_H_

#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft::internal {

// One thread at a time, as every leaf.
template <class State>
class InPlaceLeaf : public Leaf {
 public:
  explicit InPlaceLeaf(State& state) noexcept : state_(state) {}

  bool poll(Context& cx) noexcept { return state_.poll(cx); }
  bool poll_cancel(Context& cx) noexcept
    requires CancelDriven<State>
  {
    return state_.poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept
    requires AbandonDriven<State>
  {
    return state_.poll_abandon(cx);
  }
  decltype(auto) take() { return state_.take(); }
  void describe(WaitReport& report) noexcept
    requires Describable<State>
  {
    state_.describe(report);
  }
  static constexpr const char* kWaitingOn = waiting_on<State>();
  static constexpr bool kIsTransparent = Transparent<State>;

 private:
  State& state_;
};

// What the combinators return. Movable until it is awaited; awaited once, but where it loses as a
// borrowed branch it may be awaited again.
template <class State>
class [[nodiscard]] InPlaceAwaitable {
 public:
  template <class... Args>
  explicit InPlaceAwaitable(std::in_place_t, Args&&... args)
      : state_(std::forward<Args>(args)...) {}

  LeafAwaiter<InPlaceLeaf<State>> operator co_await() noexcept {
    return LeafAwaiter<InPlaceLeaf<State>>(state_);
  }

 private:
  State state_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_IN_PLACE_LEAF_H_
