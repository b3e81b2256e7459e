// What the receivers of bounded and unbounded channels have in common.
//
// Spec: SY-79 .. SY-82, SY-84, SY-87, SY-88.

#ifndef WEFT_SYNC_INTERNAL_MPSC_RECEIVER_H_
#define WEFT_SYNC_INTERNAL_MPSC_RECEIVER_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <source_location>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/may_block.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/sync/mpsc_error.h>

namespace weft::sync::internal {

// Move-only, not while it is being awaited; one thread at a time. Destroyed, it closes the channel
// and destroys the messages in it. Empty when moved from.
template <class Channel>
class MpscReceiver {
  using T = typename Channel::value_type;
  using Location = std::source_location;
  using TryRecvError = mpsc::TryRecvError;

  class RecvNode;
  class RecvManyNode;
  class Recv;
  class RecvMany;

 public:
  MpscReceiver(MpscReceiver&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  MpscReceiver& operator=(MpscReceiver&& other) noexcept {
    MpscReceiver moved(std::move(other));
    std::swap(channel_, moved.channel_);
    return *this;
  }
  ~MpscReceiver() {
    if (channel_ != nullptr) channel_->remove_receiver();
  }

  // The next message: std::optional<T>; nothing once all senders are gone, or this was closed, and
  // the messages are used up. Cancel-safe: nothing is lost. Takes budget.
  [[nodiscard]] Recv recv() noexcept { return Recv(channel()); }
  // One step of the same, for hand-written awaitables.
  Poll<std::optional<T>> poll_recv(Context& cx) noexcept {
    RecvNode node(channel());
    if (!node.poll(cx)) return kPending;
    return node.take();
  }

  // Appends up to `limit` messages to `out`, waiting for the first only; how many, as a
  // std::size_t. 0 if the channel has ended, or at once if limit is 0 (SY-80). Cancel-safe. Takes
  // budget.
  [[nodiscard]] RecvMany recv_many(std::vector<T>& out, std::size_t limit) noexcept {
    return RecvMany(channel(), out, limit);
  }

  // The next message if it has been sent. May wait for as long as another thread takes to move a
  // message into its slot (SY-81).
  Result<T, TryRecvError> try_recv() {
    if (std::optional<T> next = channel().take_next()) return *std::move(next);
    if (channel().is_finished()) return Err(TryRecvError::disconnected());
    if (!channel().list().is_next_claimed()) return Err(TryRecvError::empty());
    return recv_claimed();
  }

  // As recv() and recv_many(), blocking the thread. Fatal on a thread that drives async tasks
  // (SY-9).
  std::optional<T> blocking_recv(Location where = Location::current()) {
    weft::internal::check_may_block("mpsc::Receiver::blocking_recv", where);
    return wait_on_thread(recv());
  }
  std::size_t blocking_recv_many(std::vector<T>& out, std::size_t limit,
                                 Location where = Location::current()) {
    weft::internal::check_may_block("mpsc::Receiver::blocking_recv_many", where);
    return wait_on_thread(recv_many(out, limit));
  }

  // Nothing can be sent any more, except with permits that are out; what has been sent can still be
  // received (SY-82). Idempotent.
  void close() noexcept { channel().close(); }
  // close() was called, or no sender is left; messages may be left nevertheless.
  bool is_closed() const noexcept { return channel().is_over(); }
  bool is_empty() const noexcept { return size() == 0; }
  // The messages that wait here; one that is just being sent may be among them.
  std::size_t size() const noexcept { return channel().list().size(); }
  // As the senders' strong_count() and weak_count().
  std::size_t sender_strong_count() const noexcept { return channel().strong_count(); }
  std::size_t sender_weak_count() const noexcept { return channel().weak_count(); }

 protected:
  explicit MpscReceiver(Channel* channel) noexcept : channel_(channel) {}

  Channel& channel() const noexcept {
    WEFT_DCHECK(channel_ != nullptr, "mpsc::Receiver: used after it was moved from");
    return *channel_;
  }

 private:
  Result<T, TryRecvError> recv_claimed();

  Channel* channel_;
};

template <class Channel>
class MpscReceiver<Channel>::RecvNode : public Leaf {
 public:
  explicit RecvNode(Channel& channel) noexcept : channel_(channel) {}
  bool poll(Context& cx) noexcept {
    if (!cx.has_budget() || !channel_.poll_next(cx)) return false;
    cx.spend_budget();
    return true;
  }
  std::optional<T> take() noexcept { return channel_.take_next(); }
  void describe(WaitReport& report) noexcept {
    report.object(&channel_);
    report.note("senders", channel_.strong_count());
  }
  static constexpr const char* kWaitingOn = "mpsc receive";

 private:
  Channel& channel_;
};

template <class Channel>
class [[nodiscard]] MpscReceiver<Channel>::Recv {
 public:
  explicit Recv(Channel& channel) noexcept : channel_(&channel) {}
  LeafAwaiter<RecvNode> operator co_await() const noexcept {
    return LeafAwaiter<RecvNode>(*channel_);
  }

 private:
  Channel* channel_;
};

template <class Channel>
class MpscReceiver<Channel>::RecvManyNode : public Leaf {
 public:
  RecvManyNode(Channel& channel, std::vector<T>& out, std::size_t limit) noexcept
      : channel_(channel), out_(out), limit_(limit) {}
  bool poll(Context& cx) noexcept {
    if (!cx.has_budget()) return false;
    if (limit_ != 0 && !channel_.poll_next(cx)) return false;
    cx.spend_budget();
    return true;
  }
  // Throws std::bad_alloc if `out` cannot grow; what was moved into it before then counts.
  std::size_t take() {
    Received received(channel_);
    auto& list = channel_.list();
    while (received.count < limit_ && list.has_next()) {
      if (out_.size() == out_.capacity()) out_.reserve(std::max(2 * out_.size(), kFirstCapacity));
      out_.push_back(list.pop());
      ++received.count;
    }
    return received.count;
  }
  void describe(WaitReport& report) noexcept {
    report.object(&channel_);
    report.note("senders", channel_.strong_count());
  }
  static constexpr const char* kWaitingOn = "mpsc receive";

 private:
  static constexpr std::size_t kFirstCapacity = 4;
  // Gives back all permits together in the end, also when reserve() throws.
  struct Received {
    explicit Received(Channel& from) noexcept : channel(from) {}
    ~Received() { channel.received(count); }
    Received(const Received&) = delete;
    Received& operator=(const Received&) = delete;
    Channel& channel;
    std::size_t count = 0;
  };

  Channel& channel_;
  std::vector<T>& out_;
  const std::size_t limit_;
};

template <class Channel>
class [[nodiscard]] MpscReceiver<Channel>::RecvMany {
 public:
  RecvMany(Channel& channel, std::vector<T>& out, std::size_t limit) noexcept
      : channel_(&channel), out_(&out), limit_(limit) {}
  LeafAwaiter<RecvManyNode> operator co_await() const noexcept {
    return LeafAwaiter<RecvManyNode>(*channel_, *out_, limit_);
  }

 private:
  Channel* channel_;
  std::vector<T>* out_;
  std::size_t limit_;
};

// A sender has claimed the next slot and not filled it yet.
template <class Channel>
Result<typename MpscReceiver<Channel>::T, mpsc::TryRecvError>
MpscReceiver<Channel>::recv_claimed() {
  // A task that waits here is about to lose its place in the waker's slot to this thread.
  channel().wake_receiver();
  if (std::optional<T> next = wait_on_thread(recv())) return *std::move(next);
  return Err(TryRecvError::disconnected());
}

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MPSC_RECEIVER_H_
