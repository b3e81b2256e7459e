// Interface: thread_wait.h.
//
//   word_      the count of references
//   pairing    [TW1] release when a reference is given back -> acquire by who gives back the last:
//              nobody is in the object any more when it is destroyed.

#include <weft/sync/internal/thread_wait.h>

#include <mutex>

namespace weft::sync::internal {

const WakeOps ThreadWaiter::kOps = {&wake, &wake_by_ref, &retain, &release};

Waker ThreadWaiter::create() { return Waker::adopt(new ThreadWaiter()); }

void ThreadWaiter::wait() noexcept {
  std::unique_lock lock(mu_);
  woken_changed_.wait(lock, [this] { return woken_; });
  woken_ = false;
}

void ThreadWaiter::wake_by_ref(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is the table of ThreadWaiters only.
  ThreadWaiter& self = static_cast<ThreadWaiter&>(*target);
  std::lock_guard lock(self.mu_);
  self.woken_ = true;
  self.woken_changed_.notify_one();
}

void ThreadWaiter::wake(Wakeable* target) noexcept {
  wake_by_ref(target);
  release(target);
}

void ThreadWaiter::retain(Wakeable* target) noexcept {
  // SAFETY(cast): as in wake_by_ref().
  // relaxed: the caller holds a reference, and nothing is read through a count.
  static_cast<ThreadWaiter*>(target)->word_.fetch_add(1, std::memory_order_relaxed);
}

void ThreadWaiter::release(Wakeable* target) noexcept {
  // SAFETY(cast): as in wake_by_ref().
  ThreadWaiter* const self = static_cast<ThreadWaiter*>(target);
  if (self->word_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete self;  // [TW1]
}

}  // namespace weft::sync::internal
