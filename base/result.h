// Result<T, E>: the value of an operation that may fail, or why it failed.
//
// Spec: api.md "Conventions" (the shape of std::expected; tests/conformance/result.cc is the exact
// surface).
//
// Design. What std::expected is, for C++20, with three differences. The error type defaults to
// weft::Error. Err(x), which stands for std::unexpected, converts to every Result whose error can
// be made from x, so that `return Err(Errc::closed)` fits a Result<void> and a Result<int, MyError>
// alike. And reading the half that is not there is a checked fault in debug builds rather than
// undefined behaviour. Lifetimes are in internal/result_storage.h; and_then, or_else, transform,
// transform_error, has_value, error in internal/result_base.h; this file is the vocabulary.
//
// A Result is [[nodiscard]]: an error is handled, passed on, or thrown by value(). Thread-safe as
// a T is.
//
//   Result<Config> load(std::string_view text) {
//     Result<int> port = parse_port(text);
//     if (!port) return Err(port.error());
//     return Config(*port);
//   }

#ifndef WEFT_BASE_RESULT_H_
#define WEFT_BASE_RESULT_H_

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <weft/base/error.h>
#include <weft/base/internal/result_base.h>

namespace weft {

// An error on its way into a Result.
template <class E>
class [[nodiscard]] Err {
 public:
  template <class G = E>
    requires(!std::is_same_v<std::remove_cvref_t<G>, Err> && std::is_constructible_v<E, G>)
  constexpr explicit Err(G&& error) noexcept(std::is_nothrow_constructible_v<E, G>)
      : error_(std::forward<G>(error)) {}

  constexpr E& error() & noexcept { return error_; }
  constexpr const E& error() const& noexcept { return error_; }
  constexpr E&& error() && noexcept { return std::move(error_); }
  constexpr const E&& error() const&& noexcept { return std::move(error_); }

 private:
  E error_;
};

template <class E>
Err(E) -> Err<E>;

// What value() throws when there is an error that is not a weft::Error.
template <class E>
class BadResultAccess : public std::exception {
 public:
  explicit BadResultAccess(E error) noexcept(std::is_nothrow_move_constructible_v<E>)
      : error_(std::move(error)) {}

  E& error() & noexcept { return error_; }
  const E& error() const& noexcept { return error_; }
  E&& error() && noexcept { return std::move(error_); }
  const E&& error() const&& noexcept { return std::move(error_); }

  const char* what() const noexcept override { return "weft::Result::value: it holds an error"; }

 private:
  E error_;
};

namespace internal {

// A U becomes the value of a Result<T, E> by itself. Not so what has a meaning of its own there;
// and a bool is not made from another Result, which would ask it whether it succeeded.
template <class U, class T, class E>
concept ValueFor =
    std::is_constructible_v<T, U> && !std::is_same_v<std::remove_cvref_t<U>, std::in_place_t> &&
    !std::is_same_v<std::remove_cvref_t<U>, InPlaceError> &&
    !std::is_same_v<std::remove_cvref_t<U>, Result<T, E>> && !kIsErr<std::remove_cvref_t<U>> &&
    !(std::is_same_v<std::remove_cv_t<T>, bool> && kIsResult<std::remove_cvref_t<U>>);

// A Result of type R (cv and reference included) converts to a Result<T, E> half by half. Not so
// if T swallows the whole of it; nor is R a Result<T, E>, which is copied or moved.
template <class R, class T, class E>
concept ResultFor =
    !std::is_same_v<std::remove_cvref_t<R>, Result<T, E>> && !std::is_void_v<ValueOf<R>> &&
    std::is_constructible_v<T, decltype(*std::declval<R>())> &&
    std::is_constructible_v<E, decltype(std::declval<R>().error())> &&
    (std::is_same_v<std::remove_cv_t<T>, bool> || !std::is_constructible_v<T, R>);

template <class R, class T, class E>
inline constexpr bool kConvertsImplicitly =
    std::is_convertible_v<decltype(*std::declval<R>()), T> &&
    std::is_convertible_v<decltype(std::declval<R>().error()), E>;

}  // namespace internal

template <class T, class E = Error>
class [[nodiscard]] Result : public internal::ResultBase<T, E> {
  static_assert(std::is_object_v<T>, "Result<T&>: use a pointer or std::reference_wrapper");
  static_assert(std::is_object_v<E>, "Result<T, E>: the error has to be an object type");
  using Base = internal::ResultBase<T, E>;
  using Base::storage_;

 public:
  // A value made without arguments.
  constexpr Result() noexcept(std::is_nothrow_default_constructible_v<T>)
    requires std::is_default_constructible_v<T>
      : Base(std::in_place) {}

  // The value. Implicit where U converts to T, so that a function simply returns it.
  template <class U = T>
    requires internal::ValueFor<U, T, E>
  constexpr explicit(!std::is_convertible_v<U, T>)
      Result(U&& value) noexcept(std::is_nothrow_constructible_v<T, U>)
      : Base(std::in_place, std::forward<U>(value)) {}

  // The error; always implicit.
  template <class G>
    requires std::is_constructible_v<E, const G&>
  constexpr Result(const Err<G>& err) noexcept(  // NOLINT(google-explicit-constructor)
      std::is_nothrow_constructible_v<E, const G&>)
      : Base(internal::InPlaceError(), err.error()) {}
  template <class G>
    requires std::is_constructible_v<E, G>
  constexpr Result(Err<G>&& err) noexcept(  // NOLINT(google-explicit-constructor)
      std::is_nothrow_constructible_v<E, G>)
      : Base(internal::InPlaceError(), std::move(err).error()) {}

  // From a Result whose halves convert to ours.
  template <class U, class G>
    requires internal::ResultFor<const Result<U, G>&, T, E>
  constexpr explicit(!internal::kConvertsImplicitly<const Result<U, G>&, T, E>)
      Result(const Result<U, G>& other)
      : Result(other ? internal::pass_value<Result>(other) : internal::pass_error<Result>(other)) {}
  template <class U, class G>
    requires internal::ResultFor<Result<U, G>, T, E>
  constexpr explicit(!internal::kConvertsImplicitly<Result<U, G>, T, E>)
      Result(Result<U, G>&& other)
      : Result(other ? internal::pass_value<Result>(std::move(other))
                     : internal::pass_error<Result>(std::move(other))) {}

  // Either half made in place from its constructor's arguments.
  template <class... Args>
    requires std::is_constructible_v<T, Args...>
  constexpr explicit Result(std::in_place_t tag,
                            Args&&... args) noexcept(std::is_nothrow_constructible_v<T, Args...>)
      : Base(tag, std::forward<Args>(args)...) {}
  template <class... Args>
    requires std::is_constructible_v<E, Args...>
  constexpr explicit Result(internal::InPlaceError tag,
                            Args&&... args) noexcept(std::is_nothrow_constructible_v<E, Args...>)
      : Base(tag, std::forward<Args>(args)...) {}

  // Replaces what is held by a value made from args, which must not refer into it. If making it
  // throws, nothing has changed.
  template <class... Args>
    requires std::is_constructible_v<T, Args...>
  constexpr T& emplace(Args&&... args) {
    storage_.become_value(std::forward<Args>(args)...);
    return storage_.value();
  }

  // The value. Precondition, checked in debug builds: there is one.
  constexpr T& operator*() & noexcept { return storage_.value(); }
  constexpr const T& operator*() const& noexcept { return storage_.value(); }
  constexpr T&& operator*() && noexcept { return std::move(storage_.value()); }
  constexpr const T&& operator*() const&& noexcept { return std::move(storage_.value()); }
  constexpr T* operator->() noexcept { return std::addressof(storage_.value()); }
  constexpr const T* operator->() const noexcept { return std::addressof(storage_.value()); }

  // The value; on an error throws std::system_error if E is weft::Error, else BadResultAccess<E>.
  constexpr T& value() & {
    this->require_value();
    return storage_.value();
  }
  constexpr const T& value() const& {
    this->require_value();
    return storage_.value();
  }
  constexpr T&& value() && {
    std::move(*this).require_value();
    return std::move(storage_.value());
  }
  constexpr const T&& value() const&& {
    this->require_value();
    return std::move(storage_.value());
  }

  // The value, or `other` converted to one if there is an error.
  template <class U = T>
  constexpr T value_or(U&& other) const& {
    return this->has_value() ? **this : static_cast<T>(std::forward<U>(other));
  }
  template <class U = T>
  constexpr T value_or(U&& other) && {
    return this->has_value() ? *std::move(*this) : static_cast<T>(std::forward<U>(other));
  }

  // Equal: both hold values, or both errors, and those are equal.
  template <class U, class G>
    requires(!std::is_void_v<U>)
  friend constexpr bool operator==(const Result& a, const Result<U, G>& b) {
    if (a.has_value() != b.has_value()) return false;
    return a ? static_cast<bool>(*a == *b) : static_cast<bool>(a.error() == b.error());
  }
  // Equal: it holds a value equal to `b`.
  template <class U>
    requires(!internal::kIsResult<U> && !internal::kIsErr<U>)
  friend constexpr bool operator==(const Result& a, const U& b) {
    return a.has_value() && static_cast<bool>(*a == b);
  }
  // Equal: it holds an error equal to the one in `b`.
  template <class G>
  friend constexpr bool operator==(const Result& a, const Err<G>& b) {
    return !a.has_value() && static_cast<bool>(a.error() == b.error());
  }
};

// Success that carries nothing, or an error.
template <class E>
class [[nodiscard]] Result<void, E> : public internal::ResultBase<void, E> {
  static_assert(std::is_object_v<E>, "Result<void, E>: the error has to be an object type");
  using Base = internal::ResultBase<void, E>;
  using Base::storage_;

 public:
  // Success.
  constexpr Result() noexcept : Base(std::in_place) {}
  constexpr explicit Result(std::in_place_t tag) noexcept : Base(tag) {}

  // The error; always implicit.
  template <class G>
    requires std::is_constructible_v<E, const G&>
  constexpr Result(const Err<G>& err) noexcept(  // NOLINT(google-explicit-constructor)
      std::is_nothrow_constructible_v<E, const G&>)
      : Base(internal::InPlaceError(), err.error()) {}
  template <class G>
    requires std::is_constructible_v<E, G>
  constexpr Result(Err<G>&& err) noexcept(  // NOLINT(google-explicit-constructor)
      std::is_nothrow_constructible_v<E, G>)
      : Base(internal::InPlaceError(), std::move(err).error()) {}
  template <class... Args>
    requires std::is_constructible_v<E, Args...>
  constexpr explicit Result(internal::InPlaceError tag,
                            Args&&... args) noexcept(std::is_nothrow_constructible_v<E, Args...>)
      : Base(tag, std::forward<Args>(args)...) {}

  // From a Result<void> with another error that converts to ours.
  template <class G>
    requires(!std::is_same_v<E, G> && std::is_constructible_v<E, const G&>)
  constexpr explicit(!std::is_convertible_v<const G&, E>) Result(const Result<void, G>& other)
      : Result(other ? Result() : internal::pass_error<Result>(other)) {}
  template <class G>
    requires(!std::is_same_v<E, G> && std::is_constructible_v<E, G>)
  constexpr explicit(!std::is_convertible_v<G, E>) Result(Result<void, G>&& other)
      : Result(other ? Result() : internal::pass_error<Result>(std::move(other))) {}

  // Turns into success.
  constexpr void emplace() noexcept { storage_.become_value(); }

  // Precondition, checked in debug builds: success.
  constexpr void operator*() const noexcept { static_cast<void>(storage_.value()); }

  // Nothing; on an error throws std::system_error if E is weft::Error, else BadResultAccess<E>.
  constexpr void value() const& { this->require_value(); }
  constexpr void value() && { std::move(*this).require_value(); }

  // Equal: both are successes, or both hold errors and those are equal.
  template <class G>
  friend constexpr bool operator==(const Result& a, const Result<void, G>& b) {
    if (a.has_value() != b.has_value()) return false;
    return a.has_value() || static_cast<bool>(a.error() == b.error());
  }
  // Equal: it holds an error equal to the one in `b`.
  template <class G>
  friend constexpr bool operator==(const Result& a, const Err<G>& b) {
    return !a.has_value() && static_cast<bool>(a.error() == b.error());
  }
};

}  // namespace weft

#endif  // WEFT_BASE_RESULT_H_
