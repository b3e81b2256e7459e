// join: waits for all of several awaitables, which make progress in turn.
//
// Spec: T-66; T-61, T-67 (exceptions), T-68. How: join_state.h.
//
//   auto [user, orders] = co_await weft::join(load_user(id), load_orders(id));

#ifndef WEFT_RUNTIME_JOIN_H_
#define WEFT_RUNTIME_JOIN_H_

#include <cstddef>
#include <tuple>
#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/join_state.h>

namespace weft {
namespace internal {

template <bool kBiased, class... A>
class JoinAllOf : public JoinState<kBiased, NeverFails, A...> {
  using Base = JoinState<kBiased, NeverFails, A...>;

 public:
  using result_type = std::tuple<typename Branch<A>::collected_type...>;
  static constexpr const char* kWaitingOn = "join";
  using Base::Base;

  result_type take() {
    this->rethrow_if_thrown();
    return take_values(Base::kIndices);
  }

 private:
  template <std::size_t... I>
  result_type take_values(std::index_sequence<I...>) {
    return result_type(std::move(this->template value<I>())...);
  }
};

}  // namespace internal

// Yields a std::tuple of the results (void is std::monostate) when all have completed. All members
// run on this task: concurrently, never in parallel. Each wake-up polls those that have not
// completed, beginning with the next one each time, so that none can starve the others.
//
// If one throws, the others are cancelled and destroyed, and then the join throws the same.
// Lvalues are borrowed: they survive that, and the end of the join. Takes no budget itself. Cancel
// safe only if results that are lost do not matter.
template <class... Args>
[[nodiscard]] auto join(Args&&... args) {
  using State = internal::JoinAllOf<false, Args...>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::in_place,
                                           std::forward<Args>(args)...);
}

// The same, but the members are always polled in the order of the arguments.
template <class... Args>
[[nodiscard]] auto join_biased(Args&&... args) {
  using State = internal::JoinAllOf<true, Args...>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::in_place,
                                           std::forward<Args>(args)...);
}

}  // namespace weft

#endif  // WEFT_RUNTIME_JOIN_H_
