// run_threads: one function on several threads at once, joined before it returns.
//
//   run_threads(4, [&](int thread) { ... });

#ifndef WEFT_TESTS_SUPPORT_THREADS_H_
#define WEFT_TESTS_SUPPORT_THREADS_H_

#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/loom/thread.h>

namespace weft::test_support {

// Lets threads begin together.
class StartingGate {
 public:
  explicit StartingGate(int threads) noexcept : missing_(threads) {}
  void arrive_and_wait() noexcept {
    std::unique_lock lock(mu_);
    if (--missing_ == 0) opened_.notify_all();
    opened_.wait(lock, [this] { return missing_ == 0; });
  }

 private:
  loom::Mutex mu_;
  loom::Condvar opened_;
  int missing_;  // guarded by mu_
};

template <class F>
void run_threads(int count, F&& fn) {
  StartingGate gate(count);
  std::vector<loom::Thread> threads;
  for (int i = 0; i < count; ++i) {
    Result<loom::Thread> thread = loom::Thread::spawn({}, [&gate, &fn, i] {
      gate.arrive_and_wait();
      fn(i);
    });
    WEFT_CHECK(thread, "run_threads: the system has no room for a thread");
    threads.push_back(*std::move(thread));
  }
  for (loom::Thread& thread : threads) thread.join();
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_THREADS_H_
