// Atomic, fence: loom::Atomic under the checker's eyes.
//
// Spec: TE-21..TE-26. The operations are those of <weft/loom/atomic.h>, with the same contracts;
// each also takes the place it is called from.
//
// An Atomic<T> is a T in memory, no larger; the checker knows it by its address. Outside of a model
// it is a plain variable for one thread.

#ifndef WEFT_LOOM_CHECKER_ATOMIC_H_
#define WEFT_LOOM_CHECKER_ATOMIC_H_

#include <atomic>
#include <concepts>
#include <cstring>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/checker/atomic_operations.h>

namespace weft::loom::checker {

template <class T>
concept AtomicInteger = std::integral<T> && !std::same_as<T, bool>;

// T: trivially copyable, of at most 8 bytes. Immovable.
template <class T>
class Atomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(internal::Word));
  using Where = std::source_location;
  using Order = std::memory_order;

 public:
  using value_type = T;

  constexpr Atomic() noexcept : Atomic(T{}) {}
  constexpr explicit Atomic(T value, Where where = Where::current()) noexcept : value_(value) {
    if (!std::is_constant_evaluated() && internal::in_model()) {
      internal::construct(object(where));
    }
  }
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;
  // Fails if an access of another thread does not happen before.
  constexpr ~Atomic() {
    if (!std::is_constant_evaluated() && internal::in_model()) {
      internal::destroy(object(Where::current()));
    }
  }

  T load(Order order, Where where = Where::current()) const noexcept {
    if (!internal::in_model()) return value_;
    return from_word(internal::load(object(where), order));
  }
  void store(T value, Order order, Where where = Where::current()) noexcept {
    if (!internal::in_model()) {
      value_ = value;
    } else {
      value_ = from_word(internal::store(object(where), to_word(value), order));
    }
  }
  T exchange(T value, Order order, Where where = Where::current()) noexcept {
    return update(internal::Update::kExchange, value, order, where);
  }

  bool compare_exchange_strong(T& expected, T desired, Order order,
                               Where where = Where::current()) noexcept {
    return compare(expected, desired, order, without_release(order), false, where);
  }
  bool compare_exchange_strong(T& expected, T desired, Order success, Order failure,
                               Where where = Where::current()) noexcept {
    return compare(expected, desired, success, failure, false, where);
  }
  bool compare_exchange_weak(T& expected, T desired, Order order,
                             Where where = Where::current()) noexcept {
    return compare(expected, desired, order, without_release(order), true, where);
  }
  bool compare_exchange_weak(T& expected, T desired, Order success, Order failure,
                             Where where = Where::current()) noexcept {
    return compare(expected, desired, success, failure, true, where);
  }

  T fetch_add(T operand, Order order, Where where = Where::current()) noexcept
    requires AtomicInteger<T>
  {
    return update(internal::Update::kAdd, operand, order, where);
  }
  T fetch_sub(T operand, Order order, Where where = Where::current()) noexcept
    requires AtomicInteger<T>
  {
    return update(internal::Update::kSubtract, operand, order, where);
  }
  T fetch_or(T operand, Order order, Where where = Where::current()) noexcept
    requires AtomicInteger<T>
  {
    return update(internal::Update::kOr, operand, order, where);
  }
  T fetch_and(T operand, Order order, Where where = Where::current()) noexcept
    requires AtomicInteger<T>
  {
    return update(internal::Update::kAnd, operand, order, where);
  }
  T fetch_xor(T operand, Order order, Where where = Where::current()) noexcept
    requires AtomicInteger<T>
  {
    return update(internal::Update::kXor, operand, order, where);
  }

  T unsync_load(Where where = Where::current()) const noexcept {
    if (!internal::in_model()) return value_;
    return from_word(internal::unsync_read(object(where)));
  }

  // The access counts at its begin and at its end.
  template <class F>
  decltype(auto) with_mut(F&& fn, Where where = Where::current()) {
    struct WriteBack {
      WriteBack(Atomic& target, Where place) noexcept
          : atomic(target), where(place), value(target.value_) {
        write();
      }
      ~WriteBack() { write(); }
      WriteBack(const WriteBack&) = delete;
      WriteBack& operator=(const WriteBack&) = delete;
      void write() noexcept {
        if (internal::in_model()) internal::unsync_write(atomic.object(where), to_word(value));
        atomic.value_ = value;
      }
      Atomic& atomic;
      Where where;
      T value;
    };
    WriteBack held(*this, where);
    return std::forward<F>(fn)(held.value);
  }

 private:
  static constexpr Order without_release(Order order) noexcept {
    if (order == std::memory_order_acq_rel) return std::memory_order_acquire;
    return order == std::memory_order_release ? std::memory_order_relaxed : order;
  }
  static internal::Word to_word(const T& value) noexcept {
    internal::Word word = 0;
    std::memcpy(&word, &value, sizeof value);
    return word;
  }
  static T from_word(internal::Word word) noexcept {
    T value;
    // SAFETY(cast): T is trivially copyable; g++ warns of some such types unless told.
    std::memcpy(static_cast<void*>(&value), &word, sizeof value);
    return value;
  }
  internal::AtomicObject object(Where where) const noexcept { return {this, sizeof(T), where}; }

  T update(internal::Update kind, T operand, Order order, Where where) noexcept {
    if (!internal::in_model()) {
      const T before = value_;
      value_ = from_word(internal::apply(kind, to_word(before), to_word(operand)));
      return before;
    }
    const internal::UpdateResult result =
        internal::update(object(where), kind, to_word(operand), order);
    value_ = from_word(result.newest);
    return from_word(result.before);
  }

  bool compare(T& expected, T desired, Order success, Order failure, bool weak,
               Where where) noexcept {
    if (!internal::in_model()) {
      const bool equal = to_word(value_) == to_word(expected);
      if (equal) {
        value_ = desired;
      } else {
        expected = value_;
      }
      return equal;
    }
    const internal::CompareResult result = internal::compare_exchange(
        object(where), {to_word(expected), to_word(desired), success, failure, weak});
    value_ = from_word(result.newest);
    expected = result.exchanged ? expected : from_word(result.seen);
    return result.exchanged;
  }

  T value_;  // the newest value in modification order
};

static_assert(sizeof(Atomic<int>) == sizeof(int));

// std::atomic_thread_fence. Inside a model only. weft itself uses none: thread sanitizer does not
// see them.
inline void fence(std::memory_order order,
                  std::source_location where = std::source_location::current()) {
  WEFT_CHECK(internal::in_model(), "loom::checker::fence: called outside of a model", where);
  internal::fence(order, where);
}

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_ATOMIC_H_
