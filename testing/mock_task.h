// MockTask: something to be woken, in place of a task.
//
// Spec: TE-1.
//
// For code below the level of co_await: a hand-written leaf, a poll function. Whether it was woken,
// and how many wakers of it exist, is there to be asked. test::spawn (harness.h) has one inside.
//
//   TEST(Receiver, PollRecvRegistersTheTask) {
//     auto [sender, receiver] = sync::mpsc::channel<int>(1);
//     test::MockTask task;
//     task.enter([&rx = receiver](Context& cx) { EXPECT_TRUE(rx.poll_recv(cx).is_pending()); });
//     EXPECT_TRUE(sender.try_send(1));
//     EXPECT_TRUE(task.is_woken());
//   }

#ifndef WEFT_TESTING_MOCK_TASK_H_
#define WEFT_TESTING_MOCK_TASK_H_

#include <functional>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>

namespace weft::test {

// May be woken from any thread; everything else is for one thread. Movable; wakers may outlive it.
class MockTask {
 public:
  MockTask();
  MockTask(MockTask&&) noexcept = default;
  MockTask& operator=(MockTask&&) noexcept = default;
  ~MockTask() = default;

  // Forgets that it was woken and calls `function(cx)` with a context whose waker wakes this. The
  // budget is unlimited. Yields what the function returns.
  template <std::invocable<Context&> Function>
  decltype(auto) enter(Function&& function) {
    forget_wake();
    Context cx(waker_);
    return std::invoke(std::forward<Function>(function), cx);
  }

  // A waker of this task.
  Waker waker() const noexcept { return waker_; }

  // Whether it has been woken since enter(); before the first, since it was made.
  bool is_woken() const noexcept;
  // How often it has been woken, ever.
  int wake_count() const noexcept;
  // How many wakers there are; 1 is its own: nobody else holds one.
  int waker_ref_count() const noexcept;

 private:
  class Target;

  void forget_wake() noexcept;

  Target* target_;  // kept alive by waker_
  Waker waker_;
  int seen_ = 0;
};

}  // namespace weft::test

#endif  // WEFT_TESTING_MOCK_TASK_H_
