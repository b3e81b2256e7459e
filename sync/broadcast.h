// broadcast: every receiver gets every value, as long as it keeps up.
//
// Spec: SY-90 .. SY-100; SY-119, SY-124.
//
// Design: internal/broadcast_ring.h. A ring of values, each with its own lock and the number of
// receivers that still want it. A receiver that falls behind by more than the ring holds loses the
// oldest values and is told how many.
//
//   Task<std::string> hear(sync::broadcast::Receiver<std::string> receiver) {
//     std::string heard;
//     for (;;) {
//       const auto event = co_await receiver.recv();
//       if (event) {
//         heard += *event;
//       } else if (event.error().is_lagged()) {
//         heard += "(" + std::to_string(event.error().lagged()) + " lost)";
//       } else {
//         co_return heard;  // all senders have gone
//       }
//     }
//   }

#ifndef WEFT_SYNC_BROADCAST_H_
#define WEFT_SYNC_BROADCAST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/may_block.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/broadcast_error.h>
#include <weft/sync/internal/broadcast_ring.h>
#include <weft/sync/internal/thread_wait.h>

namespace weft::sync::broadcast {

template <class T>
class Receiver;
template <class T>
class WeakSender;

// Copyable; the channel ends for its receivers when the last one has gone and they have read the
// rest. Thread-safe, except for assignment.
template <class T>
class [[nodiscard]] Sender {
  using Ring = sync::internal::BroadcastRing<T>;

  // Completes when there is no receiver; looks again at each wake-up, since subscribe() may reopen.
  class ClosedNode : public Leaf {
   public:
    explicit ClosedNode(Ring& ring) noexcept : ring_(ring), waiter_(ring.unheard()) {}
    bool poll(Context& cx) noexcept {
      if (ring_.receiver_count() == 0) return true;
      waiter_.arm(cx);
      return ring_.receiver_count() == 0;
    }
    void take() noexcept {}
    void describe(WaitReport& report) noexcept { report.object(&ring_); }
    static constexpr const char* kWaitingOn = "broadcast closed";

   private:
    Ring& ring_;
    sync::internal::WaitQueue::Waiter waiter_;
  };
  class [[nodiscard]] Closed {
   public:
    explicit Closed(Ring& ring) noexcept : ring_(&ring) {}
    LeafAwaiter<ClosedNode> operator co_await() const noexcept {
      return LeafAwaiter<ClosedNode>(*ring_);
    }

   private:
    Ring* ring_;
  };

 public:
  // A channel without a receiver, as yet: subscribe(). The capacity is rounded up to a power of
  // two. Fatal if it is 0 or more than half of all numbers (SY-90). Throws std::bad_alloc.
  explicit Sender(std::size_t capacity,
                  std::source_location where = std::source_location::current())
      : ring_(std::make_shared<Ring>(Ring::checked_capacity(capacity, where))) {}
  Sender(const Sender& other) noexcept : ring_(other.ring_) { ring_->add_sender(); }
  Sender(Sender&&) noexcept = default;
  Sender& operator=(Sender other) noexcept {
    std::swap(ring_, other.ring_);
    return *this;
  }
  ~Sender() {
    if (ring_ != nullptr) ring_->remove_sender();
  }

  // Gives `value` to all receivers, instead of the oldest one if the ring is full: how many
  // receivers there are, which is not to say that all will see it. The error gives it back if there
  // are none. Never waits.
  Result<std::size_t, SendError<T>> send(T value) const {
    const std::size_t receivers = ring_->send(value);
    if (receivers == 0) return Err(SendError<T>(std::move(value)));
    return receivers;
  }

  // A receiver of all values sent from now on.
  Receiver<T> subscribe() const { return Receiver<T>(ring_); }

  // Completes when there is no receiver. Cancel-safe; takes no budget.
  [[nodiscard]] Closed closed() const noexcept { return Closed(*ring_); }

  // The values that somebody still wants.
  std::size_t size() const noexcept { return ring_->size(); }
  bool is_empty() const noexcept { return size() == 0; }
  std::size_t receiver_count() const noexcept { return ring_->receiver_count(); }
  std::size_t strong_count() const noexcept { return ring_->sender_count(); }
  std::size_t weak_count() const noexcept { return ring_->weak_count(); }
  bool same_channel(const Sender& other) const noexcept { return ring_ == other.ring_; }

  // A sender that does not keep the channel open.
  [[nodiscard]] WeakSender<T> downgrade() const noexcept { return WeakSender<T>(ring_); }

 private:
  friend class WeakSender<T>;
  // Takes over one count.
  explicit Sender(std::shared_ptr<Ring> ring) noexcept : ring_(std::move(ring)) {}

  std::shared_ptr<Ring> ring_;
};

template <class T>
class [[nodiscard]] WeakSender {
  using Ring = sync::internal::BroadcastRing<T>;

 public:
  WeakSender(const WeakSender& other) noexcept : WeakSender(other.ring_) {}
  WeakSender(WeakSender&&) noexcept = default;
  WeakSender& operator=(WeakSender other) noexcept {
    std::swap(ring_, other.ring_);
    return *this;
  }
  ~WeakSender() {
    if (ring_ != nullptr) ring_->remove_weak_sender();
  }

  // A sender, unless there is none left.
  std::optional<Sender<T>> upgrade() const noexcept {
    if (!ring_->try_add_sender()) return std::nullopt;
    return Sender<T>(ring_);
  }
  std::size_t strong_count() const noexcept { return ring_->sender_count(); }
  std::size_t weak_count() const noexcept { return ring_->weak_count(); }

 private:
  friend class Sender<T>;
  explicit WeakSender(std::shared_ptr<Ring> ring) noexcept : ring_(std::move(ring)) {
    ring_->add_weak_sender();
  }

  std::shared_ptr<Ring> ring_;
};

// Move-only; one thread at a time.
template <class T>
class [[nodiscard]] Receiver {
  using Ring = sync::internal::BroadcastRing<T>;

  class Node : public Leaf {
   public:
    explicit Node(Receiver& receiver) noexcept
        : receiver_(receiver), waiter_(receiver.ring_->arrived()) {}
    bool poll(Context& cx) noexcept {
      if (!cx.has_budget()) return false;
      if (!has_news()) {
        waiter_.arm(cx);
        if (!has_news()) return false;
      }
      cx.spend_budget();
      return true;
    }
    // Throws what copying a T throws; the value then counts as received.
    Result<T, RecvError> take() {
      Result<T, TryRecvError> received = receiver_.try_recv();
      if (received) return *std::move(received);
      WEFT_DCHECK(!received.error().is_empty());
      if (received.error().is_closed()) return Err(RecvError::closed());
      return Err(RecvError::lagged(received.error().lagged()));
    }
    void describe(WaitReport& report) noexcept { report.object(receiver_.ring_.get()); }
    static constexpr const char* kWaitingOn = "broadcast receive";

   private:
    bool has_news() const noexcept { return receiver_.ring_->has_news(receiver_.next_); }

    Receiver& receiver_;
    sync::internal::WaitQueue::Waiter waiter_;
  };
  class [[nodiscard]] Recv {
   public:
    explicit Recv(Receiver& receiver) noexcept : receiver_(&receiver) {}
    LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*receiver_); }

   private:
    Receiver* receiver_;
  };

 public:
  Receiver(Receiver&&) noexcept = default;
  Receiver& operator=(Receiver&& other) noexcept {
    Receiver moved(std::move(other));
    std::swap(ring_, moved.ring_);
    std::swap(next_, moved.next_);
    return *this;
  }
  ~Receiver() {
    if (ring_ != nullptr) ring_->remove_receiver(next_);
  }

  // The next value: Result<T, RecvError>; lagged(n) if n values were overwritten before they were
  // read, and then the oldest that is left is next; closed once all senders are gone and all is
  // read. Cancel-safe: nothing is lost. Takes budget.
  [[nodiscard]] Recv recv() noexcept { return Recv(*this); }

  // The same without waiting; adds empty.
  Result<T, TryRecvError> try_recv() { return ring_->try_recv(next_); }

  // As recv(), blocking the thread. Fatal on a thread that drives async tasks (SY-9).
  Result<T, RecvError> blocking_recv(std::source_location where = std::source_location::current()) {
    weft::internal::check_may_block("broadcast::Receiver::blocking_recv", where);
    return sync::internal::wait_on_thread(recv());
  }

  // Another receiver, of all values sent from now on, wherever this one stands.
  Receiver resubscribe() const { return Receiver(ring_); }

  // The values sent and not received, lost ones included until recv() has told of them.
  std::size_t size() const noexcept { return ring_->count_from(next_); }
  bool is_empty() const noexcept { return size() == 0; }
  // All senders are gone; values may be left.
  bool is_closed() const noexcept { return ring_->senders_are_gone(); }
  std::size_t sender_strong_count() const noexcept { return ring_->sender_count(); }
  std::size_t sender_weak_count() const noexcept { return ring_->weak_count(); }
  bool same_channel(const Receiver& other) const noexcept { return ring_ == other.ring_; }

 private:
  friend class Sender<T>;
  explicit Receiver(std::shared_ptr<Ring> ring) noexcept
      : ring_(std::move(ring)), next_(ring_->add_receiver()) {}

  std::shared_ptr<Ring> ring_;
  std::uint64_t next_;  // the position of the next value
};

// A new channel. As Sender(capacity), with one receiver.
template <class T>
[[nodiscard]] std::pair<Sender<T>, Receiver<T>> channel(
    std::size_t capacity, std::source_location where = std::source_location::current()) {
  Sender<T> sender(capacity, where);
  Receiver<T> receiver = sender.subscribe();
  return {std::move(sender), std::move(receiver)};
}

}  // namespace weft::sync::broadcast

#endif  // WEFT_SYNC_BROADCAST_H_
