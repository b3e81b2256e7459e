// Mutex: a value that one task at a time may use, also across awaits.
//
// Spec: SY-27 .. SY-32; SY-1 .. SY-9.
//
// Design. A semaphore with one permit beside the value: locking and unlocking are one
// compare-exchange each while nobody waits, and an unlock hands the lock straight to the task that
// has waited longest, so it is fair and try_lock() never overtakes (SY-27). For a short section
// without an await a mutex of the operating system is cheaper.
//
//   sync::Mutex<std::vector<std::string>> table;
//
//   Task<std::size_t> add(std::string row) {
//     auto rows = co_await table.lock();
//     rows->push_back(std::move(row));
//     co_return rows->size();  // unlocked here
//   }
//
// A guard in a co_await expression lives until the end of the full expression (SY-122): name it.
// Locking again what the same task has locked waits for ever.

#ifndef WEFT_SYNC_MUTEX_H_
#define WEFT_SYNC_MUTEX_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/runtime/leaf.h>
#include <weft/runtime/may_block.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/batch_semaphore.h>
#include <weft/sync/internal/lock_wait.h>
#include <weft/sync/internal/raw_mutex.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/sync/mutex_guard.h>

namespace weft::sync {

namespace internal {

// The wait for the lock, as a leaf. Guard is made from Holder, which knows the mutex.
template <class Guard, class Holder>
class LockNode : public Leaf {
 public:
  explicit LockNode(Holder holder) noexcept
      : holder_(std::move(holder)), waiter_(holder_->raw_.semaphore(), 1) {}
  bool poll(Context& cx) noexcept {
    const BatchSemaphore::Waiter::Progress progress = waiter_.poll(cx);
    if (progress == BatchSemaphore::Waiter::Progress::kPending) return false;
    // SAFETY(cast): an address as a number, never turned back.
    owner_ = reinterpret_cast<std::uint64_t>(cx.waker().target());
    return true;
  }
  Guard take() noexcept {
    waiter_.take();
    holder_->raw_.set_owner(owner_);
    return Guard(std::move(holder_));
  }
  void describe(WaitReport& report) noexcept {
    report.object(std::addressof(*holder_));
    report.held_by(holder_->raw_.owner());
  }
  static constexpr const char* kWaitingOn = "mutex";

 private:
  Holder holder_;  // outlives waiter_
  BatchSemaphore::Waiter waiter_;
  std::uint64_t owner_ = 0;
};

template <class Guard, class Holder>
using Lock = LockWait<LockNode<Guard, Holder>, Holder>;

}  // namespace internal

// Thread-safe; needs no runtime (SY-1). Must outlive its guards and waiters, unless they are owned.
// No poisoning: an exception that leaves a guarded section unlocks like any other way out (SY-7).
template <class T>
class Mutex {
  using Location = std::source_location;
  using Shared = std::shared_ptr<Mutex>;

 public:
  // The value is made without arguments.
  Mutex()
    requires std::is_default_constructible_v<T>
      : value_() {}
  explicit Mutex(T value) noexcept(std::is_nothrow_move_constructible_v<T>)
      : value_(std::move(value)) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  // Waits for the lock, in the order in which tasks began to wait: MutexGuard<T>. Cancel-safe: its
  // place is lost, and a lock that had been handed to it goes on to the next (SY-30). Takes budget.
  [[nodiscard]] internal::Lock<MutexGuard<T>, Mutex*> lock() noexcept {
    return internal::Lock<MutexGuard<T>, Mutex*>(this);
  }
  // The same, keeping the mutex alive: OwnedMutexGuard<T>.
  [[nodiscard]] static internal::Lock<OwnedMutexGuard<T>, Shared> lock_owned(
      Shared mutex) noexcept {
    return internal::Lock<OwnedMutexGuard<T>, Shared>(std::move(mutex));
  }

  // The lock if it is free: neither held nor on its way to a waiter.
  [[nodiscard]] std::optional<MutexGuard<T>> try_lock() noexcept {
    if (!raw_.try_lock()) return std::nullopt;
    return MutexGuard<T>(this);
  }
  [[nodiscard]] static std::optional<OwnedMutexGuard<T>> try_lock_owned(Shared mutex) noexcept {
    if (!mutex->raw_.try_lock()) return std::nullopt;
    return OwnedMutexGuard<T>(std::move(mutex));
  }

  // As lock(), blocking the thread. Fatal on a thread that drives async tasks (SY-9).
  [[nodiscard]] MutexGuard<T> blocking_lock(Location where = Location::current()) {
    weft::internal::check_may_block("Mutex::blocking_lock", where);
    return internal::wait_on_thread(lock());
  }
  [[nodiscard]] static OwnedMutexGuard<T> blocking_lock_owned(
      Shared mutex, Location where = Location::current()) {
    weft::internal::check_may_block("Mutex::blocking_lock_owned", where);
    return internal::wait_on_thread(lock_owned(std::move(mutex)));
  }

  // The value, for who has the mutex to himself: nothing is locked.
  T& get_mut() noexcept { return value_; }
  T into_inner() && noexcept(std::is_nothrow_move_constructible_v<T>) { return std::move(value_); }

  // Who holds it, for dumps: internal::RawMutex::owner().
  std::uint64_t owner() const noexcept { return raw_.owner(); }

  // For debugging: the value, or <locked>. Does not wait (SY-31).
  friend std::ostream& operator<<(std::ostream& out, Mutex& mutex) {
    const std::optional<MutexGuard<T>> guard = mutex.try_lock();
    if (!guard) return out << "Mutex{<locked>}";
    return out << "Mutex{" << **guard << '}';
  }

 private:
  template <class U, class Holder>
  friend class BasicMutexGuard;
  template <class Guard, class Holder>
  friend class internal::LockNode;

  internal::RawMutex raw_;
  T value_;
};

}  // namespace weft::sync

#endif  // WEFT_SYNC_MUTEX_H_
