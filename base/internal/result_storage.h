// ResultStorage: a T or an E and which of the two; what Result<T, E> keeps its state in.
//
// The whole of Result's manual lifetime management is in this file. A special member is trivial
// exactly when T's and E's are, so a Result<int> is copied and returned as a plain pair of words,
// and it exists exactly when T and E have it.
//
// There is no valueless state. An assignment that changes which of the two is alive builds the new
// object aside first, unless building it in place cannot fail; if even moving it in can throw, the
// old object is put aside and put back (`replace`). Only an old object whose move throws as well
// could be lost, and a Result of two such types cannot be assigned.

#ifndef WEFT_BASE_INTERNAL_RESULT_STORAGE_H_
#define WEFT_BASE_INTERNAL_RESULT_STORAGE_H_

#include <memory>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>

namespace weft::internal {

struct InPlaceError {
  explicit InPlaceError() = default;
};

template <class T>
concept TriviallyCopyAssignable =
    std::is_trivially_copy_constructible_v<T> && std::is_trivially_copy_assignable_v<T> &&
    std::is_trivially_destructible_v<T>;

template <class T>
concept TriviallyMoveAssignable =
    std::is_trivially_move_constructible_v<T> && std::is_trivially_move_assignable_v<T> &&
    std::is_trivially_destructible_v<T>;

template <class T>
concept CopyAssignable = std::is_copy_constructible_v<T> && std::is_copy_assignable_v<T>;

template <class T>
concept MoveAssignable = std::is_move_constructible_v<T> && std::is_move_assignable_v<T>;

template <class T, class E>
concept OneMovesSafely =
    std::is_nothrow_move_constructible_v<T> || std::is_nothrow_move_constructible_v<E>;

template <class T, class E>
class ResultStorage {
 public:
  template <class... Args>
  constexpr explicit ResultStorage(std::in_place_t, Args&&... args) noexcept(
      std::is_nothrow_constructible_v<T, Args...>)
      : value_(std::forward<Args>(args)...), has_value_(true) {}

  template <class... Args>
  constexpr explicit ResultStorage(InPlaceError, Args&&... args) noexcept(
      std::is_nothrow_constructible_v<E, Args...>)
      : error_(std::forward<Args>(args)...), has_value_(false) {}

  constexpr ResultStorage(const ResultStorage&)
    requires(std::is_trivially_copy_constructible_v<T> && std::is_trivially_copy_constructible_v<E>)
  = default;
  constexpr ResultStorage(const ResultStorage& other) noexcept(
      std::is_nothrow_copy_constructible_v<T> && std::is_nothrow_copy_constructible_v<E>)
    requires(std::is_copy_constructible_v<T> && std::is_copy_constructible_v<E> &&
             !(std::is_trivially_copy_constructible_v<T> &&
               std::is_trivially_copy_constructible_v<E>))
      : has_value_(other.has_value_) {
    construct_from(other);
  }

  constexpr ResultStorage(ResultStorage&&)
    requires(std::is_trivially_move_constructible_v<T> && std::is_trivially_move_constructible_v<E>)
  = default;
  constexpr ResultStorage(ResultStorage&& other) noexcept(std::is_nothrow_move_constructible_v<T> &&
                                                          std::is_nothrow_move_constructible_v<E>)
    requires(std::is_move_constructible_v<T> && std::is_move_constructible_v<E> &&
             !(std::is_trivially_move_constructible_v<T> &&
               std::is_trivially_move_constructible_v<E>))
      : has_value_(other.has_value_) {
    construct_from(std::move(other));
  }

  constexpr ResultStorage& operator=(const ResultStorage&)
    requires(TriviallyCopyAssignable<T> && TriviallyCopyAssignable<E>)
  = default;
  constexpr ResultStorage& operator=(const ResultStorage& other)
    requires(CopyAssignable<T> && CopyAssignable<E> && OneMovesSafely<T, E> &&
             !(TriviallyCopyAssignable<T> && TriviallyCopyAssignable<E>))
  {
    assign_from(other);
    return *this;
  }

  constexpr ResultStorage& operator=(ResultStorage&&)
    requires(TriviallyMoveAssignable<T> && TriviallyMoveAssignable<E>)
  = default;
  constexpr ResultStorage& operator=(ResultStorage&& other) noexcept(
      std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
      std::is_nothrow_move_constructible_v<E> && std::is_nothrow_move_assignable_v<E>)
    requires(MoveAssignable<T> && MoveAssignable<E> && OneMovesSafely<T, E> &&
             !(TriviallyMoveAssignable<T> && TriviallyMoveAssignable<E>))
  {
    assign_from(std::move(other));
    return *this;
  }

  constexpr ~ResultStorage()
    requires(std::is_trivially_destructible_v<T> && std::is_trivially_destructible_v<E>)
  = default;
  constexpr ~ResultStorage()
    requires(!(std::is_trivially_destructible_v<T> && std::is_trivially_destructible_v<E>))
  {
    destroy();
  }

  constexpr bool has_value() const noexcept { return has_value_; }

  constexpr T& value() noexcept {
    WEFT_DCHECK(has_value_, "Result: value read while it holds an error; test it first");
    return value_;
  }
  constexpr const T& value() const noexcept {
    WEFT_DCHECK(has_value_, "Result: value read while it holds an error; test it first");
    return value_;
  }
  constexpr E& error() noexcept {
    WEFT_DCHECK(!has_value_, "Result::error: it holds a value; test it first");
    return error_;
  }
  constexpr const E& error() const noexcept {
    WEFT_DCHECK(!has_value_, "Result::error: it holds a value; test it first");
    return error_;
  }

  // Ends whatever is alive and makes a value, or an error, from `args`. If that throws, the state
  // is what it was.
  template <class... Args>
  constexpr void become_value(Args&&... args) {
    if (has_value_) {
      replace(value_, value_, std::forward<Args>(args)...);
    } else {
      replace(error_, value_, std::forward<Args>(args)...);
      has_value_ = true;
    }
  }
  template <class... Args>
  constexpr void become_error(Args&&... args) {
    if (has_value_) {
      replace(value_, error_, std::forward<Args>(args)...);
      has_value_ = false;
    } else {
      replace(error_, error_, std::forward<Args>(args)...);
    }
  }

 private:
  // Other is ResultStorage, const& or &&. Neither member of ours is alive yet.
  template <class Other>
  constexpr void construct_from(Other&& other) {
    if (has_value_) {
      // SAFETY(storage): has_value_ was copied from other, so other.value_ is alive; our union
      // holds nothing yet, since only the constructors call this, before anything else.
      std::construct_at(std::addressof(value_), std::forward<Other>(other).value_);
    } else {
      // SAFETY(storage): as above, with other.error_ the one that is alive.
      std::construct_at(std::addressof(error_), std::forward<Other>(other).error_);
    }
  }

  template <class Other>
  constexpr void assign_from(Other&& other) {
    if (has_value_ && other.has_value_) {
      value_ = std::forward<Other>(other).value_;
    } else if (!has_value_ && !other.has_value_) {
      error_ = std::forward<Other>(other).error_;
    } else if (other.has_value_) {
      become_value(std::forward<Other>(other).value_);
    } else {
      become_error(std::forward<Other>(other).error_);
    }
  }

  // Destroys `from`, the living member, and makes `to` from args. The two may be the same member.
  template <class From, class To, class... Args>
  static constexpr void replace(From& from, To& to, Args&&... args) {
    if constexpr (std::is_nothrow_constructible_v<To, Args...>) {
      exchange(from, to, std::forward<Args>(args)...);
    } else if constexpr (std::is_nothrow_move_constructible_v<To>) {
      To made(std::forward<Args>(args)...);
      exchange(from, to, std::move(made));
    } else {
      From saved(std::move(from));
      try {
        exchange(from, to, std::forward<Args>(args)...);
      } catch (...) {
        // SAFETY(storage): exchange() destroyed `from` and failed to make `to`: nothing is alive.
        std::construct_at(std::addressof(from), std::move(saved));
        throw;
      }
    }
  }

  // What args refer to must not be inside `from`.
  template <class From, class To, class... Args>
  static constexpr void exchange(From& from, To& to, Args&&... args) {
    // SAFETY(lifetime): `from` is the member that is alive, by replace()'s contract.
    std::destroy_at(std::addressof(from));
    // SAFETY(storage): nothing is alive in the union after the line above; `to` is one of its
    // members, so size and alignment fit.
    std::construct_at(std::addressof(to), std::forward<Args>(args)...);
  }

  constexpr void destroy() noexcept {
    if (has_value_) {
      // SAFETY(lifetime): has_value_ says that value_ is the one alive; only the destructor calls.
      std::destroy_at(std::addressof(value_));
    } else {
      // SAFETY(lifetime): as above, for error_.
      std::destroy_at(std::addressof(error_));
    }
  }

  union {
    T value_;
    E error_;
  };
  bool has_value_;
};

}  // namespace weft::internal

#endif  // WEFT_BASE_INTERNAL_RESULT_STORAGE_H_
