// WaitingTask: a thread that blocks until it is woken, as a thing to be woken.
//
//   WaitingTask task;
//   task.block_on(entry);      // anything with bool poll(Context&)
//
// Must outlive the wakers that it hands out.

#ifndef WEFT_TESTS_SUPPORT_WAITING_TASK_H_
#define WEFT_TESTS_SUPPORT_WAITING_TASK_H_

#include <semaphore>

#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>

namespace weft::test_support {

class WaitingTask final : public Wakeable {
 public:
  WaitingTask() : Wakeable(1, &kOps) {}

  Waker waker() { return Waker::adopt(this); }
  void wait() { wakes_.acquire(); }

  template <class Leaf>
  void block_on(Leaf& leaf) {
    const Waker own = waker();
    Context cx(own);
    while (!leaf.poll(cx)) wait();
  }

 private:
  static void wake(Wakeable* target) noexcept {
    static_cast<WaitingTask*>(target)->wakes_.release();
  }
  static void count(Wakeable*) noexcept {}
  static constexpr WakeOps kOps = {&wake, &wake, &count, &count};

  std::counting_semaphore<> wakes_{0};
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_WAITING_TASK_H_
