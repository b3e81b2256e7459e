// MockTask and Polled: drive one awaitable by hand, without a runtime.
//
// A MockTask is something to be woken: it counts how often, and who still holds a waker of it. A
// Polled is one awaitable that has been awaited, as a coroutine would hold it: poll() is one
// resume, take() what co_await would have yielded, and destroying it (or cancel()) is what happens
// to a coroutine that is cancelled while suspended.
//
//   MockTask task;
//   Polled wait(notify.notified());
//   EXPECT_FALSE(wait.poll(task));
//   notify.notify_one();
//   EXPECT_TRUE(task.take_woken());
//   EXPECT_TRUE(wait.poll(task));
//   wait.take();
//   EXPECT_EQ(task.waker_ref_count(), 1);   // nobody kept a waker
//
// A MockTask may be woken from any thread; everything else is for the test's own thread.

#ifndef WEFT_TESTS_SUPPORT_MOCK_TASK_H_
#define WEFT_TESTS_SUPPORT_MOCK_TASK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/waker.h>

namespace weft::test_support {

class MockTask {
 public:
  MockTask() : target_(new Target()), own_(Waker::adopt(target_)) {}
  MockTask(const MockTask&) = delete;
  MockTask& operator=(const MockTask&) = delete;

  // A waker of this task; it may outlive the task.
  Waker waker() const noexcept { return own_; }
  // How often it has been woken so far.
  int wake_count() const noexcept { return target_->wakes.load(std::memory_order_acquire); }
  // Whether it was woken since the last call (or since the beginning).
  bool take_woken() noexcept {
    const int now = wake_count();
    return std::exchange(seen_, now) != now;
  }
  // How many wakers refer to it; 1 is its own: nobody else holds one.
  int waker_ref_count() const noexcept { return target_->reference_count(); }

 private:
  // On the heap and counted, because wakers may outlive the MockTask.
  class Target final : public Wakeable {
   public:
    Target() noexcept : Wakeable(1, &kOps) {}
    int reference_count() const noexcept {
      return static_cast<int>(word_.load(std::memory_order_acquire));
    }

    loom::Atomic<int> wakes{0};

   private:
    static Target* from(Wakeable* target) noexcept { return static_cast<Target*>(target); }
    static void retain(Wakeable* target) noexcept {
      from(target)->word_.fetch_add(1, std::memory_order_relaxed);
    }
    static void release(Wakeable* target) noexcept {
      if (from(target)->word_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete from(target);
    }
    static void wake_by_ref(Wakeable* target) noexcept {
      from(target)->wakes.fetch_add(1, std::memory_order_acq_rel);
    }
    static void wake(Wakeable* target) noexcept {
      wake_by_ref(target);
      release(target);
    }
    static constexpr WakeOps kOps = {&wake, &wake_by_ref, &retain, &release};
  };

  Target* target_;  // kept alive by own_
  Waker own_;
  int seen_ = 0;
};

// An awaitable in the hands of a test: `Polled p(make())` owns it, `Polled p(lvalue)` borrows it,
// as co_await would. Immovable, like the leaf inside.
template <class A>
class Polled {
  static constexpr bool kIsBorrowed = std::is_lvalue_reference_v<A>;
  using Held =
      std::conditional_t<kIsBorrowed, std::remove_reference_t<A>*, std::optional<std::decay_t<A>>>;

 public:
  explicit Polled(A&& awaitable) : held_(hold(awaitable)), awaiter_(make_awaiter(*held_)) {}
  Polled(const Polled&) = delete;
  Polled& operator=(const Polled&) = delete;

  // One poll with an unlimited budget. True: complete; take() may follow.
  bool poll(const MockTask& task) {
    Waker waker = task.waker();
    Context cx(waker);
    return poll(cx);
  }
  // One poll that may use up `budget`.
  bool poll(const MockTask& task, Budget& budget) {
    Waker waker = task.waker();
    Context cx(waker);
    cx.swap_budget(&budget);
    return poll(cx);
  }
  bool poll(Context& cx) {
    WEFT_CHECK(!complete_, "Polled::poll: it is complete already");
    complete_ = awaiter_->node().poll(cx);
    return complete_;
  }

  // What co_await would yield.
  decltype(auto) take() {
    WEFT_CHECK(complete_, "Polled::take: poll() has not answered true");
    return awaiter_->node().take();
  }

  // Destroys what a cancelled coroutine would destroy: the leaf, and the awaitable unless it is
  // borrowed. Nothing else may be called afterwards.
  void cancel() noexcept {
    awaiter_.reset();
    if constexpr (!kIsBorrowed) held_.reset();
  }

  // The leaf itself.
  auto& node() noexcept { return awaiter_->node(); }

 private:
  static Held hold(std::remove_reference_t<A>& awaitable) {
    if constexpr (kIsBorrowed) {
      return std::addressof(awaitable);
    } else {
      return Held(std::in_place, std::move(awaitable));
    }
  }

  // As co_await of an A would, except that an rvalue Task is awaited where it is stored: awaited as
  // an rvalue it would become part of a strand, and there is none here.
  static auto make_awaiter(std::remove_reference_t<A>& awaitable) {
    if constexpr (requires { std::forward<A>(awaitable).operator co_await().node(); }) {
      using Awaiter = decltype(std::forward<A>(awaitable).operator co_await());
      return std::unique_ptr<Awaiter>(new Awaiter(std::forward<A>(awaitable).operator co_await()));
    } else {
      using Awaiter = decltype(awaitable.operator co_await());
      return std::unique_ptr<Awaiter>(new Awaiter(awaitable.operator co_await()));
    }
  }

  Held held_;
  decltype(make_awaiter(std::declval<std::remove_reference_t<A>&>())) awaiter_;
  bool complete_ = false;
};

template <class A>
Polled(A&&) -> Polled<A>;

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_MOCK_TASK_H_
