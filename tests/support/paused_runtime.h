// PausedRuntime: a current-thread runtime with a paused clock, entered, for tests of time.
//
// Inside its scope the test's own thread is in the runtime's context, so timers can be made and
// polled by hand (mock_task.h); run() runs a coroutine in it, advance() moves its clock and lets
// its driver have a turn.
//
//   PausedRuntime rt;
//   MockTask task;
//   Polled sleep(time::sleep(10ms));
//   EXPECT_FALSE(sleep.poll(task));
//   rt.advance(10ms);
//   EXPECT_TRUE(sleep.poll(task));

#ifndef WEFT_TESTS_SUPPORT_PAUSED_RUNTIME_H_
#define WEFT_TESTS_SUPPORT_PAUSED_RUNTIME_H_

#include <chrono>
#include <utility>

#include <tests/support/runtimes.h>
#include <weft/runtime/runtime.h>
#include <weft/time/instant.h>
#include <weft/time/pause.h>

namespace weft::test_support {

class PausedRuntime {
 public:
  PausedRuntime() : runtime_(paused_current_thread()), entered_(runtime_.enter()) {}

  // Of the runtime's clock, from its start.
  std::chrono::nanoseconds now() const { return time::Clock::now() - start_; }
  time::Instant at(std::chrono::nanoseconds since_start) const { return start_ + since_start; }

  void advance(std::chrono::nanoseconds duration) { runtime_.block_on(time::advance(duration)); }

  // Runs what `body()` returns, a Task, to its end.
  template <class Body>
  decltype(auto) run(Body body) {
    return runtime_.block_on(body());
  }

  runtime::Runtime& operator*() noexcept { return runtime_; }
  runtime::Runtime* operator->() noexcept { return &runtime_; }

 private:
  runtime::Runtime runtime_;
  decltype(std::declval<runtime::Runtime&>().enter()) entered_;
  const time::Instant start_ = time::Clock::now();
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_PAUSED_RUNTIME_H_
