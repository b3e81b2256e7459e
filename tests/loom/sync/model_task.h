// block_on, CountingTask, Polled, Checked: awaitables in the hands of a model.
//
// Spec: TE-30 (docs/spec/testing.md).
//
// block_on() completes an awaitable on a model thread. What it waits with is a condition variable
// of the checker: a wake-up that never comes is a deadlock, and once in an execution the checker
// ends a wait without any, after which the leaf is polled for no reason. A model that need not stop
// a thread saves the steps of blocking: it polls a Polled with a CountingTask, and asks was_woken()
// when the other threads have been joined.
//
// The counts of wakers and wake-ups are plain numbers. Fibers never run at the same time, and what
// a reference count does is not what these models explore; that all wakers are gone in the end is
// checked.

#ifndef WEFT_TESTS_LOOM_SYNC_MODEL_TASK_H_
#define WEFT_TESTS_LOOM_SYNC_MODEL_TASK_H_

#include <mutex>
#include <optional>
#include <utility>

#include <tests/loom/support/model.h>
#include <weft/loom/cell.h>
#include <weft/loom/checker/allocation.h>
#include <weft/loom/checker/mutex.h>
#include <weft/loom/checker/thread.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/waker.h>

namespace weft::loom_test {

namespace checker = loom::checker;
using loom::Thread;

// One thread waits until it is woken. In tracked memory: a waker may be called late.
class BlockingTask final : public Wakeable {
 public:
  static Waker create() { return Waker::adopt(checker::make<BlockingTask>()); }
  static BlockingTask& of(const Waker& waker) noexcept {
    // SAFETY(cast): callers pass what create() returned.
    return static_cast<BlockingTask&>(*waker.target());
  }

  BlockingTask() noexcept : Wakeable(1, &kOps) {}

  // Returns when it has been woken since the last return, or once for no reason. Who need not wait
  // gives way nevertheless, as a task does that wakes itself: it may be waiting for another thread.
  void wait() {
    {
      std::unique_lock lock(mu_);
      if (!std::exchange(woken_, false)) {
        woken_changed_.wait(lock);
        woken_ = false;
        return;
      }
    }
    checker::yield_now();
  }

 private:
  static BlockingTask& of(Wakeable* target) noexcept {
    // SAFETY(cast): kOps is the table of BlockingTasks only.
    return static_cast<BlockingTask&>(*target);
  }
  static void retain(Wakeable* target) noexcept { ++of(target).references_; }
  static void release(Wakeable* target) noexcept {
    if (--of(target).references_ == 0) checker::free(&of(target));
  }
  static void wake_by_ref(Wakeable* target) noexcept {
    const std::lock_guard lock(of(target).mu_);
    of(target).woken_ = true;
    of(target).woken_changed_.notify_one();
  }
  static void wake(Wakeable* target) noexcept {
    wake_by_ref(target);
    release(target);
  }
  static constexpr WakeOps kOps = {&wake, &wake_by_ref, &retain, &release};

  checker::Mutex mu_;
  checker::Condvar woken_changed_;
  bool woken_ = false;  // guarded by mu_
  int references_ = 1;
};

// What `co_await awaitable` yields, on a model thread.
template <class A>
decltype(auto) block_on(A&& awaitable) {
  auto awaiter = std::forward<A>(awaitable).operator co_await();
  const Waker waker = BlockingTask::create();
  Context cx(waker);
  while (!awaiter.node().poll(cx)) BlockingTask::of(waker).wait();
  return awaiter.node().take();
}

// Counts its wake-ups. Lives in the body of the model; ask it when the threads that may wake it
// have been joined.
class CountingTask final : public Wakeable {
 public:
  CountingTask() noexcept : Wakeable(1, &kOps), own_(Waker::adopt(this)) {}
  CountingTask(const CountingTask&) = delete;
  CountingTask& operator=(const CountingTask&) = delete;
  ~CountingTask() {
    expect(references_ == 1, "a waker outlives what it was stored in");
    static_cast<void>(std::move(own_).release_target());
  }

  const Waker& waker() const noexcept { return own_; }
  int wake_count() const noexcept { return wakes_; }
  bool was_woken() const noexcept { return wakes_ != 0; }
  // Who still has a waker.
  int waker_count() const noexcept { return references_ - 1; }

 private:
  static CountingTask& of(Wakeable* target) noexcept {
    // SAFETY(cast): kOps is the table of CountingTasks only.
    return static_cast<CountingTask&>(*target);
  }
  static void retain(Wakeable* target) noexcept { ++of(target).references_; }
  static void release(Wakeable* target) noexcept { --of(target).references_; }
  static void wake_by_ref(Wakeable* target) noexcept { ++of(target).wakes_; }
  static void wake(Wakeable* target) noexcept {
    wake_by_ref(target);
    release(target);
  }
  static constexpr WakeOps kOps = {&wake, &wake_by_ref, &retain, &release};

  Waker own_;
  int references_ = 1;
  int wakes_ = 0;
};

// An awaitable that has been awaited and is polled by hand; destroying it is what happens to a
// coroutine that is cancelled while suspended. An lvalue is borrowed, as by co_await.
template <class A>
class Polled {
  using Awaiter = decltype(std::declval<A&&>().operator co_await());

 public:
  explicit Polled(A&& awaitable)
      : held_(std::forward<A>(awaitable)), awaiter_(std::in_place, From{static_cast<A&&>(held_)}) {}
  Polled(const Polled&) = delete;
  Polled& operator=(const Polled&) = delete;

  bool poll(const CountingTask& task) {
    Context cx(task.waker());
    return awaiter_->made.node().poll(cx);
  }
  decltype(auto) take() { return awaiter_->made.node().take(); }
  void cancel() { awaiter_.reset(); }

 private:
  struct From {
    A&& awaitable;
  };
  struct Holder {
    explicit Holder(From from) : made(std::forward<A>(from.awaitable).operator co_await()) {}
    Awaiter made;
  };

  A held_;
  std::optional<Holder> awaiter_;
};
template <class A>
Polled(A&&) -> Polled<A>;

// A number of which the checker sees every use: what a lock guards, what a channel carries. Every
// copy is an object of its own; moving from one writes to it.
class Checked {
 public:
  explicit Checked(int value) : cell_(value) {}
  Checked(const Checked& other) : Checked(other.get()) {}
  Checked(Checked&& other) noexcept : Checked(other.replace(kMovedFrom)) {}
  Checked& operator=(const Checked& other) {
    set(other.get());
    return *this;
  }
  Checked& operator=(Checked&& other) noexcept {
    set(other.replace(kMovedFrom));
    return *this;
  }
  ~Checked() = default;

  int get() const {
    return cell_.with([](const int& value) { return value; });
  }
  void set(int next) { replace(next); }
  int replace(int next) {
    return cell_.with_mut([&](int& value) { return std::exchange(value, next); });
  }

 private:
  static constexpr int kMovedFrom = -1;
  // Cells are told apart by their addresses, and this object may stand at the beginning of one.
  [[maybe_unused]] char apart_ = 0;
  checker::Cell<int> cell_;
};

}  // namespace weft::loom_test

#endif  // WEFT_TESTS_LOOM_SYNC_MODEL_TASK_H_
