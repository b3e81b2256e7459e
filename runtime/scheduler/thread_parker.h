// ThreadParker and ParkWaker: how a thread that is no worker waits for a wake-up.
//
// Spec: R-30, R-90 (docs/spec/runtime.md).
//
// Design. A thread in block_on has no driver and no watch, so it needs no descriptors: a mutex, a
// condition variable and a state word (ThreadParker) block it until somebody leaves a token. It is
// weft's own and not a token that user code could consume. A ParkWaker puts a reference count in
// front, so that wakers of the root coroutine can refer to it for as long as they like, also after
// block_on has returned.
//
// Each thread keeps one ParkWaker for its next block_on. A block_on inside a block_on (possible
// through block_in_place) must not take the tokens meant for the outer one, so CachedParkWaker
// lends the object out and makes another if it is already lent.
//
// Before it sleeps, a thread that was woken quickly the last few times spins (adaptive_spin.h):
// handing a result to a sleeping thread takes 66 us, to a spinning one 27.
//
//   CachedParkWaker parker;
//   const Waker waker = parker->waker();
//   while (!poll(root, waker)) parker->park();

#ifndef WEFT_RUNTIME_SCHEDULER_THREAD_PARKER_H_
#define WEFT_RUNTIME_SCHEDULER_THREAD_PARKER_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/scheduler/adaptive_spin.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

// park*() and discard_token() are for one thread at a time, the owner; unpark() for any. Must
// outlive every call of unpark(). Tokens do not count, as with Parker.
class ThreadParker {
 public:
  ThreadParker() noexcept = default;
  ThreadParker(const ThreadParker&) = delete;
  ThreadParker& operator=(const ThreadParker&) = delete;

  // Blocks until there is a token, and consumes it. What its unparkers wrote is then visible. Never
  // returns without one.
  void park() noexcept;

  // The same for at most `limit`: false if no token came. 0 or less does not block; a deadline
  // beyond the clock's range becomes one second from now.
  bool park_for(std::chrono::nanoseconds limit) noexcept;

  // Consumes a token that is there: false if there is none. Does not block.
  bool try_park() noexcept;

  // Leaves a token.
  void unpark() noexcept;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t { kEmpty, kParked, kNotified };

  bool park_until(std::optional<TimePoint> deadline) noexcept;
  bool stop_waiting() noexcept;

  // kParked, and back to kEmpty: by the owner. kNotified: by any thread. Every write is a
  // read-modify-write, as in parker.h.
  // [P2] release in unpark() -> acquire where the owner leaves kNotified: what the unparkers wrote.
  loom::Atomic<State> state_{State::kEmpty};

  // Guards nothing but the moment between the owner's look at state_ and its sleep: who changed
  // kParked to kNotified passes through the mutex before it notifies.
  loom::Mutex mu_;
  loom::Condvar token_left_;
};

// A ThreadParker that Wakers can refer to: waking is unparking. On the heap; lives until the last
// reference is gone.
class ParkWaker final : public Wakeable {
 public:
  // The caller holds the one reference. Throws std::bad_alloc.
  static ParkWaker* create() { return new ParkWaker(); }
  // Gives a reference back.
  void release() noexcept;

  // A waker that ends the park() that runs, or else the next one. Any thread.
  Waker waker() noexcept;
  // Leaves a token. Any thread.
  void unpark() noexcept { parker_.unpark(); }

  // As ThreadParker's, with a spin before it where that pays. Owner only.
  void park() noexcept;
  bool park_for(std::chrono::nanoseconds limit) noexcept;

  // Forgets a token that is there. Owner only.
  void discard_token() noexcept { static_cast<void>(parker_.try_park()); }

 private:
  ParkWaker() noexcept;
  ~ParkWaker() = default;

  static const WakeOps kOps;
  static ParkWaker* from(Wakeable* target) noexcept;
  void retain() noexcept;
  bool park_until_woken(std::optional<std::chrono::nanoseconds> limit) noexcept;
  bool sleep(std::optional<std::chrono::nanoseconds> limit) noexcept;

  // word_ is the number of references: wakers, and the owner's. Changed by whoever makes or drops
  // one.
  // [P3] release in release() -> acquire in the last release(): all use is over before the delete.
  ThreadParker parker_;
  AdaptiveSpin spin_;  // the owner's
};

// Borrows the calling thread's ParkWaker for the length of a block; a fresh one if it is lent out
// already, or if the thread is ending and has given it up. Ends on the thread it began on.
class [[nodiscard]] CachedParkWaker {
 public:
  // Throws std::bad_alloc.
  CachedParkWaker();
  // A token left over from this use is dropped, so that it does not end the first park of the next.
  ~CachedParkWaker();
  CachedParkWaker(const CachedParkWaker&) = delete;
  CachedParkWaker& operator=(const CachedParkWaker&) = delete;

  ParkWaker& operator*() const noexcept { return *waker_; }
  ParkWaker* operator->() const noexcept { return waker_; }

 private:
  ParkWaker* waker_;  // one reference is ours
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_THREAD_PARKER_H_
