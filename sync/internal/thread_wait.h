// wait_on_thread: completes a leaf by blocking the calling thread, without a runtime.
//
// Spec: SY-9, SY-1.
//
// What the blocking_* operations are made of. The leaf is the one that a coroutine would be
// suspended on; here its waker is a ThreadWaiter, which a thread sleeps on. The first poll uses a
// waker that wakes nothing, so that an operation that need not wait costs no more than its leaf.
//
// A ThreadWaiter is counted and lies on the heap: a primitive may keep a waker for as long as it
// likes, also after the operation is complete.
//
//   return wait_on_thread(mutex.lock());      // which is co_await mutex.lock(), blocking

#ifndef WEFT_SYNC_INTERNAL_THREAD_WAIT_H_
#define WEFT_SYNC_INTERNAL_THREAD_WAIT_H_

#include <utility>

#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/waker.h>

namespace weft::sync::internal {

// One thread waits; any thread wakes, through a Waker.
class ThreadWaiter final : public Wakeable {
 public:
  // The only reference; the object goes with its last waker. Throws std::bad_alloc.
  static Waker create();
  static ThreadWaiter& of(const Waker& waker) noexcept {
    // SAFETY(cast): callers pass what create() returned.
    return static_cast<ThreadWaiter&>(*waker.target());
  }

  // Sleeps until it has been woken since the last return.
  void wait() noexcept;

 private:
  ThreadWaiter() noexcept : Wakeable(1, &kOps) {}

  static void wake(Wakeable* target) noexcept;
  static void wake_by_ref(Wakeable* target) noexcept;
  static void retain(Wakeable* target) noexcept;
  static void release(Wakeable* target) noexcept;
  static const WakeOps kOps;

  loom::Mutex mu_;
  loom::Condvar woken_changed_;
  bool woken_ = false;  // guarded by mu_
};

// Polls `leaf` until it is complete.
template <LeafNode Node>
void complete_on_thread(Node& leaf) {
  Context first(Waker::noop());
  if (leaf.poll(first)) return;
  const Waker waker = ThreadWaiter::create();
  Context cx(waker);
  while (!leaf.poll(cx)) ThreadWaiter::of(waker).wait();
}

// What `co_await awaitable` would yield. The caller has checked that this thread may block.
template <class A>
decltype(auto) wait_on_thread(A&& awaitable) {
  auto awaiter = std::forward<A>(awaitable).operator co_await();
  complete_on_thread(awaiter.node());
  return awaiter.node().take();
}

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_THREAD_WAIT_H_
