// loom::Atomic without a seam: std::atomic, with the two operations for an owner that it lacks.
// Found before the real header when tests/codegen/compare.py compiles with it.

#ifndef TESTS_CODEGEN_PLAIN_WEFT_LOOM_ATOMIC_H_
#define TESTS_CODEGEN_PLAIN_WEFT_LOOM_ATOMIC_H_

#include <atomic>

namespace weft::loom {

template <class T>
struct Atomic : std::atomic<T> {
  using std::atomic<T>::atomic;

  T unsync_load() const noexcept { return this->load(std::memory_order_relaxed); }
  template <class F>
  void with_mut(F fn) {
    T value = unsync_load();
    fn(value);
    this->store(value, std::memory_order_relaxed);
  }
};

}  // namespace weft::loom

#endif  // TESTS_CODEGEN_PLAIN_WEFT_LOOM_ATOMIC_H_
