// LocalSet: where its tasks run, and when.
//
// Spec: T-22..T-26.

#include <weft/task/local_set.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <tests/unit/task/local_set_support.h>
#include <weft/runtime/local_runtime.h>
#include <weft/runtime/runtime.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;
using namespace local_set_support;

// --- T-22: driving

TEST(T22, RunsInBlockOnOfEveryKindOfRuntime) {
  on_every_kind([](runtime::Runtime& rt) {
    LocalSet set;
    JoinHandle<std::thread::id> handle = set.spawn_local(where_it_runs());
    EXPECT_EQ(set.block_on(rt, number(3)), 3);
    rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
    EXPECT_EQ(*rt.block_on(handle), std::this_thread::get_id());
  });
}

TEST(T22, RunsInABlockOnThatTakesAHandle) {
  const runtime::Runtime rt = test_support::multi_thread(1);
  LocalSet set;
  EXPECT_EQ(set.block_on(rt.handle(), number(4)), 4);
}

TEST(T22, RunsInATaskOfSpawnLocal) {
  auto rt = runtime::Builder::new_current_thread().build_local().value();
  const int sum = *rt.block_on(rt.spawn_local([]() -> Task<int> {
    LocalSet set;
    auto a = set.spawn_local(number(1));
    const int b = co_await set.run_until(number(2));
    co_await set;
    const auto first = co_await a;
    co_return *first + b;
  }));
  EXPECT_EQ(sum, 3);
}

TEST(T22, NothingRunsWhileItIsNotDriven) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  int runs = 0;
  set.spawn_local(count(runs));
  rt.block_on(nothing());
  EXPECT_EQ(runs, 0);
  set.block_on(rt, yields(1, runs));
  EXPECT_EQ(runs, 2);
}

TEST(T22, DrivenOnAnotherThreadIsFatal) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::current_thread();
        LocalSet set;
        std::thread([&] { set.block_on(rt, number(1)); }).join();
      },
      "local_set_test.cc.*used on another thread");
}

TEST(T22, DrivenInATaskThatMayChangeThreadsIsFatal) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::multi_thread(1);
        static_cast<void>(rt.block_on(rt.spawn([]() -> Task<> {
          LocalSet set;
          co_await set;
        })));
      },
      "local_set_test.cc.*may change threads");
}

// --- T-23: spawning

TEST(T23, SpawnLocalOfTheSetWorksWhileItIsNotRunningAndWakesIt) {
  AsyncEvent never;
  LocalSet set;
  MockTask task;
  set.spawn_local(nothing());
  Polled driven(set);
  EXPECT_TRUE(driven.poll(task));

  set.spawn_local([](AsyncEvent& event) -> Task<> { co_await event.wait(); }(never));
  Polled again(set);
  EXPECT_FALSE(again.poll(task));
  static_cast<void>(task.take_woken());
  int runs = 0;
  set.spawn_local(count(runs));
  EXPECT_TRUE(task.take_woken());
  EXPECT_FALSE(again.poll(task));
  EXPECT_EQ(runs, 1);
}

TEST(T23, TheFreeFunctionSpawnsIntoTheSetThatRuns) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  const auto thread = set.block_on(rt, []() -> Task<std::thread::id> {
    auto handle = spawn_local(where_it_runs());
    const auto result = co_await handle;
    co_return *result;
  }());
  EXPECT_EQ(thread, std::this_thread::get_id());
}

TEST(T23, ALocalRuntimeTakesPrecedence) {
  auto rt = runtime::Builder::new_current_thread().build_local().value();
  LocalSet set;
  AsyncEvent never;
  const auto entered = rt.enter();
  {
    const auto guard = set.enter();
    auto handle = spawn_local([]() -> Task<int> { co_return 1; });
    // The set has nothing to run, the runtime has.
    MockTask task;
    Polled driven(set);
    EXPECT_TRUE(driven.poll(task));
    EXPECT_FALSE(handle.is_finished());
    EXPECT_EQ(*rt.block_on(handle), 1);
  }
}

TEST(T23, OutsideEverythingIsFatal) {
  EXPECT_DEATH(spawn_local(nothing()), "local_set_test.cc.*outside a LocalSet");
}

TEST(T23, InsideAPlainRuntimeIsFatal) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::current_thread();
        rt.block_on([]() -> Task<> {
          spawn_local(nothing());
          co_return;
        }());
      },
      "local_set_test.cc.*outside a LocalSet");
}

TEST(T23, OnAForeignThreadIsFatal) {
  EXPECT_DEATH(
      {
        LocalSet set;
        std::thread([&] { set.spawn_local(nothing()); }).join();
      },
      "local_set_test.cc.*used on another thread");
}

// --- T-24: enter

TEST(T24, TheGuardMakesTheFreeFunctionTargetTheSetAndEnds) {
  LocalSet outer;
  LocalSet inner;
  int a = 0;
  int b = 0;
  {
    const auto first = outer.enter();
    {
      const auto second = inner.enter();
      spawn_local(count(b));
    }
    spawn_local(count(a));
  }
  MockTask task;
  Polled drive_inner(inner);
  EXPECT_TRUE(drive_inner.poll(task));
  EXPECT_EQ(a, 0);
  EXPECT_EQ(b, 1);
  Polled drive_outer(outer);
  EXPECT_TRUE(drive_outer.poll(task));
  EXPECT_EQ(a, 1);
}

TEST(T24, SpawningUnderTheGuardWakesTheSet) {
  LocalSet set;
  AsyncEvent event;
  int runs = 0;
  set.spawn_local(wait_then_count(event, runs));
  MockTask task;
  Polled driven(set);
  EXPECT_FALSE(driven.poll(task));
  static_cast<void>(task.take_woken());
  {
    const auto guard = set.enter();
    spawn_local(count(runs));
    EXPECT_TRUE(task.take_woken());
    EXPECT_FALSE(driven.poll(task));
    event.set();  // regression: a wake-up under the guard, too
    EXPECT_TRUE(task.take_woken());
  }
  EXPECT_TRUE(driven.poll(task));
  EXPECT_EQ(runs, 2);
}

// --- T-25: awaiting

TEST(T25, AwaitingTheSetRunsAllTasksThoseSpawnedMeanwhileToo) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  int runs = 0;
  set.spawn_local([](int& counter) -> Task<> {
    for (int i = 0; i < 10; ++i) spawn_local(yields(i, counter));
    co_return;
  }(runs));
  rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
  EXPECT_EQ(runs, 10);
}

TEST(T25, RunUntilLeavesTasksThatGoOnAtTheNextDrive) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  AsyncEvent event;
  int runs = 0;
  set.spawn_local(wait_then_count(event, runs));
  EXPECT_EQ(set.block_on(rt, number(1)), 1);
  event.set();
  EXPECT_EQ(runs, 0);
  rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
  EXPECT_EQ(runs, 1);
}

TEST(T25, AnExceptionOfTheAwaitableComesOutOfRunUntil) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  EXPECT_THROW(set.block_on(rt, throws()), std::runtime_error);
}

// --- T-26: turns

TEST(T26, ATurnIsAtMost61TasksAndTheSetWakesItsDriverForTheRest) {
  LocalSet set;
  int runs = 0;
  for (int i = 0; i < 100; ++i) set.spawn_local(count(runs));
  MockTask task;
  Polled driven(set);
  EXPECT_FALSE(driven.poll(task));
  EXPECT_EQ(runs, 61);
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(driven.poll(task));
  EXPECT_EQ(runs, 100);
}

TEST(T26, RunUntilPollsItsAwaitableFirst) {
  LocalSet set;
  int runs = 0;
  int seen = -1;
  set.spawn_local(count(runs));
  MockTask task;
  auto look = [](int& counter, int& out) -> Task<> {
    out = counter;
    co_await yield_now();
  };
  Polled driven(set.run_until(look(runs, seen)));
  EXPECT_FALSE(driven.poll(task));
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(runs, 1);
}

TEST(T26, EveryTaskHasItsOwnBudget) {
  LocalSet set;
  int done = 0;
  const auto consume = [](int& counter) -> Task<> {
    for (int i = 0; i < 128; ++i) co_await consume_budget();
    ++counter;
  };
  for (int i = 0; i < 3; ++i) set.spawn_local(consume(done));
  MockTask task;
  Polled driven(set);
  EXPECT_TRUE(driven.poll(task));
  EXPECT_EQ(done, 3);
}

TEST(T26, TheRemoteQueueIsNotStarvedByTasksThatWakeEachOther) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  AsyncEvent from_elsewhere;
  bool stop = false;
  const auto spin = [](bool& until) -> Task<> {
    while (!until) {
      co_await poll_fn([polled = false](Context& cx) mutable -> Poll<void> {
        if (std::exchange(polled, true)) return Poll<void>();
        cx.waker().wake();
        return kPending;
      });
    }
  };
  set.spawn_local(spin(stop));
  set.spawn_local([](AsyncEvent& event, bool& until) -> Task<> {
    co_await event.wait();
    until = true;
  }(from_elsewhere, stop));
  std::thread waker([&] { from_elsewhere.set(); });
  rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
  waker.join();
  EXPECT_TRUE(stop);
}

}  // namespace
}  // namespace weft
