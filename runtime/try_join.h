// try_join: waits for all of several awaitables that may fail, or for the first that does.
//
// Spec: T-67. How: join_state.h.
//
//   auto both = co_await weft::try_join(load_user(id), load_orders(id));
//   if (!both) co_return Err(both.error());
//   auto& [user, orders] = *both;

#ifndef WEFT_RUNTIME_TRY_JOIN_H_
#define WEFT_RUNTIME_TRY_JOIN_H_

#include <cstddef>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/base/check.h>
#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/join_state.h>

namespace weft {
namespace internal {

struct FailsOnError {
  template <class Value>
  static bool is_failure(const Value& result) noexcept {
    return !result.has_value();
  }
};

// The error type that all results share; weft::Error if there are none.
template <class... R>
struct CommonError {
  using type = Error;
};
template <class R, class... Rest>
struct CommonError<R, Rest...> {
  using type = typename R::error_type;
  static_assert((std::is_same_v<type, typename Rest::error_type> && ...),
                "weft::try_join: all results must have the same error type");
};

template <class T>
using ValueOrMonostate = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <bool kBiased, class... A>
class TryJoinOf : public JoinState<kBiased, FailsOnError, A...> {
  using Base = JoinState<kBiased, FailsOnError, A...>;
  static_assert((kIsResult<typename Branch<A>::collected_type> && ...),
                "weft::try_join: every argument must yield a Result; for others use weft::join");

  using Error = typename CommonError<typename Branch<A>::collected_type...>::type;
  using Values = std::tuple<ValueOrMonostate<typename Branch<A>::collected_type::value_type>...>;

 public:
  using result_type = Result<Values, Error>;
  static constexpr const char* kWaitingOn = "try_join";
  using Base::Base;

  result_type take() {
    this->rethrow_if_thrown();
    if (this->failed() != Base::kNone) return take_error<0>();
    return take_values(Base::kIndices);
  }

 private:
  template <std::size_t I>
  result_type take_error() {
    if constexpr (I < sizeof...(A)) {
      if (this->failed() != I) return take_error<I + 1>();
      return Err<Error>(std::move(this->template value<I>()).error());
    } else {
      WEFT_DCHECK(false);
      std::terminate();
    }
  }

  template <std::size_t... I>
  result_type take_values(std::index_sequence<I...>) {
    return result_type(std::in_place, value_of(this->template value<I>())...);
  }
  template <class T>
  static decltype(auto) value_of(Result<T, Error>& result) {
    if constexpr (std::is_void_v<T>) {
      return std::monostate();
    } else {
      return *std::move(result);
    }
  }
};

}  // namespace internal

// The arguments yield Result<T, E>s with one E; yields Result<std::tuple<T...>, E> (void is
// std::monostate): all the values when all have succeeded, or the first error. As soon as one fails
// or throws, the others are cancelled and destroyed, values that were already there included; only
// then does co_await yield the error or throw. Otherwise as join(). Cancel safe only if results
// that are lost do not matter.
template <class... Args>
[[nodiscard]] auto try_join(Args&&... args) {
  using State = internal::TryJoinOf<false, Args...>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::in_place,
                                           std::forward<Args>(args)...);
}

// The same, but the members are always polled in the order of the arguments.
template <class... Args>
[[nodiscard]] auto try_join_biased(Args&&... args) {
  using State = internal::TryJoinOf<true, Args...>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::in_place,
                                           std::forward<Args>(args)...);
}

}  // namespace weft

#endif  // WEFT_RUNTIME_TRY_JOIN_H_
