// Mutex, Condvar, SpinMutex: blocking behind the seam.
//
// Spec: architecture.md "Atomics go through one seam"; testing.md TE-27, TE-30.
//
// Design. Mutex and Condvar are the standard ones, which ThreadSanitizer understands and which are
// a few words and a futex on Linux; a WEFT_LOOM build replaces the classes here by the checker's.
// They work with std::lock_guard and std::unique_lock. None of them is ever held across a co_await,
// and nothing is woken, resumed or destroyed for a user under one.
//
// SpinMutex is for critical sections of a few instructions, far shorter than a futex call, on data
// that is rarely contended: a free list, a queue link. It spins a bounded number of rounds and then
// yields the processor between tries, so that a preempted holder gets to finish.

#ifndef WEFT_LOOM_MUTEX_H_
#define WEFT_LOOM_MUTEX_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/mutex.h>

namespace weft::loom {

using checker::Condvar;
using checker::Mutex;
// Its spinning is no business of a model.
using SpinMutex = checker::Mutex;

}  // namespace weft::loom

#else

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/atomic.h>

namespace weft::loom {

// Not recursive, not fair. Immovable. Unlocking on another thread is undefined.
class Mutex {
 public:
  constexpr Mutex() noexcept = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() noexcept { inner_.lock(); }
  bool try_lock() noexcept { return inner_.try_lock(); }
  void unlock() noexcept { inner_.unlock(); }

 private:
  friend class Condvar;
  std::mutex inner_;
};

// Waits may end without a notification; look at the condition again, or use the forms with one.
// Immovable; no thread may be in a wait when it is destroyed.
class Condvar {
 public:
  Condvar() noexcept = default;
  Condvar(const Condvar&) = delete;
  Condvar& operator=(const Condvar&) = delete;

  void notify_one() noexcept { inner_.notify_one(); }
  void notify_all() noexcept { inner_.notify_all(); }

  // Unlocks, sleeps, locks again. Precondition of all: `lock` holds its mutex.
  void wait(std::unique_lock<Mutex>& lock) noexcept {
    Native native(lock);
    inner_.wait(native.lock);
  }
  // Until `done()`, called under the lock, is true.
  template <class Predicate>
  void wait(std::unique_lock<Mutex>& lock, Predicate done) {
    while (!done()) wait(lock);
  }

  // As wait(), to no later than `deadline`: timeout if that has passed.
  std::cv_status wait_until(std::unique_lock<Mutex>& lock,
                            std::chrono::steady_clock::time_point deadline) noexcept {
    Native native(lock);
    return inner_.wait_until(native.lock, deadline);
  }
  // The value of the last `done()`: false only after the deadline.
  template <class Predicate>
  bool wait_until(std::unique_lock<Mutex>& lock, std::chrono::steady_clock::time_point deadline,
                  Predicate done) {
    while (!done()) {
      if (wait_until(lock, deadline) == std::cv_status::timeout) return done();
    }
    return true;
  }

  // As wait_until() that long from now. Negative is zero; what reaches beyond the clock is for
  // ever.
  std::cv_status wait_for(std::unique_lock<Mutex>& lock,
                          std::chrono::nanoseconds duration) noexcept {
    return wait_until(lock, after(duration));
  }
  template <class Predicate>
  bool wait_for(std::unique_lock<Mutex>& lock, std::chrono::nanoseconds duration, Predicate done) {
    return wait_until(lock, after(duration), std::move(done));
  }

 private:
  // The caller's lock in the form that the native wait takes; its ownership is handed back in the
  // end, so that both see the mutex locked before and after.
  struct Native {
    explicit Native(std::unique_lock<Mutex>& held) noexcept
        : lock(held.mutex()->inner_, std::adopt_lock) {
      WEFT_DCHECK(held.owns_lock(), "Condvar::wait: the lock does not hold its mutex");
    }
    ~Native() { lock.release(); }
    Native(const Native&) = delete;
    Native& operator=(const Native&) = delete;

    std::unique_lock<std::mutex> lock;
  };

  static std::chrono::steady_clock::time_point after(std::chrono::nanoseconds duration) noexcept;

  std::condition_variable inner_;
};

// One byte. Not recursive, not fair. May be held only for a few instructions that cannot block,
// allocate, or call out. Lock and unlock are on the same thread.
class SpinMutex {
 public:
  constexpr SpinMutex() noexcept = default;
  SpinMutex(const SpinMutex&) = delete;
  SpinMutex& operator=(const SpinMutex&) = delete;

  void lock() noexcept {
    if (!try_lock()) [[unlikely]]
      lock_slowly();
  }
  bool try_lock() noexcept {
    return !locked_.exchange(true, std::memory_order_acquire);  // [SM1]
  }
  void unlock() noexcept { locked_.store(false, std::memory_order_release); }  // [SM1]

 private:
  void lock_slowly() noexcept;

  // Set by who locks, cleared by the holder; read by who waits.
  // [SM1] release in unlock() -> acquire in try_lock(): all that earlier holders wrote.
  Atomic<bool> locked_{false};
};

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_MUTEX_H_
