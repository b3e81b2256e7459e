// match: calls the function that belongs to a variant's alternative.
//
// Spec: api.md (match); T-65.
//
// Unlike std::visit, which chooses by type, the function is chosen by index: a select of two sleeps
// yields std::variant<std::monostate, std::monostate>, and which of them it was is the question.
//
//   int n = weft::match(co_await weft::select(recv(), sleep(1s)),
//                       [](int received) { return received; },
//                       [] { return 0; });
//
// With g++ 12, await into a named variable first if a function captures something that has a
// destructor (docs/topics/compilers.md).

#ifndef WEFT_RUNTIME_MATCH_H_
#define WEFT_RUNTIME_MATCH_H_

#include <concepts>
#include <cstddef>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace weft {
namespace internal {

// Calls `function` with the alternative; one that stands for void may be left out.
template <class Function, class Alternative>
decltype(auto) call_with_alternative(Function&& function, Alternative&& alternative) {
  if constexpr (std::same_as<std::remove_cvref_t<Alternative>, std::monostate> &&
                std::invocable<Function>) {
    return std::invoke(std::forward<Function>(function));
  } else {
    static_assert(std::invocable<Function, Alternative>,
                  "weft::match: a function cannot be called with the alternative of its index");
    return std::invoke(std::forward<Function>(function), std::forward<Alternative>(alternative));
  }
}

template <class Variant, class Functions, std::size_t I>
using MatchResultAt = decltype(call_with_alternative(
    std::declval<std::tuple_element_t<I, Functions>>(), std::get<I>(std::declval<Variant>())));

template <class Variant, class Functions, class Indices>
struct MatchResult;
template <class Variant, class Functions, std::size_t... I>
struct MatchResult<Variant, Functions, std::index_sequence<I...>> {
  using type = std::common_type_t<MatchResultAt<Variant, Functions, I>...>;
};

template <class Result, std::size_t I, class Variant, class Functions>
Result match_from(Variant&& variant, Functions& functions) {
  if constexpr (I + 1 < std::variant_size_v<std::remove_cvref_t<Variant>>) {
    if (variant.index() != I) {
      return match_from<Result, I + 1>(std::forward<Variant>(variant), functions);
    }
  }
  using Function = std::tuple_element_t<I, Functions>;
  // Throws std::bad_variant_access if the variant is valueless.
  return static_cast<Result>(call_with_alternative(static_cast<Function>(std::get<I>(functions)),
                                                   std::get<I>(std::forward<Variant>(variant))));
}

}  // namespace internal

// Calls the function whose position is variant.index(), with the value as it was passed (moved from
// an rvalue variant), and returns what it returns, as the common type of all the functions'
// results. For a std::monostate the function may also take no argument. Throws what the function
// throws.
template <class Variant, class... Functions>
decltype(auto) match(Variant&& variant, Functions&&... functions) {
  constexpr std::size_t kAlternatives = std::variant_size_v<std::remove_cvref_t<Variant>>;
  static_assert(sizeof...(Functions) == kAlternatives,
                "weft::match: one function for each alternative, in their order");
  using All = std::tuple<Functions&&...>;
  using Result =
      typename internal::MatchResult<Variant&&, All, std::make_index_sequence<kAlternatives>>::type;
  All all(std::forward<Functions>(functions)...);
  return internal::match_from<Result, 0>(std::forward<Variant>(variant), all);
}

}  // namespace weft

#endif  // WEFT_RUNTIME_MATCH_H_
