// Waker: the right to make one suspended computation runnable again.
//
// Spec, T-70.
//
// A leaf that is not ready stores a Waker; whoever makes it ready calls wake(). Waking never
// resumes anything: it puts the target into a run queue, so it may be called from any thread, at
// any moment, with any lock held that the scheduler does not take, and also after the target is
// gone, because a Waker owns a counted reference to the target's header and not to its frame.
//
// What can be woken is a Wakeable: one word that the target defines (a task keeps its state and
// its reference count in it) and a table of four functions. A Waker is one pointer to it, so two
// wakers wake the same target if and only if they are equal.
//
//   struct Node { Waker waker_; };                     // in the leaf, guarded by its lock
//   if (!node.waker_.will_wake(cx.waker())) node.waker_ = cx.clone_waker();
//   ... std::move(taken).wake();                       // by the notifier, after unlocking

#ifndef WEFT_RUNTIME_WAKER_H_
#define WEFT_RUNTIME_WAKER_H_

#include <cstdint>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/runtime/seam_check.h>

namespace weft {

class Wakeable;

namespace internal {
struct DebuggerTable;
}  // namespace internal

// How a kind of target is woken and counted. Every function may be called from any thread.
struct WakeOps {
  void (*wake)(Wakeable* target) noexcept;         // consumes one reference
  void (*wake_by_ref)(Wakeable* target) noexcept;  // borrows one
  void (*retain)(Wakeable* target) noexcept;       // adds one
  void (*release)(Wakeable* target) noexcept;      // gives one back
};

// The start of every object that a Waker can refer to. The word comes first: the frame allocator
// tells free blocks, nested frames and tasks apart by it (coroutine/frame_registry.h).
class Wakeable {
 public:
  Wakeable(const Wakeable&) = delete;
  Wakeable& operator=(const Wakeable&) = delete;

 protected:
  constexpr Wakeable(std::uint64_t word, const WakeOps* ops) noexcept : word_(word), ops_(ops) {}
  ~Wakeable() = default;

  // Leaves the word alone: for headers built in a block whose word other threads may read.
  struct KeepWord {};

  // Written and read as the target's kind says: task/task_state.h for tasks, a plain reference
  // count for everything else.
  loom::Atomic<std::uint64_t> word_;
  const WakeOps* ops_;

 private:
  friend class Waker;
  friend struct internal::DebuggerTable;
};

// Movable and copyable; empty when default-made or moved from. Thread-compatible: one object is
// used by one thread at a time, different copies from any threads.
class Waker {
 public:
  Waker() noexcept = default;
  Waker(const Waker& other) noexcept : target_(other.target_) {
    if (target_ != nullptr) target_->ops_->retain(target_);
  }
  Waker(Waker&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
  Waker& operator=(const Waker& other) noexcept {
    Waker copy(other);
    std::swap(target_, copy.target_);
    return *this;
  }
  Waker& operator=(Waker&& other) noexcept {
    Waker moved(std::move(other));
    std::swap(target_, moved.target_);
    return *this;
  }
  ~Waker() {
    if (target_ != nullptr) target_->ops_->release(target_);
  }

  // Makes the target runnable; does nothing if it already is, is complete, or is empty. What the
  // caller wrote before is visible to the target's next resume.
  void wake() const& noexcept {
    if (target_ != nullptr) target_->ops_->wake_by_ref(target_);
  }
  // The same, and gives the reference away: one atomic operation cheaper.
  void wake() && noexcept {
    if (target_ != nullptr) {
      Wakeable* const target = std::exchange(target_, nullptr);
      target->ops_->wake(target);
    }
  }

  // True if both wake the same target: storing the other one again would change nothing.
  bool will_wake(const Waker& other) const noexcept { return target_ == other.target_; }
  explicit operator bool() const noexcept { return target_ != nullptr; }

  // A waker that wakes nothing. Lives as long as the program.
  static const Waker& noop() noexcept;

  // Takes over one reference that the caller holds; `release_target` gives it back.
  static Waker adopt(Wakeable* target) noexcept { return Waker(target); }
  Wakeable* release_target() && noexcept { return std::exchange(target_, nullptr); }
  Wakeable* target() const noexcept { return target_; }

 private:
  explicit Waker(Wakeable* target) noexcept : target_(target) {}

  Wakeable* target_ = nullptr;
};

}  // namespace weft

#endif  // WEFT_RUNTIME_WAKER_H_
