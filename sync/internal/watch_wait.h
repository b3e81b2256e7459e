// The waits of a watch channel: Receiver::changed() and wait_for(), Sender::closed().
//
// Spec: SY-104, SY-106, SY-111, SY-8.

#ifndef WEFT_SYNC_INTERNAL_WATCH_WAIT_H_
#define WEFT_SYNC_INTERNAL_WATCH_WAIT_H_

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/wait_queue.h>
#include <weft/sync/internal/watch_state.h>

namespace weft::sync::internal {

// Movable until awaited; refers to the receiver's mark, so the receiver stays where it is
// meanwhile.
template <class T>
class [[nodiscard]] WatchChanged {
  class Node : public Leaf {
   public:
    Node(WatchState<T>& state, std::uint64_t& seen) noexcept
        : state_(state), seen_(seen), waiter_(state.changed()) {}
    bool poll(Context& cx) noexcept {
      if (!cx.has_budget()) return false;
      if (!state_.has_news(seen_)) {
        waiter_.arm(cx);
        if (!state_.has_news(seen_)) return false;
      }
      cx.spend_budget();
      return true;
    }
    // An unseen value is worth more than the news of the end (SY-104).
    Result<void, watch::RecvError> take() noexcept {
      const std::uint64_t version = state_.version();
      if (std::exchange(seen_, version) == version) return Err(watch::RecvError());
      return {};
    }
    void describe(WaitReport& report) noexcept { report.object(&state_); }
    static constexpr const char* kWaitingOn = "watch";

   private:
    WatchState<T>& state_;
    std::uint64_t& seen_;
    WaitQueue::Waiter waiter_;
  };

 public:
  WatchChanged(WatchState<T>& state, std::uint64_t& seen) noexcept : state_(&state), seen_(&seen) {}
  LeafAwaiter<Node> operator co_await() const noexcept {
    return LeafAwaiter<Node>(*state_, *seen_);
  }

 private:
  WatchState<T>* state_;
  std::uint64_t* seen_;
};

template <class T, class F>
class [[nodiscard]] WatchWaitFor {
  using Output = Result<watch::Ref<T>, watch::RecvError>;

  class Node : public Leaf {
   public:
    explicit Node(WatchWaitFor& wait) noexcept : wait_(wait), waiter_(wait.state_->changed()) {}
    bool poll(Context& cx) noexcept {
      if (!cx.has_budget()) return false;
      if (!is_decided()) {
        waiter_.arm(cx);
        if (!is_decided()) return false;
      }
      cx.spend_budget();
      return true;
    }
    Output take() {
      if (failure_) std::rethrow_exception(failure_);
      if (!found_) return Err(watch::RecvError());
      return *std::move(found_);
    }
    void describe(WaitReport& report) noexcept { report.object(wait_.state_); }
    static constexpr const char* kWaitingOn = "watch";

   private:
    // Looks at every value that has come since; true if there is a result.
    bool is_decided() noexcept {
      WatchState<T>& state = *wait_.state_;
      for (;;) {
        // Closed is read before the version: what the last sender stored has been looked at then.
        const bool is_closed = state.is_closed();
        const bool is_unseen = state.version() != *wait_.seen_;
        if (is_unseen || !has_looked_) {
          if (try_current()) return true;
        } else {
          return is_closed;
        }
      }
    }
    bool try_current() noexcept {
      has_looked_ = true;
      watch::Ref<T> current = wait_.state_->borrow(*wait_.seen_);
      *wait_.seen_ = wait_.state_->version();
      try {
        if (!std::invoke(wait_.pred_, *current)) return false;
      } catch (...) {
        failure_ = std::current_exception();
        return true;
      }
      found_.emplace(std::move(current));
      return true;
    }

    WatchWaitFor& wait_;
    WaitQueue::Waiter waiter_;
    std::optional<watch::Ref<T>> found_;
    std::exception_ptr failure_;
    bool has_looked_ = false;
  };

 public:
  WatchWaitFor(WatchState<T>& state, std::uint64_t& seen, F pred)
      : state_(&state), seen_(&seen), pred_(std::move(pred)) {}
  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

 private:
  WatchState<T>* state_;
  std::uint64_t* seen_;
  F pred_;
};

// Completes when there is no receiver; looks again at each wake-up, since subscribe() may reopen.
template <class T>
class [[nodiscard]] WatchClosed {
  class Node : public Leaf {
   public:
    explicit Node(WatchState<T>& state) noexcept : state_(state), waiter_(state.unwatched()) {}
    bool poll(Context& cx) noexcept {
      if (!cx.has_budget()) return false;
      if (state_.receiver_count() != 0) {
        waiter_.arm(cx);
        if (state_.receiver_count() != 0) return false;
      }
      cx.spend_budget();
      return true;
    }
    void take() noexcept {}
    void describe(WaitReport& report) noexcept { report.object(&state_); }
    static constexpr const char* kWaitingOn = "watch closed";

   private:
    WatchState<T>& state_;
    WaitQueue::Waiter waiter_;
  };

 public:
  explicit WatchClosed(WatchState<T>& state) noexcept : state_(&state) {}
  LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*state_); }

 private:
  WatchState<T>* state_;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_WATCH_WAIT_H_
