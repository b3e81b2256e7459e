// watch: a value that senders replace and receivers look at; only the latest one counts.
//
// Spec: SY-101 .. SY-111; SY-119, SY-124.
//
// Design. One value under a reader-writer lock, and a version number. A receiver remembers the
// version it has seen; a different one means that it has not seen the latest value. Waiting
// receivers are in one queue, which costs a sender one load while it is empty.
//
//   Task<std::string> follow(sync::watch::Receiver<std::string> config) {
//     std::string last = *config.borrow();
//     for (;;) {
//       const auto changed = co_await config.changed();
//       if (!changed) co_return last;  // all senders have gone
//       last = *config.borrow_and_update();
//     }
//   }
//   Task<std::string> change() {
//     auto [sender, receiver] = sync::watch::channel<std::string>("first");
//     auto following = spawn(follow(std::move(receiver)));
//     for (const char* each : {"second", "third"}) static_cast<void>(sender.send(each));
//     {
//       auto end = std::move(sender);
//     }
//     const auto last = co_await following;
//     co_return last.value();
//   }
//
// A Ref holds the lock for reading: senders block their thread meanwhile. Never hold one across a
// co_await, nor two in one thread (SY-103).

#ifndef WEFT_SYNC_WATCH_H_
#define WEFT_SYNC_WATCH_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/leaf.h>
#include <weft/sync/internal/watch_state.h>
#include <weft/sync/internal/watch_wait.h>

namespace weft::sync::watch {

// There is no receiver; `value` was not stored.
template <class T>
struct SendError {
  T value;
  explicit SendError(T unsent) noexcept : value(std::move(unsent)) {}
  std::string_view message() const noexcept { return "watch: channel closed"; }
};

template <class T>
class Receiver;
template <class T>
class Sender;

// A new channel; the initial value counts as seen. Throws std::bad_alloc.
template <class T>
[[nodiscard]] std::pair<Sender<T>, Receiver<T>> channel(T initial);

// Copyable; the receivers learn when the last one has gone. Thread-safe, except for assignment.
template <class T>
class [[nodiscard]] Sender {
  using State = sync::internal::WatchState<T>;

 public:
  // A channel without a receiver, as yet: subscribe(). Throws std::bad_alloc.
  explicit Sender(T initial) : state_(std::make_shared<State>(std::move(initial))) {}
  Sender(const Sender& other) noexcept : state_(other.state_) { state_->add_sender(); }
  Sender(Sender&&) noexcept = default;
  Sender& operator=(Sender other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Sender() {
    if (state_ != nullptr) state_->remove_sender();
  }

  // Stores `value` and wakes the receivers; without any, the error gives it back (SY-107).
  Result<void, SendError<T>> send(T value) const {
    if (is_closed()) return Err(SendError<T>(std::move(value)));
    send_replace(std::move(value));
    return {};
  }
  // Stores `value` also without receivers, and returns the one before.
  T send_replace(T value) const {
    state_->modify([&](T& current) {
      std::swap(current, value);
      return true;
    });
    return value;
  }
  // Calls fn(T&) and wakes the receivers. If it throws, what it has done stays, but nobody is told
  // (SY-108). Must not use the channel.
  template <std::invocable<T&> F>
  void send_modify(F&& fn) const {
    state_->modify([&](T& current) {
      std::invoke(std::forward<F>(fn), current);
      return true;
    });
  }
  // The same for an fn that says whether it has changed anything: the receivers are woken only
  // then. Returns what it says.
  template <std::predicate<T&> F>
  bool send_if_modified(F&& fn) const {
    return state_->modify(std::forward<F>(fn));
  }

  // The value, locked for reading; see Ref.
  Ref<T> borrow() const { return state_->borrow(state_->version()); }

  // A receiver that has seen the current value.
  Receiver<T> subscribe() const { return Receiver<T>(state_); }

  // No receiver is left; subscribe() changes that again.
  bool is_closed() const noexcept { return state_->receiver_count() == 0; }
  // Completes when there is no receiver. Cancel-safe. Takes budget.
  [[nodiscard]] auto closed() const noexcept { return sync::internal::WatchClosed<T>(*state_); }

  std::size_t receiver_count() const noexcept { return state_->receiver_count(); }
  std::size_t sender_count() const noexcept { return state_->sender_count(); }
  bool same_channel(const Sender& other) const noexcept { return state_ == other.state_; }

 private:
  friend std::pair<Sender<T>, Receiver<T>> watch::channel<T>(T);
  // Takes over one count.
  explicit Sender(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

// Copyable: a copy has seen what the original has seen. One thread at a time.
template <class T>
class [[nodiscard]] Receiver {
  using State = sync::internal::WatchState<T>;

 public:
  Receiver(const Receiver& other) noexcept : state_(other.state_), seen_(other.seen_) {
    state_->add_receiver();
  }
  Receiver(Receiver&&) noexcept = default;
  Receiver& operator=(Receiver other) noexcept {
    std::swap(state_, other.state_);
    std::swap(seen_, other.seen_);
    return *this;
  }
  ~Receiver() {
    if (state_ != nullptr) state_->remove_receiver();
  }

  // The value, locked for reading; see Ref. The second form marks it as seen.
  Ref<T> borrow() const { return state_->borrow(seen_); }
  Ref<T> borrow_and_update() {
    Ref<T> value = state_->borrow(seen_);
    seen_ = state_->version();
    return value;
  }

  // Whether there is an unseen value; the error once all senders are gone, also if there is. Marks
  // nothing.
  Result<bool, RecvError> has_changed() const noexcept {
    if (state_->is_closed()) return Err(RecvError());
    return state_->version() != seen_;
  }

  // Waits for an unseen value and marks it as seen: Result<void, RecvError>; the error once all
  // senders are gone and nothing is unseen. Cancel-safe. Takes budget.
  [[nodiscard]] auto changed() noexcept { return sync::internal::WatchChanged<T>(*state_, seen_); }

  // Waits for a value that satisfies `pred(const T&)`: Result<Ref<T>, RecvError>. Looks at the
  // current one first, seen or not, and marks what it looks at as seen (SY-106). What `pred` throws
  // comes out of the co_await. Cancel-safe. Takes budget.
  template <std::predicate<const T&> F>
  [[nodiscard]] auto wait_for(F pred) noexcept(std::is_nothrow_move_constructible_v<F>) {
    return sync::internal::WatchWaitFor<T, F>(*state_, seen_, std::move(pred));
  }

  // Makes the current value count as unseen, or as seen.
  void mark_changed() noexcept { seen_ = State::before(seen_); }
  void mark_unchanged() noexcept { seen_ = state_->version(); }

  bool same_channel(const Receiver& other) const noexcept { return state_ == other.state_; }

 private:
  friend class Sender<T>;
  friend std::pair<Sender<T>, Receiver<T>> watch::channel<T>(T);
  explicit Receiver(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {
    state_->add_receiver();
    seen_ = state_->version();
  }

  std::shared_ptr<State> state_;
  std::uint64_t seen_ = 0;
};

template <class T>
std::pair<Sender<T>, Receiver<T>> channel(T initial) {
  auto state = std::make_shared<sync::internal::WatchState<T>>(std::move(initial));
  Receiver<T> receiver(state);
  return {Sender<T>(std::move(state)), std::move(receiver)};
}

}  // namespace weft::sync::watch

#endif  // WEFT_SYNC_WATCH_H_
