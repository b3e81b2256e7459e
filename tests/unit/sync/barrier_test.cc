#include <weft/sync/barrier.h>

#include <deque>
#include <optional>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/threads.h>
#include <weft/sync/internal/thread_wait.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;

using Wait = Polled<decltype(std::declval<Barrier&>().wait())>;

TEST(SY56, ZeroIsTheSameAsOne) {
  for (const std::size_t count : {0, 1}) {
    Barrier barrier(count);
    MockTask task;
    for (int i = 0; i < 3; ++i) {
      Wait wait(barrier.wait());
      ASSERT_TRUE(wait.poll(task));
      EXPECT_TRUE(wait.take().is_leader());
    }
  }
}

TEST(SY56, TheLastToArriveLeadsAndTheOthersFollow) {
  Barrier barrier(3);
  MockTask tasks[3];
  std::deque<Wait> waits;
  for (int i = 0; i < 3; ++i) waits.emplace_back(barrier.wait());
  ASSERT_FALSE(waits[0].poll(tasks[0]));
  ASSERT_FALSE(waits[1].poll(tasks[1]));
  ASSERT_FALSE(waits[0].poll(tasks[0]));  // polling again is not arriving again
  ASSERT_TRUE(waits[2].poll(tasks[2]));
  EXPECT_TRUE(waits[2].take().is_leader());
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(tasks[i].take_woken());
    ASSERT_TRUE(waits[static_cast<std::size_t>(i)].poll(tasks[i]));
    EXPECT_FALSE(waits[static_cast<std::size_t>(i)].take().is_leader());
  }
}

TEST(SY56, ItIsReusableAtOnce) {
  Barrier barrier(2);
  MockTask task, other;
  Wait first(barrier.wait()), second(barrier.wait());
  ASSERT_FALSE(first.poll(task));
  ASSERT_TRUE(second.poll(other));
  // The first has not been resumed yet, and the next generation begins.
  Wait next(barrier.wait());
  ASSERT_FALSE(next.poll(other));
  ASSERT_TRUE(first.poll(task));
  EXPECT_FALSE(next.poll(other));
  Wait last(barrier.wait());
  ASSERT_TRUE(last.poll(task));
  EXPECT_TRUE(next.poll(other));
}

TEST(SY56, OneLeaderAGenerationWithThreads) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  Barrier barrier(kThreads);
  loom::Atomic<int> leaders{0};
  loom::Atomic<int> arrived{0};
  test_support::run_threads(kThreads, [&](int) {
    for (int round = 1; round <= kRounds; ++round) {
      arrived.fetch_add(1, std::memory_order_relaxed);
      const BarrierWaitResult result = internal::wait_on_thread(barrier.wait());
      EXPECT_GE(arrived.load(std::memory_order_relaxed), round * kThreads);
      if (result.is_leader()) leaders.fetch_add(1, std::memory_order_relaxed);
      (void)internal::wait_on_thread(barrier.wait());
    }
  });
  EXPECT_EQ(leaders.load(std::memory_order_relaxed), kRounds);
}

TEST(SY57, ADestroyedWaitHasArrived) {
  Barrier barrier(2);
  MockTask task;
  {
    Wait gone(barrier.wait());
    ASSERT_FALSE(gone.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  Wait wait(barrier.wait());
  ASSERT_TRUE(wait.poll(task));
  EXPECT_TRUE(wait.take().is_leader());
}

TEST(SY8, BarrierTakesBudget) {
  Barrier barrier(1);
  MockTask task;
  Budget budget = Budget::initial();
  int completed = 0;
  for (int i = 0; i < Budget::kUnits + 5; ++i) {
    if (Wait wait(barrier.wait()); wait.poll(task, budget)) ++completed;
  }
  EXPECT_EQ(completed, Budget::kUnits);
}

}  // namespace
}  // namespace weft::sync
