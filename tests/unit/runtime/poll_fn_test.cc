// poll_fn: api.md; R-110 (the waker), T-70 (cancelled while pending), T-72 (exceptions).

#include <weft/runtime/poll_fn.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/select.h>
#include <weft/runtime/task.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::Polled;

TEST(R110, PollFnIsGivenTheTasksWakerUntilItIsReady) {
  MockTask task;
  Waker kept;
  int calls = 0;
  Polled run(poll_fn([&](Context& cx) -> Poll<int> {
    ++calls;
    if (calls == 3) return 42;
    kept = cx.waker();
    return kPending;
  }));
  EXPECT_FALSE(run.poll(task));
  EXPECT_TRUE(kept.will_wake(task.waker()));
  kept.wake();
  EXPECT_TRUE(task.take_woken());
  EXPECT_FALSE(run.poll(task));
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), 42);
  EXPECT_EQ(calls, 3);
}

TEST(R110, PollFnYieldsNothingOrWhatCannotBeCopied) {
  MockTask task;
  const auto use = [](int* done) -> Task<std::unique_ptr<int>> {
    auto ready = [](Context&) -> Poll<> { return {}; };
    co_await poll_fn(ready);
    ++*done;
    auto box = [](Context&) -> Poll<std::unique_ptr<int>> { return std::make_unique<int>(7); };
    co_return co_await poll_fn(box);
  };
  int done = 0;
  Polled run(use(&done));
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(done, 1);
  EXPECT_EQ(*run.take(), 7);
}

TEST(R99, PollFnTakesNoBudget) {
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < 500; ++i) {
    Polled run(poll_fn([](Context&) -> Poll<> { return {}; }));
    ASSERT_TRUE(run.poll(task, budget));
  }
}

TEST(T72, ExceptionOfAPollFunctionComesOutOfCoAwait) {
  MockTask task;
  const auto use = []() -> Task<int> {
    auto fail = [](Context&) -> Poll<int> { throw std::runtime_error("poll"); };
    try {
      co_return co_await poll_fn(fail);
    } catch (const std::runtime_error&) {
    }
    co_return -1;
  };
  Polled run(use());
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), -1);
}

TEST(T70, PendingPollFnMayBeDestroyedWithItsFunction) {
  MockTask task;
  auto alive = std::make_shared<int>(0);
  {
    Polled run(select(poll_fn([alive, waker = Waker()](Context& cx) mutable -> Poll<> {
      waker = cx.waker();
      return kPending;
    })));
    EXPECT_FALSE(run.poll(task));
    EXPECT_EQ(alive.use_count(), 2);
    EXPECT_EQ(task.waker_ref_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

}  // namespace
}  // namespace weft
