// PollSender<T>: sending into a bounded channel from within a hand-written leaf.
//
// Spec: T-55.
//
//   // A leaf's own poll(cx) would call poll_reserve(cx) in the same way.
//   Task<bool> send(PollSender<int> sender, int value) {
//     auto reserve = [&sender](Context& cx) { return sender.poll_reserve(cx); };
//     const auto reserved = co_await poll_fn(reserve);
//     if (!reserved) co_return false;
//     co_return sender.send_item(value).has_value();  // there is room, whatever happened since
//   }
//
// First a slot is reserved, which may take several polls; then a value is sent into it, which
// cannot fail for want of room. In between the value need not exist.

#ifndef WEFT_TASK_POLL_SENDER_H_
#define WEFT_TASK_POLL_SENDER_H_

#include <optional>
#include <source_location>
#include <string_view>
#include <utility>
#include <variant>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/sync/mpsc.h>
#include <weft/task/reusable_box_future.h>

namespace weft {

// The channel is closed, at either end.
template <class T>
class PollSendError {
 public:
  explicit PollSendError(std::optional<T> unsent) noexcept : value(std::move(unsent)) {}
  std::string_view message() const noexcept { return "channel closed"; }

  std::optional<T> value;  // what was to be sent, if it was given
};

// Movable; one thread at a time. Copies are senders of their own that have reserved nothing.
template <class T>
class PollSender {
  using Sender = sync::mpsc::Sender<T>;
  using Permit = sync::mpsc::OwnedPermit<T>;
  using Reserved = Result<Permit, sync::mpsc::SendError<void>>;
  using Location = std::source_location;

 public:
  explicit PollSender(Sender sender) : sender_(sender), state_(Idle{std::move(sender)}) {}
  PollSender(PollSender&&) noexcept = default;
  PollSender& operator=(PollSender&&) noexcept = default;
  // A copy of one that was closed is closed.
  PollSender(const PollSender& other) : sender_(other.sender_), state_(idle_or_closed(sender_)) {}
  PollSender& operator=(const PollSender& other) { return *this = PollSender(other); }
  ~PollSender() = default;

  // Ready: a slot is reserved, for send_item(), or the channel is closed. Pending: `cx` is woken
  // when that changes, and only the latest of the contexts that were pending. Ready again until the
  // slot is used. Takes budget. Throws std::bad_alloc.
  Poll<Result<void, PollSendError<T>>> poll_reserve(Context& cx);

  // Sends into the reserved slot. The error gives the value back if this sender was closed, and a
  // check failure if poll_reserve() has not been ready since the last one. A receiver that has gone
  // in the meantime is not noticed: the value is destroyed with the channel.
  Result<void, PollSendError<T>> send_item(T value, Location where = Location::current());

  // Gives up what poll_reserve() has reserved or is waiting for. False if there is nothing.
  bool abort_send();

  // Nothing is reserved from now on. A slot that is reserved may still be used.
  void close() noexcept;
  // Whether this sender is closed, by close() or because poll_reserve() found out.
  bool is_closed() const noexcept { return std::holds_alternative<Closed>(state_); }

  // The sender; null once this is closed.
  const Sender* sender() const noexcept { return sender_ ? &*sender_ : nullptr; }

 private:
  struct Idle {
    Sender sender;
  };
  struct Acquiring {};  // acquire_ is waiting
  struct Ready {
    Permit permit;
  };
  struct Closed {};
  using State = std::variant<Closed, Idle, Acquiring, Ready>;

  static State idle_or_closed(const std::optional<Sender>& sender) {
    if (!sender) return Closed{};
    return Idle{*sender};
  }
  void begin_acquire();
  void stop_acquire() noexcept { acquire_.reset(); }

  std::optional<Sender> sender_;  // none: close() was called, or the channel is closed
  std::optional<ReusableBoxFuture<Reserved>> acquire_;
  State state_;
};

template <class T>
void PollSender<T>::begin_acquire() {
  auto reserve = std::move(std::get<Idle>(state_).sender).reserve_owned();
  state_ = Closed{};  // if the next line throws
  if (acquire_) {
    acquire_->set(std::move(reserve));
  } else {
    acquire_.emplace(std::move(reserve));
  }
  state_ = Acquiring{};
}

template <class T>
Poll<Result<void, PollSendError<T>>> PollSender<T>::poll_reserve(Context& cx) {
  using Answer = Result<void, PollSendError<T>>;
  if (std::holds_alternative<Ready>(state_)) return Answer();
  if (std::holds_alternative<Closed>(state_)) return Answer(Err(PollSendError<T>(std::nullopt)));
  if (std::holds_alternative<Idle>(state_)) begin_acquire();
  Poll<Reserved> polled = acquire_->poll(cx);
  if (polled.is_pending()) return kPending;
  Reserved reserved = *std::move(polled);
  if (!reserved) {
    sender_.reset();
    state_ = Closed{};
    return Answer(Err(PollSendError<T>(std::nullopt)));
  }
  state_ = Ready{*std::move(reserved)};
  return Answer();
}

template <class T>
Result<void, PollSendError<T>> PollSender<T>::send_item(T value, Location where) {
  if (std::holds_alternative<Closed>(state_)) return Err(PollSendError<T>(std::move(value)));
  WEFT_CHECK(std::holds_alternative<Ready>(state_),
             "PollSender::send_item: nothing is reserved; call poll_reserve() until it is ready",
             where);
  Sender sender = std::move(std::get<Ready>(state_).permit).send(std::move(value));
  if (sender_) {
    state_ = Idle{std::move(sender)};
  } else {
    state_ = Closed{};
  }
  return {};
}

template <class T>
bool PollSender<T>::abort_send() {
  if (std::holds_alternative<Acquiring>(state_)) {
    stop_acquire();
  } else if (!std::holds_alternative<Ready>(state_)) {
    return false;
  }
  state_ = idle_or_closed(sender_);
  return true;
}

template <class T>
void PollSender<T>::close() noexcept {
  sender_.reset();
  if (std::holds_alternative<Ready>(state_)) return;
  stop_acquire();
  state_ = Closed{};
}

}  // namespace weft

#endif  // WEFT_TASK_POLL_SENDER_H_
