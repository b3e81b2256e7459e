// The cooperative budget, as tasks see it.

#include <weft/runtime/coop.h>

#include <optional>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/context.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/unconstrained.h>
#include <weft/runtime/yield_now.h>
#include <weft/sync/notify.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using runtime::Builder;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::Polled;
using test_support::until;

// How many consume_budget() complete before this task is suspended. It counts its own resumes: one
// operation that suspends makes it two.
struct Resumes {
  int count = 0;
};
Task<int> operations_in_one_resume() {
  int done = 0;
  bool suspended = false;
  while (!suspended) {
    auto consume = consume_budget();
    auto leaf = consume.operator co_await();
    co_await until([&](Context& cx) {
      const bool complete = leaf.node().poll(cx);
      if (!complete) suspended = true;
      return complete;
    });
    if (!suspended) ++done;
  }
  co_return done;
}

int units_left(const Budget& budget) {
  Budget copy = budget;
  int units = 0;
  while (copy.has_remaining()) {
    (void)copy.spend();
    ++units;
  }
  return units;
}

TEST(R97, EachResumeOfATaskHas128Units) {
  on_every_kind([](Runtime& rt) {
    for (int i = 0; i < 3; ++i) {
      auto task = rt.spawn(operations_in_one_resume());
      EXPECT_EQ(rt.block_on(task).value(), 128);
    }
  });
}

TEST(R97, EachResumeOfTheRootHas128Units) {
  on_every_kind([](Runtime& rt) { EXPECT_EQ(rt.block_on(operations_in_one_resume()), 128); });
}

TEST(R97, TasksRunFromTheLifoSlotShareOneBudget) {
  // On one worker the first task spawns the second, which goes to the LIFO slot and gets what is
  // left of the first one's units.
  Runtime rt = multi_thread(1);
  auto first = rt.spawn([]() -> Task<int> {
    co_await yield_now();
    for (int i = 0; i < 100; ++i) co_await consume_budget();
    auto second = spawn(operations_in_one_resume());
    auto result = co_await second;
    co_return result.value();
  });
  EXPECT_EQ(rt.block_on(first).value(), 28);
}

TEST(R97, OutsideARuntimeThereIsNoLimit) {
  MockTask task;
  for (int i = 0; i < 1000; ++i) {
    auto consume = consume_budget();
    Polled wait(consume);
    ASSERT_TRUE(wait.poll(task));
  }
  EXPECT_TRUE(has_budget_remaining());
}

TEST(R98, CompletingTakesAUnitAndSuspendingDoesNot) {
  MockTask task;
  Budget budget = Budget::initial();
  auto consume = consume_budget();
  Polled completes(consume);
  EXPECT_TRUE(completes.poll(task, budget));
  EXPECT_EQ(units_left(budget), 127);
  Runtime rt = current_thread();
  AsyncEvent never;
  auto waiting = rt.spawn([&]() -> Task<> { co_await never.wait(); });
  Polled suspends(waiting);
  EXPECT_FALSE(suspends.poll(task, budget));
  EXPECT_EQ(units_left(budget), 127);
}

TEST(R98, WithoutAUnitItSuspendsAlthoughItCouldCompleteAndIsRunAgain) {
  on_every_kind([](Runtime& rt) {
    auto task = rt.spawn([]() -> Task<int> {
      int done = 0;
      for (int i = 0; i < 1000; ++i) {
        co_await consume_budget();
        ++done;
      }
      co_return done;
    });
    EXPECT_EQ(rt.block_on(task).value(), 1000);
  });
}

TEST(R99, SleepAndJoinHandleTakeOneUnitEach) {
  Runtime rt = test_support::paused_current_thread();
  rt.block_on([]() -> Task<> {
    auto child = spawn([]() -> Task<> { co_return; });
    while (!child.is_finished()) co_await yield_now();
    const auto units_for = [](auto& awaitable) {
      MockTask task;
      Budget budget = Budget::initial();
      Polled wait(awaitable);
      EXPECT_TRUE(wait.poll(task, budget));
      (void)wait.take();
      return 128 - units_left(budget);
    };
    EXPECT_EQ(units_for(child), 1);
    auto sleep = time::sleep(std::chrono::nanoseconds(0));
    EXPECT_EQ(units_for(sleep), 1);
  }());
}

TEST(R99, NotifyAndYieldNowTakeNone) {
  MockTask task;
  Budget budget = Budget::initial();
  sync::Notify notify;
  notify.notify_one();
  auto notified = notify.notified();
  Polled wait(notified);
  EXPECT_TRUE(wait.poll(task, budget));
  auto yield = yield_now();
  Polled yielded(yield);
  EXPECT_FALSE(yielded.poll(task, budget));
  EXPECT_TRUE(yielded.poll(task, budget));
  EXPECT_EQ(units_left(budget), 128);
}

TEST(R100, ConsumeBudgetTakesAUnitOrSuspends) {
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < 128; ++i) {
    auto consume = consume_budget();
    Polled wait(consume);
    ASSERT_TRUE(wait.poll(task, budget));
  }
  auto consume = consume_budget();
  Polled refused(consume);
  EXPECT_FALSE(refused.poll(task, budget));
  EXPECT_TRUE(task.take_woken()) << "it has to be polled again";
}

TEST(R100, HasBudgetRemainingAsksWithoutTaking) {
  Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    for (int i = 0; i < 500; ++i) EXPECT_TRUE(has_budget_remaining());
    for (int i = 0; i < 128; ++i) {
      EXPECT_TRUE(has_budget_remaining());
      co_await consume_budget();
    }
    EXPECT_FALSE(has_budget_remaining());
  }());
}

Task<int> consume_many(int count) {
  for (int i = 0; i < count; ++i) co_await consume_budget();
  co_return count;
}

TEST(R100, UnconstrainedHasNoLimit) {
  Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    // Were there a limit, the yield would come first.
    auto winner = co_await select_biased(unconstrained(consume_many(1000)), yield_now());
    EXPECT_EQ(winner.index(), 0U);
    EXPECT_TRUE(has_budget_remaining());
    auto limited = co_await select_biased(consume_many(1000), yield_now());
    EXPECT_EQ(limited.index(), 1U);
  }());
}

TEST(R100, InsideUnconstrainedThereAlwaysIsBudget) {
  Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    for (int i = 0; i < 128; ++i) co_await consume_budget();
    EXPECT_FALSE(has_budget_remaining());
    co_await unconstrained([]() -> Task<> {
      EXPECT_TRUE(has_budget_remaining());
      co_return;
    }());
    EXPECT_FALSE(has_budget_remaining());
  }());
}

TEST(R100, BlockingJobsAndBlockInPlaceHaveNoLimit) {
  Runtime rt = multi_thread(1);
  auto job = rt.spawn_blocking([] {
    MockTask task;
    for (int i = 0; i < 1000; ++i) {
      auto consume = consume_budget();
      Polled wait(consume);
      if (!wait.poll(task)) return false;
    }
    return has_budget_remaining();
  });
  EXPECT_TRUE(rt.block_on(job).value());
  auto task = rt.spawn([]() -> Task<bool> {
    for (int i = 0; i < 128; ++i) co_await consume_budget();
    const bool within = block_in_place([] { return has_budget_remaining(); });
    const bool after = has_budget_remaining();
    co_return within && !after;
  });
  EXPECT_TRUE(rt.block_on(task).value());
}

TEST(R101, ForcedYieldIsCountedOncePerExhaustion) {
  for (const auto kind : {test_support::Kind::kCurrentThread, test_support::Kind::kOneWorker}) {
    SCOPED_TRACE(name_of(kind));
    Runtime rt = test_support::make_runtime(kind);
    const auto& metrics = rt.handle().scheduler().worker_metrics(0);
    const auto yields = [&] { return metrics.forced_yields.load(std::memory_order_relaxed); };
    const auto before = yields();
    auto task = rt.spawn([]() -> Task<> {
      for (int i = 0; i < 128; ++i) co_await consume_budget();
      // Several operations are refused in this one resume: the branches of a join.
      co_await join(consume_budget(), consume_budget(), consume_budget());
    });
    EXPECT_TRUE(rt.block_on(task).has_value());
    EXPECT_EQ(yields() - before, 1U);
  }
}

TEST(R102, A129thReadyOperationSuspends) {
  on_every_kind([](Runtime& rt) {
    auto task = rt.spawn([]() -> Task<std::pair<bool, bool>> {
      co_await yield_now();
      // The yield completes in the second resume, if the operations leave it a turn.
      auto first = co_await select_biased(consume_many(256), yield_now());
      co_await yield_now();
      auto second = co_await select_biased(consume_many(257), yield_now());
      co_return std::pair(first.index() == 0, second.index() == 1);
    });
    const auto [completed, suspended] = rt.block_on(task).value();
    EXPECT_TRUE(completed);
    EXPECT_TRUE(suspended);
  });
}

TEST(T18, BudgetLimitsNeitherBlockInPlaceNorBlockOnInIt) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<bool> {
    for (int i = 0; i < 128; ++i) co_await consume_budget();
    co_return block_in_place([] {
      MockTask waker;
      for (int i = 0; i < 200; ++i) {
        auto consume = consume_budget();
        Polled wait(consume);
        if (!wait.poll(waker)) return false;
      }
      // In block_on each resume has units of its own.
      return runtime::Handle::current().block_on(consume_many(100)) == 100;
    });
  });
  EXPECT_TRUE(rt.block_on(task).value());
}

}  // namespace
}  // namespace weft
