// BasicMappedGuard: access to a part of what a Mutex<T> or an RwLock<T> holds.
//
// Spec: SY-29, SY-37, SY-123.
//
// What a guard's map() makes. It has the duty to unlock, which map() passes on without unlocking in
// between, and knows of the lock only how to do that: not the type of the value, which is what lets
// a function take a guard of some number without asking whose number it is.
//
//   // Knows nothing of what the number is a part of.
//   Task<> add_later(sync::MappedMutexGuard<int> number, int amount) {
//     co_await yield_now();
//     *number += amount;
//   }
//
//   Task<> have_birthday(sync::Mutex<Person>& person) {
//     auto guard = co_await person.lock();
//     auto age = std::move(guard).map([](Person& p) -> int& { return p.age; });
//     co_await add_later(std::move(age), 1);
//   }

#ifndef WEFT_SYNC_MAPPED_GUARD_H_
#define WEFT_SYNC_MAPPED_GUARD_H_

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>

namespace weft::sync {

template <class T, class Holder>
class BasicMutexGuard;
template <class T, class Holder, class Access>
class BasicRwLockGuard;

namespace internal {

// A holder of the raw lock inside of a lock, from one of the lock: a pointer, or a shared one.
template <class Lock, class Raw>
Raw* raw_holder(Lock*, Raw& raw) noexcept {
  return &raw;
}
template <class Lock, class Raw>
std::shared_ptr<Raw> raw_holder(std::shared_ptr<Lock> lock, Raw& raw) noexcept {
  return std::shared_ptr<Raw>(std::move(lock), &raw);
}

// The type of that.
template <class Holder, class Raw>
using RawHolder = decltype(raw_holder(std::declval<Holder>(), std::declval<Raw&>()));

}  // namespace internal

// Move-only; empty when moved from. Unlocks when destroyed, on any thread. Holder points to a raw
// lock, and Access says how that is unlocked; U is const where a lock is only read.
template <class U, class Holder, class Access>
class [[nodiscard]] BasicMappedGuard {
 public:
  BasicMappedGuard(BasicMappedGuard&& other) noexcept
      : lock_(std::exchange(other.lock_, nullptr)), part_(other.part_) {}
  BasicMappedGuard& operator=(BasicMappedGuard&& other) noexcept {
    BasicMappedGuard moved(std::move(other));
    std::swap(lock_, moved.lock_);
    std::swap(part_, moved.part_);
    return *this;
  }
  ~BasicMappedGuard() {
    if (lock_ != nullptr) Access::unlock(*lock_);
  }

  // The part. Precondition: not moved from.
  U& operator*() const noexcept { return *part_; }
  U* operator->() const noexcept { return part_; }

  // A guard of the part of this part that `fn(U&)` returns a reference to. If `fn` throws, this one
  // is still whole.
  template <class F>
  auto map(F&& fn) && {
    using V = std::remove_reference_t<std::invoke_result_t<F, U&>>;
    V& part = std::invoke(std::forward<F>(fn), *part_);
    return BasicMappedGuard<V, Holder, Access>(std::exchange(lock_, nullptr), part);
  }
  // The same, for an `fn(U&)` that returns a pointer: null gives this guard back as the error.
  template <class F>
  auto try_map(F&& fn) && {
    using V = std::remove_pointer_t<std::invoke_result_t<F, U&>>;
    using Mapped = BasicMappedGuard<V, Holder, Access>;
    V* const part = std::invoke(std::forward<F>(fn), *part_);
    if (part == nullptr) return Result<Mapped, BasicMappedGuard>(Err(std::move(*this)));
    return Result<Mapped, BasicMappedGuard>(Mapped(std::exchange(lock_, nullptr), *part));
  }

 private:
  template <class T, class H>
  friend class BasicMutexGuard;
  template <class T, class H, class A>
  friend class BasicRwLockGuard;
  template <class V, class H, class A>
  friend class BasicMappedGuard;

  BasicMappedGuard(Holder lock, U& part) noexcept
      : lock_(std::move(lock)), part_(std::addressof(part)) {}

  Holder lock_;
  U* part_;
};

}  // namespace weft::sync

#endif  // WEFT_SYNC_MAPPED_GUARD_H_
