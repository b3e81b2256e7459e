// The guards of Mutex<T>: access to the value for as long as they live.
//
// Spec: SY-28, SY-29, SY-123.
//
// Two kinds, borrowed and owned (which keeps the mutex alive), and for each a mapped one that leads
// to a part of the value. Mapping moves the duty to unlock into the result and never unlocks in
// between; if the function throws, the original guard is still whole and unlocks (SY-29).
//
//   Task<> rename(sync::Mutex<Person>& person, std::string to) {
//     auto guard = co_await person.lock();
//     guard->age += 1;
//     auto name = std::move(guard).map([](Person& p) -> std::string& { return p.name; });
//     *name = std::move(to);  // still locked, until `name` goes
//   }

#ifndef WEFT_SYNC_MUTEX_GUARD_H_
#define WEFT_SYNC_MUTEX_GUARD_H_

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/sync/internal/raw_mutex.h>
#include <weft/sync/mapped_guard.h>

namespace weft::sync {

template <class T>
class Mutex;

// What lock(), try_lock() and blocking_lock() give, and what the *_owned() forms give.
template <class T>
using MutexGuard = BasicMutexGuard<T, Mutex<T>*>;
template <class T>
using OwnedMutexGuard = BasicMutexGuard<T, std::shared_ptr<Mutex<T>>>;

// Guards of a U inside the value.
template <class U>
using MappedMutexGuard = BasicMappedGuard<U, internal::RawMutex*, internal::MutexAccess>;
template <class U>
using OwnedMappedMutexGuard =
    BasicMappedGuard<U, std::shared_ptr<internal::RawMutex>, internal::MutexAccess>;

namespace internal {

template <class Guard, class Holder>
class LockNode;

}  // namespace internal

// Move-only; empty when moved from. Unlocks when destroyed, on any thread.
template <class T, class Holder>
class [[nodiscard]] BasicMutexGuard {
  using RawHolder = internal::RawHolder<Holder, internal::RawMutex>;
  template <class U>
  using Mapped = BasicMappedGuard<U, RawHolder, internal::MutexAccess>;

 public:
  BasicMutexGuard(BasicMutexGuard&& other) noexcept
      : mutex_(std::exchange(other.mutex_, nullptr)) {}
  BasicMutexGuard& operator=(BasicMutexGuard&& other) noexcept {
    BasicMutexGuard moved(std::move(other));
    std::swap(mutex_, moved.mutex_);
    return *this;
  }
  ~BasicMutexGuard() {
    if (mutex_ != nullptr) mutex_->raw_.unlock();
  }

  // The value. Precondition: not moved from.
  T& operator*() const noexcept { return value(); }
  T* operator->() const noexcept { return std::addressof(value()); }

  // The mutex this guard has locked: a reference, or the shared pointer if it is owned.
  decltype(auto) mutex() const noexcept {
    WEFT_DCHECK(mutex_ != nullptr, "MutexGuard: used after it was moved from");
    if constexpr (std::is_pointer_v<Holder>) {
      return *mutex_;
    } else {
      return Holder(mutex_);
    }
  }

  // A guard of the part that `fn(T&)` returns a reference to.
  template <class F>
  auto map(F&& fn) && {
    using U = std::remove_reference_t<std::invoke_result_t<F, T&>>;
    U& part = std::invoke(std::forward<F>(fn), value());
    return Mapped<U>(release(), part);
  }

  // The same, for an `fn(T&)` that returns a pointer: null gives this guard back as the error.
  template <class F>
  auto try_map(F&& fn) && {
    using U = std::remove_pointer_t<std::invoke_result_t<F, T&>>;
    using Out = Result<Mapped<U>, BasicMutexGuard>;
    U* const part = std::invoke(std::forward<F>(fn), value());
    if (part == nullptr) return Out(Err(std::move(*this)));
    return Out(Mapped<U>(release(), *part));
  }

 private:
  friend class Mutex<T>;
  template <class Guard, class H>
  friend class internal::LockNode;

  // Precondition: `mutex` is locked, and nobody else will unlock it.
  explicit BasicMutexGuard(Holder mutex) noexcept : mutex_(std::move(mutex)) {}

  T& value() const noexcept {
    WEFT_DCHECK(mutex_ != nullptr, "MutexGuard: used after it was moved from");
    return mutex_->value_;
  }
  RawHolder release() noexcept {
    internal::RawMutex& raw = mutex_->raw_;
    return internal::raw_holder(std::exchange(mutex_, nullptr), raw);
  }

  Holder mutex_;
};

}  // namespace weft::sync

#endif  // WEFT_SYNC_MUTEX_GUARD_H_
