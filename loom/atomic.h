// Atomic: std::atomic behind the seam, with nothing left to default.
//
// Spec: architecture.md "Atomics go through one seam"; testing.md TE-23, TE-24, TE-30.
//
// Design. All of weft's shared memory goes through the types of this folder, so that a model
// checker can take their place and run every interleaving; a WEFT_LOOM build replaces the classes
// here, and nothing outside loom/ knows. In this build they are the standard types and cost
// nothing.
//
// Two things differ from std::atomic on purpose. Every operation names its memory order, since the
// order is the argument one wants to read. And there are two operations for an owner that has the
// object to itself, in a constructor, a destructor, or after the last reference: they say so
// instead of being written `relaxed`, and the checker verifies the claim.

#ifndef WEFT_LOOM_ATOMIC_H_
#define WEFT_LOOM_ATOMIC_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/atomic.h>

namespace weft::loom {

using checker::Atomic;
using checker::AtomicInteger;
using checker::fence;

}  // namespace weft::loom

#else

#include <atomic>
#include <concepts>
#include <type_traits>
#include <utility>

namespace weft::loom {

template <class T>
concept AtomicInteger = std::integral<T> && !std::same_as<T, bool>;

// T: an integer, bool, enumeration, pointer, or another trivially copyable type for which the
// machine has atomic instructions. Never takes a lock. Immovable.
template <class T>
class Atomic {
  static_assert(std::is_trivially_copyable_v<T>);
  static_assert(std::atomic<T>::is_always_lock_free, "Atomic<T> would hide a lock: T is too large");

 public:
  using value_type = T;

  constexpr Atomic() noexcept : value_(T{}) {}
  constexpr explicit Atomic(T value) noexcept : value_(value) {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load(std::memory_order order) const noexcept { return value_.load(order); }
  void store(T value, std::memory_order order) noexcept { value_.store(value, order); }
  T exchange(T value, std::memory_order order) noexcept { return value_.exchange(value, order); }

  // If the value is `expected`, stores `desired` and returns true; else loads it into `expected`.
  // With one order, a failure's is that order without its release half. The weak forms may fail
  // with no reason: for loops.
  bool compare_exchange_strong(T& expected, T desired, std::memory_order order) noexcept {
    return value_.compare_exchange_strong(expected, desired, order);
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                               std::memory_order failure) noexcept {
    return value_.compare_exchange_strong(expected, desired, success, failure);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order order) noexcept {
    return value_.compare_exchange_weak(expected, desired, order);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                             std::memory_order failure) noexcept {
    return value_.compare_exchange_weak(expected, desired, success, failure);
  }

  // Each returns the value before. Overflow wraps around.
  T fetch_add(T operand, std::memory_order order) noexcept
    requires AtomicInteger<T>
  {
    return value_.fetch_add(operand, order);
  }
  T fetch_sub(T operand, std::memory_order order) noexcept
    requires AtomicInteger<T>
  {
    return value_.fetch_sub(operand, order);
  }
  T fetch_or(T operand, std::memory_order order) noexcept
    requires AtomicInteger<T>
  {
    return value_.fetch_or(operand, order);
  }
  T fetch_and(T operand, std::memory_order order) noexcept
    requires AtomicInteger<T>
  {
    return value_.fetch_and(operand, order);
  }
  T fetch_xor(T operand, std::memory_order order) noexcept
    requires AtomicInteger<T>
  {
    return value_.fetch_xor(operand, order);
  }

  // The value, read by someone who knows that no other thread writes at the same time: whatever was
  // stored last happens before this call by other means.
  T unsync_load() const noexcept {
    // relaxed: by that contract there is only one store it can read.
    return value_.load(std::memory_order_relaxed);
  }

  // Calls fn(T&) and keeps what it leaves there. For someone who knows that no other thread touches
  // the object at the same time. Returns what fn returns.
  template <class F>
  decltype(auto) with_mut(F&& fn) {
    // Writes back also when fn throws or returns a reference to something else.
    struct WriteBack {
      explicit WriteBack(Atomic& target) noexcept : atomic(target), value(target.unsync_load()) {}
      // relaxed: nobody else looks, by contract.
      ~WriteBack() { atomic.value_.store(value, std::memory_order_relaxed); }
      WriteBack(const WriteBack&) = delete;
      WriteBack& operator=(const WriteBack&) = delete;
      Atomic& atomic;
      T value;
    };
    WriteBack held(*this);
    return std::forward<F>(fn)(held.value);
  }

 private:
  std::atomic<T> value_;
};

// What "costs nothing" means, as far as a compiler can say.
static_assert(sizeof(Atomic<int>) == sizeof(int) && alignof(Atomic<int>) == alignof(int));
static_assert(sizeof(Atomic<void*>) == sizeof(void*) && sizeof(Atomic<bool>) == sizeof(bool));
static_assert(std::is_trivially_destructible_v<Atomic<long>>);

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_ATOMIC_H_
