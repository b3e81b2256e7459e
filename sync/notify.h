// Notify: wakes one waiting task, or all, and carries no data.
//
// Spec: SY-40 .. SY-55; SY-1 .. SY-7.
//
// Design. notify_one() stores at most one permit when nobody waits; notify_waiters() reaches
// whoever holds a Notified at that moment and stores nothing. Both meet in one word:
//
//   state_     bits 0-1: kEmpty, kWaiting (waiters_ is not empty) or kNotified (a permit is
//              stored); the rest counts the broadcasts.
//              kEmpty <--notify_one / notified--> kNotified    by anyone, without the lock
//              kEmpty <--> kWaiting, and the count             only under mu_
//   pairing    [N1] release in notify_*() -> acquire in poll(): what preceded the notification is
//              visible to who consumed it. Every change is a read-modify-write or happens under
//              mu_, so a permit stored over a permit belongs to the same release sequence (SY-42).
//              [N2] release when a waiter's notification_ is set -> acquire by the waiter: it is
//              out of every list, its waker is taken, and it is the waiter's own again.
//
// A Notified remembers the count of broadcasts at its creation; a difference means that one has
// happened since, which is how it is registered for them before anyone has polled it. A broadcast
// moves all waiters to a list of its own and works through it in batches, unlocking in between to
// wake. Until its turn comes a waiter in that list goes by the count, so that none lags behind
// another; and it may leave the list, because unlinking needs no list, only the lock (SY-48).
//
// The last thing a notifier does to the Notify is to unlock mu_, and the destructor takes mu_ once:
// a task that was just notified may destroy it.
//
//   sync::Notify ready;
//
//   Task<int> consumer() {
//     co_await ready.notified();
//     co_return 1;
//   }
//   Task<> producer() {
//     ready.notify_one();  // kept for the consumer, should it not wait yet
//     co_return;
//   }

#ifndef WEFT_SYNC_NOTIFY_H_
#define WEFT_SYNC_NOTIFY_H_

#include <cstdint>
#include <memory>
#include <utility>

#include <weft/base/intrusive_list.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/runtime/waker.h>

namespace weft::sync {

class Notified;
class OwnedNotified;

// Thread-safe; needs no runtime (SY-1). Must outlive its Notifieds, unless they are owned.
class Notify {
 public:
  Notify() noexcept = default;
  Notify(const Notify&) = delete;
  Notify& operator=(const Notify&) = delete;
  ~Notify();

  // Wakes the task that has waited longest; if none waits, stores a permit for the next one, of
  // which there is at most one (SY-40, SY-42). What preceded the call is visible to who is
  // notified.
  void notify_one() noexcept;

  // The same, for the task that began to wait last (SY-43).
  void notify_last() noexcept;

  // Notifies every Notified that exists now, polled or not, and stores nothing (SY-44, SY-45).
  void notify_waiters() noexcept;

  // Completes when it is notified. It hears notify_waiters() from now on, notify_one() from when it
  // is first awaited or enabled. Cancel-safe: its place in the queue is lost, and a notify_one()
  // that had reached it goes on to the next (SY-51). Takes no budget.
  [[nodiscard]] Notified notified() noexcept;

  // The same, keeping `notify` alive: for spawned tasks (SY-53).
  [[nodiscard]] static OwnedNotified notified_owned(std::shared_ptr<Notify> notify) noexcept;

 private:
  friend class Notified;
  enum class Order : std::uint8_t { kFifo, kLifo };

  void notify(Order order) noexcept;
  [[nodiscard]] Waker notify_locked(Order order) noexcept;
  [[nodiscard]] bool try_take_permit() noexcept;
  void waiter_left() noexcept;

  loom::Atomic<std::uint64_t> state_{0};
  loom::SpinMutex mu_;
  IntrusiveList<Notified> waiters_;  // guarded by mu_; not empty exactly while kWaiting
};

// The wait for one notification. Movable until it is enabled or polled. Awaited as an lvalue it
// keeps its place in the queue when the awaiting task is cancelled, and once complete it stays so
// (SY-47). One thread at a time.
class [[nodiscard]] Notified : private ListNode {
  // What an awaiting coroutine is suspended on; the state is the Notified's.
  class Node : public Leaf {
   public:
    explicit Node(Notified& notified) noexcept : notified_(notified) {}
    bool poll(Context& cx) noexcept { return notified_.poll(&cx); }
    void take() noexcept {}
    void describe(WaitReport& report) noexcept { report.object(notified_.notify_); }
    static constexpr const char* kWaitingOn = "notify";

   private:
    Notified& notified_;
  };

 public:
  // Fatal if `other` has been enabled or polled and is not complete.
  Notified(Notified&& other) noexcept;
  Notified& operator=(Notified&&) = delete;
  ~Notified();

  // Enters the queue without waiting. True: already notified, and awaiting will complete at once.
  // Call it before testing the condition that a notify_one() may be about (SY-46, SY-55).
  bool enable() noexcept { return poll(nullptr); }

  // For leaves that wait for a notification among other things: true once notified.
  bool poll(Context& cx) noexcept { return poll(&cx); }

  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

 private:
  friend class Notify;
  friend class IntrusiveList<Notified>;
  friend class OwnedNotified;
  enum class Phase : std::uint8_t { kInit, kQueued, kDone };
  enum class Notification : std::uint8_t { kNone, kOneFifo, kOneLifo, kAll };

  explicit Notified(Notify& notify) noexcept;

  bool poll(Context* cx) noexcept;
  bool poll_first(Context* cx) noexcept;
  bool poll_queued(Context* cx) noexcept;
  bool enqueue() noexcept;
  bool has_been_broadcast() const noexcept;
  bool is_notified() const noexcept;

  Notify* notify_;
  std::uint64_t broadcasts_;  // the count when this was made
  Waker waker_;  // guarded by notify_->mu_ while queued without a notification; may be empty
  // Written under notify_->mu_ by whoever notifies; read by the waiter. [N2], in notify.h
  loom::Atomic<Notification> notification_{Notification::kNone};
  Phase phase_ = Phase::kInit;  // this task's only
};

// A Notified that keeps its Notify alive.
class [[nodiscard]] OwnedNotified {
 public:
  OwnedNotified(OwnedNotified&&) noexcept = default;
  OwnedNotified& operator=(OwnedNotified&&) = delete;

  // As Notified::enable().
  bool enable() noexcept { return notified_.enable(); }

  auto operator co_await() noexcept { return notified_.operator co_await(); }

 private:
  friend class Notify;
  explicit OwnedNotified(std::shared_ptr<Notify> notify) noexcept
      : notify_(std::move(notify)), notified_(*notify_) {}

  std::shared_ptr<Notify> notify_;  // destroyed after notified_
  Notified notified_;
};

inline Notified Notify::notified() noexcept { return Notified(*this); }

inline OwnedNotified Notify::notified_owned(std::shared_ptr<Notify> notify) noexcept {
  return OwnedNotified(std::move(notify));
}

}  // namespace weft::sync

#endif  // WEFT_SYNC_NOTIFY_H_
