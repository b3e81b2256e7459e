// ManualValue: room for a T whose beginning and end are decided by its owner.
//
// What channels and cells keep their values in: whether there is one is known by a state elsewhere,
// usually an atomic word, so nothing is stored beside it.

#ifndef WEFT_SYNC_INTERNAL_MANUAL_VALUE_H_
#define WEFT_SYNC_INTERNAL_MANUAL_VALUE_H_

#include <memory>
#include <type_traits>
#include <utility>

namespace weft::sync::internal {

// A value is moved between threads where a failure could not be undone (SY-119).
template <class T>
inline constexpr bool kMovesSafely =
    std::is_nothrow_move_constructible_v<T> && std::is_nothrow_destructible_v<T>;

// Immovable; leaves a value that was not destroyed as it is.
template <class T>
union ManualValue {
  ManualValue() noexcept {}
  ManualValue(const ManualValue&) = delete;
  ManualValue& operator=(const ManualValue&) = delete;
  ~ManualValue() {}

  // Precondition: empty.
  template <class... Args>
  T& construct(Args&&... args) noexcept(std::is_nothrow_constructible_v<T, Args...>) {
    // SAFETY(storage): the owner's state says that there is no value here.
    return *std::construct_at(std::addressof(value), std::forward<Args>(args)...);
  }
  // Precondition of all that follow: there is a value. destroy() and take() leave none.
  void destroy() noexcept {
    // SAFETY(lifetime): the owner's state says that there is a value here.
    std::destroy_at(std::addressof(value));
  }
  T take() noexcept(std::is_nothrow_move_constructible_v<T>) {
    T taken(std::move(value));
    destroy();
    return taken;
  }

  T value;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MANUAL_VALUE_H_
