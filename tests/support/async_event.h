// AsyncEvent: something a task can wait for and a test can fire, without a runtime primitive.
//
// Tests of the scheduler use it instead of weft::sync, which stands on what they test. It is set
// once and stays set; any thread may set it; any number of tasks may wait.
//
//   AsyncEvent go;
//   auto task = rt.spawn([](AsyncEvent& event) -> Task<> { co_await event.wait(); }, std::ref(go));
//   go.set();

#ifndef WEFT_TESTS_SUPPORT_ASYNC_EVENT_H_
#define WEFT_TESTS_SUPPORT_ASYNC_EVENT_H_

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/waker.h>

namespace weft::test_support {

class AsyncEvent {
 public:
  AsyncEvent() = default;
  AsyncEvent(const AsyncEvent&) = delete;
  AsyncEvent& operator=(const AsyncEvent&) = delete;

  // Lets every waiter through, now and later.
  void set() {
    std::vector<Waker> woken;
    {
      const std::lock_guard lock(mutex_);
      is_set_ = true;
      for (Node* node : waiters_) {
        node->place_.reset();
        woken.push_back(std::move(node->waker_));
      }
      waiters_.clear();
    }
    for (Waker& waker : woken) std::move(waker).wake();
  }
  bool is_set() const {
    const std::lock_guard lock(mutex_);
    return is_set_;
  }
  // How many are suspended in wait().
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiters_.size();
  }
  // Completes when that many are: for tests that have to know that a task has got so far.
  auto until_waiting(std::size_t count);
  // Wakers of those who wait; waking one is a wake-up for nothing.
  std::vector<Waker> wakers() const {
    const std::lock_guard lock(mutex_);
    std::vector<Waker> copies;
    for (const Node* node : waiters_) copies.push_back(node->waker_);
    return copies;
  }

 private:
  // Wakes what is in it when destroyed, which is after unlocking.
  struct WakeAll {
    std::vector<Waker> wakers;
    WakeAll() = default;
    WakeAll(WakeAll&&) = default;
    WakeAll& operator=(WakeAll&&) = default;
    ~WakeAll() {
      for (Waker& waker : wakers) std::move(waker).wake();
    }
  };

  class Node : public Leaf {
   public:
    explicit Node(AsyncEvent& event) : event_(event) {}
    ~Node() {
      const std::lock_guard lock(event_.mutex_);
      leave();
    }
    bool poll(Context& cx) noexcept {
      Waker replaced;
      WakeAll observers;
      const std::lock_guard lock(event_.mutex_);
      if (event_.is_set_) return true;
      leave();
      place_ = event_.waiters_.insert(event_.waiters_.end(), this);
      replaced = std::exchange(waker_, cx.clone_waker());
      observers = std::exchange(event_.observers_, WakeAll());
      return false;
    }
    void take() noexcept {}
    static constexpr const char* kWaitingOn = "event";

   private:
    friend class AsyncEvent;
    void leave() {
      if (place_) event_.waiters_.erase(*std::exchange(place_, std::nullopt));
    }

    AsyncEvent& event_;
    // Both guarded by the event's mutex.
    Waker waker_;
    std::optional<std::list<Node*>::iterator> place_;
  };

 public:
  class [[nodiscard]] Wait {
   public:
    explicit Wait(AsyncEvent& event) : event_(&event) {}
    LeafAwaiter<Node> operator co_await() const { return LeafAwaiter<Node>(*event_); }

   private:
    AsyncEvent* event_;
  };
  Wait wait() { return Wait(*this); }

 private:
  mutable std::mutex mutex_;
  bool is_set_ = false;       // guarded by mutex_
  std::list<Node*> waiters_;  // guarded by mutex_
  WakeAll observers_;         // guarded by mutex_: of until_waiting()
};

// co_await until(fn): polls fn(Context&) -> bool until it answers true. Whoever makes it true wakes
// a waker that fn has kept.
template <class F>
class Until : public Leaf {
 public:
  explicit Until(F fn) : fn_(std::move(fn)) {}
  bool poll(Context& cx) noexcept { return fn_(cx); }
  void take() noexcept {}

 private:
  F fn_;
};

template <class F>
class [[nodiscard]] UntilAwaitable {
 public:
  explicit UntilAwaitable(F fn) : fn_(std::move(fn)) {}
  LeafAwaiter<Until<F>> operator co_await() const { return LeafAwaiter<Until<F>>(fn_); }

 private:
  F fn_;
};

template <class F>
UntilAwaitable<F> until(F fn) {
  return UntilAwaitable<F>(std::move(fn));
}

inline auto AsyncEvent::until_waiting(std::size_t count) {
  return until([this, count](Context& cx) {
    const std::lock_guard lock(mutex_);
    if (waiters_.size() >= count) return true;
    observers_.wakers.push_back(cx.clone_waker());
    return false;
  });
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_ASYNC_EVENT_H_
