// yield_now, consume_budget, cooperative, unconstrained: docs/spec/task.md T-20;
// docs/spec/runtime.md R-98..R-102.

#include <weft/runtime/cooperative.h>

#include <utility>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/join.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/unconstrained.h>
#include <weft/runtime/yield_now.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

Budget exhausted() {
  Budget budget = Budget::initial();
  while (budget.has_remaining()) static_cast<void>(budget.spend());
  return budget;
}

TEST(T20, YieldSuspendsExactlyOnce) {
  MockTask task;
  Polled yield(yield_now());
  EXPECT_FALSE(yield.poll(task));
  EXPECT_EQ(task.wake_count(), 1) << "outside a runtime it wakes itself at once";
  EXPECT_TRUE(yield.poll(task));
}

TEST(T20, YieldNeedsNoBudgetAndTakesNone) {
  MockTask task;
  Budget none = exhausted();
  Polled yield(yield_now());
  EXPECT_FALSE(yield.poll(task, none));
  EXPECT_TRUE(yield.poll(task, none));
  Budget budget = Budget::initial();
  for (int i = 0; i < 500; ++i) {
    Polled again(yield_now());
    EXPECT_FALSE(again.poll(task, budget));
    EXPECT_TRUE(again.poll(task, budget));
  }
  EXPECT_TRUE(budget.has_remaining());
}

TEST(T20, SiblingsOfAYieldGoOn) {
  MockTask task;
  int steps = 0;
  const auto step = [](int* out) -> Task<> {
    ++*out;
    co_return;
  };
  Polled both(join(yield_now(), step(&steps)));
  EXPECT_FALSE(both.poll(task));
  EXPECT_EQ(steps, 1);
  EXPECT_TRUE(both.poll(task));
}

Task<> consume(int units, int* done) {
  for (int i = 0; i < units; ++i) {
    co_await consume_budget();
    ++*done;
  }
}

TEST(R102, HundredTwentyEightOperationsPassAndTheNextSuspends) {
  MockTask task;
  int done = 0;
  Polled run(consume(129, &done));
  Budget budget = Budget::initial();
  EXPECT_FALSE(run.poll(task, budget));
  EXPECT_EQ(done, 128);
  EXPECT_TRUE(task.take_woken());
  budget = Budget::initial();
  EXPECT_TRUE(run.poll(task, budget));
}

TEST(R100, ConsumeBudgetPassesWhereThereIsNoBudget) {
  MockTask task;
  int done = 0;
  Polled run(consume(1000, &done));
  EXPECT_TRUE(run.poll(task));
}

TEST(R100, CooperativeTakesOneUnitPerCompletion) {
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < 128; ++i) {
    Probe<> probe;
    Polled run(cooperative(probe.wait()));
    EXPECT_FALSE(run.poll(task, budget)) << "not complete: takes nothing";
    probe.complete(i);
    ASSERT_TRUE(run.poll(task, budget));
    EXPECT_EQ(run.take(), i);
  }
  EXPECT_FALSE(budget.has_remaining());
}

TEST(R100, CooperativeSuspendsWhenTheBudgetIsUsedUp) {
  MockTask task;
  Probe<> ready;
  ready.complete(1);
  Budget none = exhausted();
  Polled run(cooperative(ready.wait()));
  EXPECT_FALSE(run.poll(task, none));
  EXPECT_EQ(ready.polls(), 0);
  EXPECT_TRUE(task.take_woken());
}

TEST(R100, UnconstrainedNeverRunsOut) {
  MockTask task;
  int done = 0;
  Budget budget = Budget::initial();
  Polled run(unconstrained(consume(1000, &done)));
  EXPECT_TRUE(run.poll(task, budget));
  EXPECT_EQ(done, 1000);
  EXPECT_TRUE(budget.has_remaining());
}

TEST(R100, HasBudgetRemainingIsTrueOutsideATask) { EXPECT_TRUE(has_budget_remaining()); }

TEST(R98, TheBudgetIsBackAfterUnconstrained) {
  MockTask task;
  Budget none = exhausted();
  int done = 0;
  const auto use = [](int* out) -> Task<> {
    co_await unconstrained(consume(10, out));
    co_await consume_budget();
    ++*out;
  };
  Polled run(use(&done));
  EXPECT_FALSE(run.poll(task, none));
  EXPECT_EQ(done, 10);
}

TEST(R167, CancelGoesThroughUnconstrainedAndCooperative) {
  MockTask task;
  SlowProbe slow;
  Polled run(unconstrained(cooperative(slow.wait())));
  EXPECT_FALSE(run.poll(task));
  Waker waker = task.waker();
  Context cx(waker);
  EXPECT_FALSE(run.node().poll_cancel(cx));
  slow.let_end();
  EXPECT_TRUE(run.node().poll_cancel(cx));
}

}  // namespace
}  // namespace weft
