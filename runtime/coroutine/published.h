// Published: a field of a task's header that a dump may read at any time.
//
// Spec: R-150.
//
// A task that runs, or is on its way through the queues, belongs to whoever runs it, and it may end
// and its memory be another task's while somebody looks at it. A dump still wants to say which one
// it is. So the fields that tell this are atomics, for the whole life of the block's memory as the
// word in front of them, and are written once a life, id first, before the word says that there is
// a task. How a dump reads them: glance() in dump/task_glance.h.
//
// On the machines that we know this costs nothing: the same loads and stores.
//
//   [PU1] release in the assignment -> acquire in peek(): who sees a task's field sees that the
//         task before it in the same memory has ended.

#ifndef WEFT_RUNTIME_COROUTINE_PUBLISHED_H_
#define WEFT_RUNTIME_COROUTINE_PUBLISHED_H_

#include <weft/loom/atomic.h>

namespace weft::internal {

// T: of at most eight bytes, trivially copyable.
template <class T>
class Published {
 public:
  Published() = default;
  Published(const Published&) = delete;

  // Whoever makes a task of the block.
  Published& operator=(T value) noexcept {
    value_.store(value, std::memory_order_release);  // [PU1]
    return *this;
  }
  // Whoever holds a reference to the task.
  operator T() const noexcept {  // NOLINT(google-explicit-constructor): stands for its value
    // relaxed: the reference was handed over after the field had been written.
    return value_.load(std::memory_order_relaxed);
  }
  // Anybody: the value of whatever task was there last.
  T peek() const noexcept { return value_.load(std::memory_order_acquire); }  // [PU1]

 private:
  loom::Atomic<T> value_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_COROUTINE_PUBLISHED_H_
