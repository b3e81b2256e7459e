// Either<A, B>: one of two awaitables that yield the same, chosen at run time.
//
// Spec: T-55.
//
//   using Lookup = Either<Task<int>, Task<int>>;
//
//   Lookup look_up(bool is_cached) {
//     if (is_cached) return Lookup::left(from_cache());
//     return Lookup::right(from_disk());
//   }
//
// A conditional expression cannot choose between awaitables of two types; this gives both one.

#ifndef WEFT_TASK_EITHER_H_
#define WEFT_TASK_EITHER_H_

#include <type_traits>
#include <utility>
#include <variant>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft {

namespace internal {

template <class A, class B>
class EitherState {
  using Left = Branch<A>;
  using Right = Branch<B>;
  static constexpr bool kCancelDriven = Left::kCancelDriven || Right::kCancelDriven;

 public:
  using result_type = std::common_type_t<typename Left::result_type, typename Right::result_type>;
  static constexpr const char* kWaitingOn = "either";
  static constexpr bool kIsTransparent = true;

  EitherState(std::in_place_index_t<0> left, A&& awaitable)
      : held_(left, std::forward<A>(awaitable)) {}
  EitherState(std::in_place_index_t<1> right, B&& awaitable)
      : held_(right, std::forward<B>(awaitable)) {}

  bool poll(Context& cx) noexcept {
    return visit([&cx](auto& branch) { return branch.poll(cx); });
  }
  bool poll_cancel(Context& cx) noexcept
    requires kCancelDriven
  {
    return visit([&cx](auto& branch) { return branch.poll_cancel(cx); });
  }
  bool poll_abandon(Context& cx) noexcept
    requires kCancelDriven
  {
    return visit([&cx](auto& branch) { return branch.poll_abandon(cx); });
  }
  result_type take() {
    return visit([](auto& branch) -> result_type { return branch.take(); });
  }
  void describe(WaitReport& report) noexcept {
    visit([&report](auto& branch) { branch.describe(report); });
  }
  bool is_left() const noexcept { return held_.index() == 0; }

 private:
  // Neither alternative throws when it is moved into another state, so there is always one.
  template <class F>
  decltype(auto) visit(F&& fn) {
    return is_left() ? fn(*std::get_if<0>(&held_)) : fn(*std::get_if<1>(&held_));
  }

  std::variant<Left, Right> held_;
};

}  // namespace internal

// Movable until it is awaited; awaited once. Holds its awaitable, or borrows it if A or B is a
// reference. Yields what that yields, as the common type of both. As cancel safe as that.
template <class A, class B>
class [[nodiscard]] Either {
  using State = internal::EitherState<A, B>;

 public:
  static Either left(A&& awaitable) {
    return Either(std::in_place_index<0>, std::forward<A>(awaitable));
  }
  static Either right(B&& awaitable) {
    return Either(std::in_place_index<1>, std::forward<B>(awaitable));
  }

  bool is_left() const noexcept { return state_.is_left(); }
  bool is_right() const noexcept { return !state_.is_left(); }

  LeafAwaiter<internal::InPlaceLeaf<State>> operator co_await() noexcept {
    return LeafAwaiter<internal::InPlaceLeaf<State>>(state_);
  }

 private:
  template <class Side, class Given>
  Either(Side side, Given&& awaitable) : state_(side, std::forward<Given>(awaitable)) {}

  State state_;
};

}  // namespace weft

#endif  // WEFT_TASK_EITHER_H_
