// WatchState: what the handles of a watch channel share; and Ref, the value locked for reading.
//
// Spec: SY-101, SY-103, SY-107 .. SY-111.
//
//   version_   bit 0 kClosed: no sender is left. The rest counts the values, in steps of 2.
//              Advanced by who writes, while it holds lock_; read by anyone.
//   pairing    [W1] release by the writer -> acquire by readers. Version and value belong together
//              for who reads both under lock_ (SY-109).
//   seq_cst    version_ and receivers_ are the conditions of two WaitQueues.

#ifndef WEFT_SYNC_INTERNAL_WATCH_STATE_H_
#define WEFT_SYNC_INTERNAL_WATCH_STATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/sync/internal/manual_value.h>
#include <weft/sync/internal/shared_lock.h>
#include <weft/sync/internal/wait_queue.h>

namespace weft::sync {

namespace internal {
template <class T>
class WatchState;
}  // namespace internal

namespace watch {

// All senders are gone.
struct RecvError {
  std::string_view message() const noexcept { return "watch: channel closed"; }
  friend bool operator==(RecvError, RecvError) noexcept = default;
};

// The value, locked for reading as long as this lives. Move-only; for the thread that made it.
template <class T>
class [[nodiscard]] Ref {
 public:
  Ref(Ref&& other) noexcept
      : lock_(std::exchange(other.lock_, nullptr)),
        value_(other.value_),
        has_changed_(other.has_changed_) {}
  Ref& operator=(Ref&&) = delete;
  ~Ref() {
    if (lock_ != nullptr) lock_->unlock_shared();
  }

  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return value_; }

  // Whether the receiver had not seen this value when it borrowed it.
  bool has_changed() const noexcept { return has_changed_; }

 private:
  friend class sync::internal::WatchState<T>;
  // Takes over one shared hold of `lock`.
  Ref(sync::internal::SharedLock& lock, const T& value, bool has_changed) noexcept
      : lock_(&lock), value_(&value), has_changed_(has_changed) {}

  sync::internal::SharedLock* lock_;
  const T* value_;
  bool has_changed_;
};

}  // namespace watch

namespace internal {

// A version is an even number.
template <class T>
class WatchState {
  static_assert(kMovesSafely<T>, "watch: T must be nothrow move constructible and destructible");

 public:
  // With one sender and no receiver.
  explicit WatchState(T initial) noexcept : value_(std::move(initial)) {}
  WatchState(const WatchState&) = delete;
  WatchState& operator=(const WatchState&) = delete;

  static std::uint64_t before(std::uint64_t version) noexcept { return version - kOneVersion; }
  std::uint64_t version() const noexcept { return look() & ~kClosed; }
  bool is_closed() const noexcept { return (look() & kClosed) != 0; }
  // For waiters: has there been another version than `seen`, or the end?
  bool has_news(std::uint64_t seen) const noexcept { return look() != seen; }

  // Calls fn(T&) under the lock; if it answers true, that is a new version.
  template <class F>
  bool modify(F&& fn) {
    {
      std::lock_guard lock(lock_);
      if (!std::invoke(std::forward<F>(fn), value_)) return false;
      version_.fetch_add(kOneVersion, std::memory_order_seq_cst);  // [W1]
    }
    changed_.wake_all();
    return true;
  }
  watch::Ref<T> borrow(std::uint64_t seen) {
    lock_.lock_shared();
    return watch::Ref<T>(lock_, value_, version() != seen);
  }

  void add_sender() noexcept {
    senders_.fetch_add(1, std::memory_order_relaxed);  // relaxed: the caller holds one already
  }
  // [W2] release when a count is given up -> acquire by who gives up the last: what the other
  // senders did, for the receivers that see kClosed.
  void remove_sender() noexcept {
    if (senders_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;  // [W2]
    version_.fetch_or(kClosed, std::memory_order_seq_cst);              // [W1]
    changed_.wake_all();
  }
  void add_receiver() noexcept {
    receivers_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a count
  }
  void remove_receiver() noexcept {
    if (receivers_.fetch_sub(1, std::memory_order_seq_cst) == 1) unwatched_.wake_all();
  }
  std::size_t sender_count() const noexcept {
    return senders_.load(std::memory_order_relaxed);  // relaxed: out of date at once anyway
  }
  std::size_t receiver_count() const noexcept {
    // seq_cst: the condition of unwatched_.
    return receivers_.load(std::memory_order_seq_cst);
  }

  // Changes of version_, and of receiver_count() to 0.
  WaitQueue& changed() noexcept { return changed_; }
  WaitQueue& unwatched() noexcept { return unwatched_; }

 private:
  static constexpr std::uint64_t kClosed = 1;
  static constexpr std::uint64_t kOneVersion = 2;

  std::uint64_t look() const noexcept {
    return version_.load(std::memory_order_seq_cst);  // [W1]
  }

  SharedLock lock_;
  T value_;  // guarded by lock_
  loom::Atomic<std::uint64_t> version_{0};
  WaitQueue changed_;
  WaitQueue unwatched_;
  loom::Atomic<std::size_t> senders_{1};
  loom::Atomic<std::size_t> receivers_{0};
};

}  // namespace internal
}  // namespace weft::sync

#endif  // WEFT_SYNC_INTERNAL_WATCH_STATE_H_
