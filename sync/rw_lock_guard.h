// The guards of RwLock<T>: access to the value for as long as they live.
//
// Spec: SY-37, SY-38, SY-123.
//
// Reading or writing, borrowed or owned (which keeps the lock alive), and for each a mapped one
// that leads to a part of the value. Mapping moves the duty to unlock into the result and never
// unlocks in between; if the function throws, the original guard is still whole. A write guard can
// become a read guard without letting another writer in; there is no way back. One that has been
// mapped cannot.
//
//   Task<int> append(sync::RwLock<std::vector<int>>& numbers, int number) {
//     auto writing = co_await numbers.write();
//     writing->push_back(number);
//     auto reading = std::move(writing).downgrade();  // no other writer in between
//     int sum = 0;
//     for (const int each : *reading) sum += each;
//     co_return sum;
//   }

#ifndef WEFT_SYNC_RW_LOCK_GUARD_H_
#define WEFT_SYNC_RW_LOCK_GUARD_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/sync/internal/raw_rw_lock.h>
#include <weft/sync/mapped_guard.h>

namespace weft::sync {

template <class T>
class RwLock;

// What read(), write() and their like give, and what the *_owned() forms give.
template <class T>
using RwLockReadGuard = BasicRwLockGuard<T, RwLock<T>*, internal::ReadAccess>;
template <class T>
using RwLockWriteGuard = BasicRwLockGuard<T, RwLock<T>*, internal::WriteAccess>;
template <class T>
using OwnedRwLockReadGuard = BasicRwLockGuard<T, std::shared_ptr<RwLock<T>>, internal::ReadAccess>;
template <class T>
using OwnedRwLockWriteGuard =
    BasicRwLockGuard<T, std::shared_ptr<RwLock<T>>, internal::WriteAccess>;

namespace internal {

template <class Guard, class Holder>
class RwLockNode;

}  // namespace internal

// Move-only; empty when moved from. Unlocks when destroyed, on any thread.
template <class T, class Holder, class Access>
class [[nodiscard]] BasicRwLockGuard {
  using Value = typename Access::template Value<T>;
  using RawHolder = internal::RawHolder<Holder, internal::RawRwLock>;
  template <class U, class A>
  using Mapped = BasicMappedGuard<U, RawHolder, A>;
  using Reading = BasicRwLockGuard<T, Holder, internal::ReadAccess>;

 public:
  BasicRwLockGuard(BasicRwLockGuard&& other) noexcept
      : lock_(std::exchange(other.lock_, nullptr)) {}
  BasicRwLockGuard& operator=(BasicRwLockGuard&& other) noexcept {
    BasicRwLockGuard moved(std::move(other));
    std::swap(lock_, moved.lock_);
    return *this;
  }
  ~BasicRwLockGuard() {
    if (lock_ != nullptr) Access::unlock(lock_->raw_);
  }

  // The value, const when reading. Precondition: not moved from.
  Value& operator*() const noexcept { return value(); }
  Value* operator->() const noexcept { return std::addressof(value()); }

  // The lock this guard holds: a reference, or the shared pointer if it is owned.
  decltype(auto) rw_lock() const noexcept {
    WEFT_DCHECK(lock_ != nullptr, "RwLock guard: used after it was moved from");
    if constexpr (std::is_pointer_v<Holder>) {
      return *lock_;
    } else {
      return Holder(lock_);
    }
  }

  // A guard of the part that `fn(value)` returns a reference to.
  template <class F>
  auto map(F&& fn) && {
    using U = std::remove_reference_t<std::invoke_result_t<F, Value&>>;
    U& part = std::invoke(std::forward<F>(fn), value());
    return Mapped<U, Access>(release(), part);
  }
  // The same, for an `fn` that returns a pointer: null gives this guard back as the error.
  template <class F>
  auto try_map(F&& fn) && {
    using U = std::remove_pointer_t<std::invoke_result_t<F, Value&>>;
    using Out = Result<Mapped<U, Access>, BasicRwLockGuard>;
    U* const part = std::invoke(std::forward<F>(fn), value());
    if (part == nullptr) return Out(Err(std::move(*this)));
    return Out(Mapped<U, Access>(release(), *part));
  }

  // Writing only. A read guard of the same lock; no writer gets in between (SY-38).
  Reading downgrade() && noexcept
    requires(Access::kIsWrite)
  {
    internal::RawRwLock& raw = lock_->raw_;
    Reading reading(std::exchange(lock_, nullptr));
    raw.downgrade();
    return reading;
  }
  // downgrade() and map() in one; `fn` sees a const value.
  template <class F>
      auto downgrade_map(F&& fn) &&
      requires(Access::kIsWrite) {
        using U = std::remove_reference_t<std::invoke_result_t<F, const T&>>;
        U& part = std::invoke(std::forward<F>(fn), std::as_const(value()));
        return downgrade_to(part);
      }
      // The same, for an `fn` that returns a pointer: null gives this guard back, still writing.
      template <class F>
      auto try_downgrade_map(F&& fn) &&
      requires(Access::kIsWrite) {
        using U = std::remove_pointer_t<std::invoke_result_t<F, const T&>>;
        using Out = Result<Mapped<U, internal::ReadAccess>, BasicRwLockGuard>;
        U* const part = std::invoke(std::forward<F>(fn), std::as_const(value()));
        if (part == nullptr) return Out(Err(std::move(*this)));
        return Out(downgrade_to(*part));
      }
      // Writing only. As map() to the whole value.
      Mapped<T, Access> into_mapped() && noexcept
        requires(Access::kIsWrite)
  {
    T& whole = value();
    return Mapped<T, Access>(release(), whole);
  }

 private:
  friend class RwLock<T>;
  template <class Guard, class H>
  friend class internal::RwLockNode;
  template <class U, class H, class A>
  friend class BasicRwLockGuard;

  static constexpr bool kIsWrite = Access::kIsWrite;
  static std::size_t permits(const internal::RawRwLock& raw) noexcept {
    return Access::permits(raw);
  }

  // Precondition: the permits are this guard's.
  explicit BasicRwLockGuard(Holder lock) noexcept : lock_(std::move(lock)) {}

  Value& value() const noexcept {
    WEFT_DCHECK(lock_ != nullptr, "RwLock guard: used after it was moved from");
    return lock_->value_;
  }
  RawHolder release() noexcept {
    internal::RawRwLock& raw = lock_->raw_;
    return internal::raw_holder(std::exchange(lock_, nullptr), raw);
  }
  template <class U>
  Mapped<U, internal::ReadAccess> downgrade_to(U& part) noexcept {
    internal::RawRwLock& raw = lock_->raw_;
    Mapped<U, internal::ReadAccess> mapped(release(), part);
    raw.downgrade();
    return mapped;
  }

  Holder lock_;
};

}  // namespace weft::sync

#endif  // WEFT_SYNC_RW_LOCK_GUARD_H_
