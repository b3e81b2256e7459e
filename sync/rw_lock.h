// RwLock: a value that many tasks may read, or one may write, also across awaits.
//
// Spec: SY-33 .. SY-39; SY-1 .. SY-10.
//
// Design. A semaphore with one permit per possible reader: reading takes one, writing takes all.
// Its strict order of waiting makes the lock fair: once a writer waits, later readers wait behind
// it. A task that holds a read guard and asks for another one can therefore wait for ever (SY-34).
//
//   sync::RwLock<std::map<std::string, int>> routes;
//
//   Task<int> find(std::string name) {
//     auto reading = co_await routes.read();  // beside other readers
//     const auto found = reading->find(name);
//     co_return found != reading->end() ? found->second : 0;
//   }
//   Task<> add(std::string name, int target) {
//     auto writing = co_await routes.write();  // alone
//     (*writing)[std::move(name)] = target;
//   }
//
// The value is read by several threads at a time: its const members must allow that (SY-39).

#ifndef WEFT_SYNC_RW_LOCK_H_
#define WEFT_SYNC_RW_LOCK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/may_block.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/batch_semaphore.h>
#include <weft/sync/internal/lock_wait.h>
#include <weft/sync/internal/raw_rw_lock.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/sync/rw_lock_guard.h>

namespace weft::sync {

namespace internal {

// The wait for a lock, as a leaf. Guard is made from Holder, which knows the lock.
template <class Guard, class Holder>
class RwLockNode : public Leaf {
 public:
  explicit RwLockNode(Holder holder) noexcept
      : holder_(std::move(holder)),
        waiter_(holder_->raw_.semaphore(), Guard::permits(holder_->raw_)) {}
  bool poll(Context& cx) noexcept {
    if (waiter_.poll(cx) == BatchSemaphore::Waiter::Progress::kPending) return false;
    // SAFETY(cast): an address as a number, never turned back.
    if constexpr (Guard::kIsWrite) writer_ = reinterpret_cast<std::uint64_t>(cx.waker().target());
    return true;
  }
  Guard take() noexcept {
    waiter_.take();
    if constexpr (Guard::kIsWrite) holder_->raw_.set_writer(writer_);
    return Guard(std::move(holder_));
  }
  void describe(WaitReport& report) noexcept {
    const std::uint64_t writer = holder_->raw_.writer();
    report.object(std::addressof(*holder_));
    report.held_by(writer);
    report.note(Guard::kIsWrite ? "to write" : "to read");
    if (writer == 0) report.note("held by readers, or by a writer that is not known");
  }
  static constexpr const char* kWaitingOn = "rwlock";

 private:
  Holder holder_;  // outlives waiter_
  BatchSemaphore::Waiter waiter_;
  std::uint64_t writer_ = 0;
};

}  // namespace internal

// Thread-safe; needs no runtime. Must outlive its guards and waiters, unless they are owned. No
// poisoning (SY-7).
template <class T>
class RwLock {
  using Location = std::source_location;
  using Shared = std::shared_ptr<RwLock>;
  using ReadGuard = RwLockReadGuard<T>;
  using WriteGuard = RwLockWriteGuard<T>;
  using OwnedReadGuard = OwnedRwLockReadGuard<T>;
  using OwnedWriteGuard = OwnedRwLockWriteGuard<T>;

 public:
  static constexpr std::uint32_t kMaxReaders = internal::RawRwLock::kMaxReaders;

  // The value is made without arguments.
  RwLock()
    requires std::is_default_constructible_v<T>
      : raw_(kMaxReaders), value_() {}
  // At most `max_readers` read at the same time. Fatal if that is 0 or more than kMaxReaders
  // (SY-33).
  explicit RwLock(T value, std::uint32_t max_readers = kMaxReaders,
                  Location where = Location::current())
      : raw_(checked(max_readers, where)), value_(std::move(value)) {}
  RwLock(const RwLock&) = delete;
  RwLock& operator=(const RwLock&) = delete;

  // Wait for the lock, in the order in which tasks began to wait: RwLockReadGuard<T>,
  // RwLockWriteGuard<T>. Cancel-safe: the place is lost, and what had been granted goes on to the
  // next, so readers behind a writer that gives up go on at once (SY-36). Take budget.
  [[nodiscard]] auto read() noexcept { return Acquire<ReadGuard, RwLock*>(this); }
  [[nodiscard]] auto write() noexcept { return Acquire<WriteGuard, RwLock*>(this); }
  // The same, keeping the lock alive: OwnedRwLockReadGuard<T>, OwnedRwLockWriteGuard<T>.
  [[nodiscard]] static auto read_owned(Shared lock) noexcept {
    return Acquire<OwnedReadGuard, Shared>(std::move(lock));
  }
  [[nodiscard]] static auto write_owned(Shared lock) noexcept {
    return Acquire<OwnedWriteGuard, Shared>(std::move(lock));
  }

  // The lock if it can be had now: for a read, no writer holds it or waits for it (SY-37).
  [[nodiscard]] std::optional<ReadGuard> try_read() noexcept {
    return try_acquire<ReadGuard>(this);
  }
  [[nodiscard]] std::optional<WriteGuard> try_write() noexcept {
    return try_acquire<WriteGuard>(this);
  }
  [[nodiscard]] static std::optional<OwnedReadGuard> try_read_owned(Shared lock) noexcept {
    return try_acquire<OwnedReadGuard>(std::move(lock));
  }
  [[nodiscard]] static std::optional<OwnedWriteGuard> try_write_owned(Shared lock) noexcept {
    return try_acquire<OwnedWriteGuard>(std::move(lock));
  }

  // As read() and write(), blocking the thread. Fatal on a thread that drives async tasks (SY-9).
  [[nodiscard]] ReadGuard blocking_read(Location where = Location::current()) {
    weft::internal::check_may_block("RwLock::blocking_read", where);
    return internal::wait_on_thread(read());
  }
  [[nodiscard]] WriteGuard blocking_write(Location where = Location::current()) {
    weft::internal::check_may_block("RwLock::blocking_write", where);
    return internal::wait_on_thread(write());
  }
  [[nodiscard]] static OwnedReadGuard blocking_read_owned(Shared lock,
                                                          Location where = Location::current()) {
    weft::internal::check_may_block("RwLock::blocking_read_owned", where);
    return internal::wait_on_thread(read_owned(std::move(lock)));
  }
  [[nodiscard]] static OwnedWriteGuard blocking_write_owned(Shared lock,
                                                            Location where = Location::current()) {
    weft::internal::check_may_block("RwLock::blocking_write_owned", where);
    return internal::wait_on_thread(write_owned(std::move(lock)));
  }

  // The value, for who has the lock to himself: nothing is locked.
  T& get_mut() noexcept { return value_; }
  T into_inner() && noexcept(std::is_nothrow_move_constructible_v<T>) { return std::move(value_); }

 private:
  template <class U, class Holder, class Access>
  friend class BasicRwLockGuard;
  template <class Guard, class Holder>
  friend class internal::RwLockNode;
  template <class Guard, class Holder>
  using Acquire = internal::LockWait<internal::RwLockNode<Guard, Holder>, Holder>;

  static std::uint32_t checked(std::uint32_t max_readers, Location where) {
    WEFT_CHECK(max_readers > 0 && max_readers <= kMaxReaders,
               "RwLock: max_readers must be from 1 to RwLock::kMaxReaders", where);
    return max_readers;
  }
  template <class Guard, class Holder>
  static std::optional<Guard> try_acquire(Holder holder) noexcept {
    internal::RawRwLock& raw = holder->raw_;
    if (raw.semaphore().try_acquire(Guard::permits(raw)) != internal::TryAcquire::kAcquired) {
      return std::nullopt;
    }
    return Guard(std::move(holder));
  }

  internal::RawRwLock raw_;
  T value_;
};

}  // namespace weft::sync

#endif  // WEFT_SYNC_RW_LOCK_H_
