// oneshot: a channel for exactly one value.
//
// Spec: SY-58 .. SY-65; SY-1 .. SY-9, SY-119.
//
// Design. channel() makes one heap block with the value, one state word and two wakers; its
// protocol is internal/oneshot_core.h, and the last of the two halves frees it. What the halves
// hold is a pointer to it: the sender's is null once it has sent, the receiver's once it has its
// answer.
//
//   Task<> compute(sync::oneshot::Sender<int> answer) {
//     if (answer.is_closed()) co_return;  // nobody waits any more
//     static_cast<void>(answer.send(42));
//   }
//   Task<int> ask() {
//     auto [sender, receiver] = sync::oneshot::channel<int>();
//     auto computing = spawn(compute(std::move(sender)));
//     const auto answer = co_await receiver;
//     co_return answer.value_or(0);  // an error: the sender went away without sending
//   }

#ifndef WEFT_SYNC_ONESHOT_H_
#define WEFT_SYNC_ONESHOT_H_

#include <cstdint>
#include <source_location>
#include <string_view>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/may_block.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/manual_value.h>
#include <weft/sync/internal/oneshot_core.h>
#include <weft/sync/internal/recycled.h>
#include <weft/sync/internal/thread_wait.h>

namespace weft::sync::oneshot {

// The sender went away without sending, or the receiver had closed.
struct RecvError {
  std::string_view message() const noexcept { return "oneshot: channel closed"; }
  friend bool operator==(RecvError, RecvError) noexcept = default;
};

// Why try_recv() has no value.
class TryRecvError {
 public:
  static constexpr TryRecvError empty() noexcept { return TryRecvError(Kind::kEmpty); }
  static constexpr TryRecvError closed() noexcept { return TryRecvError(Kind::kClosed); }

  // Nothing was sent yet; a value may still come.
  bool is_empty() const noexcept { return kind_ == Kind::kEmpty; }
  // There will be no value, or it has been received already.
  bool is_closed() const noexcept { return kind_ == Kind::kClosed; }
  std::string_view message() const noexcept {
    return is_empty() ? "oneshot: channel empty" : "oneshot: channel closed";
  }
  friend bool operator==(TryRecvError, TryRecvError) noexcept = default;

 private:
  enum class Kind : std::uint8_t { kEmpty, kClosed };
  constexpr explicit TryRecvError(Kind kind) noexcept : kind_(kind) {}
  Kind kind_;
};

namespace internal {

namespace shared = ::weft::sync::internal;

template <class T>
struct Channel : shared::OneshotCore {
  static_assert(shared::kMovesSafely<T>,
                "oneshot: T must be nothrow move constructible and destructible; send a "
                "std::unique_ptr<T>");
  loom::Cell<shared::ManualValue<T>> value;

  T take_value() noexcept {
    return value.with_mut([](auto& slot) { return slot.take(); });
  }
};

}  // namespace internal

template <class T>
class Sender;
template <class T>
class Receiver;

// A new channel. Throws std::bad_alloc.
template <class T>
[[nodiscard]] std::pair<Sender<T>, Receiver<T>> channel();

// Sends the value. Move-only; one thread at a time. Destroyed without sending, it ends the
// receiver's wait with an error (SY-59).
template <class T>
class [[nodiscard]] Sender {
  using Channel = internal::Channel<T>;
  class ClosedNode;
  class Closed;

 public:
  Sender(Sender&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  Sender& operator=(Sender&& other) noexcept {
    Sender moved(std::move(other));
    std::swap(channel_, moved.channel_);
    return *this;
  }
  ~Sender() {
    if (channel_ != nullptr && !finish(*channel_, false)) leave(*channel_);
  }

  // Gives `value` to the receiver; the error gives it back if the receiver has closed or is gone. A
  // success does not mean that it will be received. Never waits. Fatal the second time.
  Result<void, T> send(T value, std::source_location where = std::source_location::current()) {
    require_channel("oneshot::Sender::send: this sender has sent already", where);
    Channel& channel = *std::exchange(channel_, nullptr);
    channel.value.with_mut([&](auto& slot) { slot.construct(std::move(value)); });
    if (finish(channel, true)) [[likely]]
      return {};
    Result<void, T> refused = Err(channel.take_value());
    leave(channel);
    return refused;
  }

  // Whether the receiver has closed or is gone: a send would fail.
  bool is_closed(std::source_location where = std::source_location::current()) const noexcept {
    require_channel("oneshot::Sender::is_closed: this sender has sent already", where);
    return channel_->is_closed();
  }

  // Completes when the receiver closes or goes away: what is being computed for it is not needed
  // any more. Cancel-safe. Borrows the sender, which must not send meanwhile.
  [[nodiscard]] Closed closed(
      std::source_location where = std::source_location::current()) noexcept {
    require_channel("oneshot::Sender::closed: this sender has sent already", where);
    return Closed(*channel_);
  }

 private:
  friend std::pair<Sender<T>, Receiver<T>> oneshot::channel<T>();

  explicit Sender(Channel* channel) noexcept : channel_(channel) {}

  void require_channel(std::string_view message, std::source_location where) const noexcept {
    WEFT_CHECK(channel_ != nullptr, message, where);
  }
  // False: the receiver has closed; the channel is still ours. Else it may be gone.
  [[nodiscard]] static bool finish(Channel& channel, bool with_value) noexcept {
    const typename Channel::Finish finish = channel.finish(with_value);
    if (finish == Channel::Finish::kLast) internal::shared::destroy_recycled(&channel);
    return finish != Channel::Finish::kClosed;
  }
  static void leave(Channel& channel) noexcept {
    if (channel.leave_as_sender()) internal::shared::destroy_recycled(&channel);
  }

  Channel* channel_;  // null: has sent, or moved from
};

template <class T>
class Sender<T>::ClosedNode : public Leaf {
 public:
  explicit ClosedNode(Channel& channel) noexcept : channel_(channel) {}
  bool poll(Context& cx) noexcept {
    if (!cx.has_budget()) return false;
    if (!channel_.poll_closed(cx)) return false;
    cx.spend_budget();
    return true;
  }
  void take() noexcept {}
  void describe(WaitReport& report) noexcept { report.object(&channel_); }
  static constexpr const char* kWaitingOn = "oneshot closed";

 private:
  Channel& channel_;
};

template <class T>
class [[nodiscard]] Sender<T>::Closed {
 public:
  explicit Closed(Channel& channel) noexcept : channel_(&channel) {}
  LeafAwaiter<ClosedNode> operator co_await() const noexcept {
    return LeafAwaiter<ClosedNode>(*channel_);
  }

 private:
  Channel* channel_;
};

// Receives the value: `co_await rx` yields Result<T, RecvError>, as an lvalue or an rvalue.
// Cancel-safe: a destroyed wait loses nothing, and the receiver may be awaited again. Takes budget.
// Move-only, not while it is being awaited; one thread at a time. Destroyed, it closes the channel
// and destroys a value that has not been received (SY-63).
template <class T>
class [[nodiscard]] Receiver {
  using Channel = internal::Channel<T>;
  using Seen = typename Channel::Seen;
  class Node;

 public:
  Receiver(Receiver&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  Receiver& operator=(Receiver&& other) noexcept {
    Receiver moved(std::move(other));
    std::swap(channel_, moved.channel_);
    return *this;
  }
  ~Receiver() {
    if (channel_ == nullptr) return;
    channel_->close();
    if (channel_->look() == Seen::kValue) {
      channel_->value.with_mut([](auto& slot) { slot.destroy(); });
    }
    leave();
  }

  // The value, or the error once the sender is gone or close() came first. Awaiting it again after
  // either is fatal (SY-60).
  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

  // The value if it is there. Also after the end, where it is closed.
  Result<T, TryRecvError> try_recv() noexcept {
    if (channel_ == nullptr) return Err(TryRecvError::closed());
    const Seen seen = channel_->look();
    if (seen == Seen::kEmpty) return Err(TryRecvError::empty());
    if (seen == Seen::kValue) return take_value();
    leave();
    return Err(TryRecvError::closed());
  }

  // As co_await, blocking the thread. Fatal on a thread that drives async tasks (SY-9).
  Result<T, RecvError> blocking_recv(std::source_location where = std::source_location::current()) {
    weft::internal::check_may_block("oneshot::Receiver::blocking_recv", where);
    return internal::shared::wait_on_thread(*this);
  }

  // Refuses a value that has not been sent yet; one that has can still be received (SY-61).
  // Idempotent.
  void close() noexcept {
    if (channel_ != nullptr) channel_->close();
  }

  // False only while there is a value to receive.
  bool is_empty() const noexcept { return channel_ == nullptr || channel_->look() != Seen::kValue; }
  // The value, or the end, has been received.
  bool is_terminated() const noexcept { return channel_ == nullptr; }

 private:
  friend std::pair<Sender<T>, Receiver<T>> oneshot::channel<T>();

  explicit Receiver(Channel* channel) noexcept : channel_(channel) {}

  // Precondition: kValue has been seen.
  T take_value() noexcept {
    T value = channel_->take_value();
    leave();
    return value;
  }
  void leave() noexcept {
    Channel* const channel = std::exchange(channel_, nullptr);
    if (channel->leave_as_receiver()) internal::shared::destroy_recycled(channel);
  }

  Channel* channel_;  // null: terminated, or moved from
};

template <class T>
class Receiver<T>::Node : public Leaf {
 public:
  explicit Node(Receiver& receiver) noexcept : receiver_(receiver) {}
  bool poll(Context& cx) noexcept {
    WEFT_CHECK(receiver_.channel_ != nullptr,
               "oneshot::Receiver: awaited after it has yielded its value or error");
    if (!cx.has_budget() || !receiver_.channel_->poll_finished(cx)) return false;
    cx.spend_budget();
    return true;
  }
  Result<T, RecvError> take() noexcept {
    if (receiver_.channel_->look() == Seen::kValue) return receiver_.take_value();
    receiver_.leave();
    return Err(RecvError());
  }
  void describe(WaitReport& report) noexcept { report.object(receiver_.channel_); }
  static constexpr const char* kWaitingOn = "oneshot receive";

 private:
  Receiver& receiver_;
};

template <class T>
std::pair<Sender<T>, Receiver<T>> channel() {
  auto* const channel = internal::shared::make_recycled<internal::Channel<T>>();
  return {Sender<T>(channel), Receiver<T>(channel)};
}

}  // namespace weft::sync::oneshot

#endif  // WEFT_SYNC_ONESHOT_H_
