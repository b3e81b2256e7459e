// ResultBase: what Result<T, E> and Result<void, E> share: everything but the value itself.
//
// Spec: api.md "Conventions". Contracts of the operations: result.h.
//
// The monadic operations come in four value categories that differ only in how the value or the
// error leaves the Result. Each is written once, as a function over the Result as forwarded, and
// the members below hand themselves to it.

#ifndef WEFT_BASE_INTERNAL_RESULT_BASE_H_
#define WEFT_BASE_INTERNAL_RESULT_BASE_H_

#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/base/error.h>
#include <weft/base/internal/result_storage.h>

namespace weft {

template <class T, class E>
class Result;
template <class E>
class Err;
template <class E>
class BadResultAccess;

namespace internal {

template <class T>
inline constexpr bool kIsResult = false;
template <class T, class E>
inline constexpr bool kIsResult<Result<T, E>> = true;

template <class T>
inline constexpr bool kIsErr = false;
template <class E>
inline constexpr bool kIsErr<Err<E>> = true;

template <class R>
using ValueOf = typename std::remove_cvref_t<R>::value_type;
template <class R>
using ErrorOf = typename std::remove_cvref_t<R>::error_type;

template <class E>
[[noreturn, gnu::cold]] void throw_bad_access(E&& error) {
  if constexpr (std::is_same_v<std::remove_cvref_t<E>, Error>) {
    throw_bad_result_access(error);
  } else {
    throw BadResultAccess<std::remove_cvref_t<E>>(std::forward<E>(error));
  }
}

// Calls fn with the value of `result`, or with nothing if that is void.
template <class R, class F>
constexpr decltype(auto) call_with_value(R&& result, F&& fn) {
  if constexpr (std::is_void_v<ValueOf<R>>) {
    return std::invoke(std::forward<F>(fn));
  } else {
    return std::invoke(std::forward<F>(fn), *std::forward<R>(result));
  }
}

template <class R, class F>
using ValueCallResult =
    std::remove_cvref_t<decltype(call_with_value(std::declval<R>(), std::declval<F>()))>;
template <class R, class F>
using ErrorCallResult =
    std::remove_cvref_t<std::invoke_result_t<F, decltype(std::declval<R>().error())>>;

// The value of `result` as the value of an Out, and its error as the error of an Out.
template <class Out, class R>
constexpr Out pass_value(R&& result) {
  if constexpr (std::is_void_v<ValueOf<R>>) {
    return Out(std::in_place);
  } else {
    return Out(std::in_place, *std::forward<R>(result));
  }
}
template <class Out, class R>
constexpr Out pass_error(R&& result) {
  return Out(InPlaceError(), std::forward<R>(result).error());
}

template <class R, class F>
constexpr auto result_and_then(R&& result, F&& fn) {
  using Out = ValueCallResult<R, F>;
  static_assert(kIsResult<Out>, "and_then: the function has to return a weft::Result");
  static_assert(std::is_same_v<ErrorOf<Out>, ErrorOf<R>>,
                "and_then: the function's Result has to have the same error type");
  if (!result) return pass_error<Out>(std::forward<R>(result));
  return Out(call_with_value(std::forward<R>(result), std::forward<F>(fn)));
}

template <class R, class F>
constexpr auto result_or_else(R&& result, F&& fn) {
  using Out = ErrorCallResult<R, F>;
  static_assert(kIsResult<Out>, "or_else: the function has to return a weft::Result");
  static_assert(std::is_same_v<ValueOf<Out>, ValueOf<R>>,
                "or_else: the function's Result has to have the same value type");
  if (result) return pass_value<Out>(std::forward<R>(result));
  return Out(std::invoke(std::forward<F>(fn), std::forward<R>(result).error()));
}

template <class R, class F>
constexpr auto result_transform(R&& result, F&& fn) {
  using Value = ValueCallResult<R, F>;
  using Out = Result<Value, ErrorOf<R>>;
  if (!result) return pass_error<Out>(std::forward<R>(result));
  if constexpr (std::is_void_v<Value>) {
    call_with_value(std::forward<R>(result), std::forward<F>(fn));
    return Out(std::in_place);
  } else {
    return Out(std::in_place, call_with_value(std::forward<R>(result), std::forward<F>(fn)));
  }
}

template <class R, class F>
constexpr auto result_transform_error(R&& result, F&& fn) {
  using Out = Result<ValueOf<R>, ErrorCallResult<R, F>>;
  if (result) return pass_value<Out>(std::forward<R>(result));
  return Out(InPlaceError(), std::invoke(std::forward<F>(fn), std::forward<R>(result).error()));
}

template <class T, class E>
class ResultBase {
 public:
  using value_type = T;
  using error_type = E;

  constexpr bool has_value() const noexcept { return storage_.has_value(); }
  constexpr explicit operator bool() const noexcept { return storage_.has_value(); }

  // The error. Precondition, checked in debug builds: there is one.
  constexpr E& error() & noexcept { return storage_.error(); }
  constexpr const E& error() const& noexcept { return storage_.error(); }
  constexpr E&& error() && noexcept { return std::move(storage_.error()); }
  constexpr const E&& error() const&& noexcept { return std::move(storage_.error()); }

  // With a value: what fn(value) returns, a Result with the same error type. With an error: that.
  template <class F>
  constexpr auto and_then(F&& fn) & {
    return result_and_then(self(), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto and_then(F&& fn) const& {
    return result_and_then(self(), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto and_then(F&& fn) && {
    return result_and_then(std::move(self()), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto and_then(F&& fn) const&& {
    return result_and_then(std::move(self()), std::forward<F>(fn));
  }

  // With an error: what fn(error) returns, a Result with the same value type. With a value: that.
  template <class F>
  constexpr auto or_else(F&& fn) & {
    return result_or_else(self(), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto or_else(F&& fn) const& {
    return result_or_else(self(), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto or_else(F&& fn) && {
    return result_or_else(std::move(self()), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto or_else(F&& fn) const&& {
    return result_or_else(std::move(self()), std::forward<F>(fn));
  }

  // With a value: a Result of fn(value). With an error: that.
  template <class F>
  constexpr auto transform(F&& fn) & {
    return result_transform(self(), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto transform(F&& fn) const& {
    return result_transform(self(), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto transform(F&& fn) && {
    return result_transform(std::move(self()), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto transform(F&& fn) const&& {
    return result_transform(std::move(self()), std::forward<F>(fn));
  }

  // With an error: a Result with the error fn(error). With a value: that.
  template <class F>
  constexpr auto transform_error(F&& fn) & {
    return result_transform_error(self(), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto transform_error(F&& fn) const& {
    return result_transform_error(self(), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto transform_error(F&& fn) && {
    return result_transform_error(std::move(self()), std::forward<F>(fn));
  }
  template <class F>
  constexpr auto transform_error(F&& fn) const&& {
    return result_transform_error(std::move(self()), std::forward<F>(fn));
  }

 protected:
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  template <class... Args>
  constexpr explicit ResultBase(std::in_place_t tag, Args&&... args) noexcept(
      std::is_nothrow_constructible_v<Stored, Args...>)
      : storage_(tag, std::forward<Args>(args)...) {}
  template <class... Args>
  constexpr explicit ResultBase(InPlaceError tag, Args&&... args) noexcept(
      std::is_nothrow_constructible_v<E, Args...>)
      : storage_(tag, std::forward<Args>(args)...) {}

  // What value() does first. The error goes into the exception by copy, or by move from an rvalue.
  constexpr void require_value() const& {
    if (!has_value()) [[unlikely]]
      throw_bad_access(error());
  }
  constexpr void require_value() && {
    if (!has_value()) [[unlikely]]
      throw_bad_access(std::move(*this).error());
  }

  ResultStorage<Stored, E> storage_;

 private:
  // SAFETY(cast): Result<T, E> is the only class derived from ResultBase<T, E>.
  constexpr Result<T, E>& self() noexcept { return static_cast<Result<T, E>&>(*this); }
  constexpr const Result<T, E>& self() const noexcept {
    return static_cast<const Result<T, E>&>(*this);
  }
};

}  // namespace internal
}  // namespace weft

#endif  // WEFT_BASE_INTERNAL_RESULT_BASE_H_
