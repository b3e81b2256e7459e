// on: destroyed before, between and while calls run.

#include <weft/runtime/on.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <variant>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/executors.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/executors/pool_executor.h>
#include <weft/runtime/join.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/task/scope.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::executor_from;
using runtime::pool_executor;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::Event;
using test_support::FunctionPool;
using test_support::ManualExecutor;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

// Blocks the thread it runs on until it is let go, and then waits for what never comes.
struct Busy {
  Event begun;
  Event let_go;
  AsyncEvent never;
  std::atomic<int> alive{0};

  static Task<> run(Busy& busy) {
    const Counted counted(busy.alive);
    busy.begun.set();
    busy.let_go.wait();
    co_await busy.never.wait();
  }
};

TEST(R166, DestroyedWhileACallIsQueuedWaitsForNothing) {
  on_every_kind([](runtime::Runtime& rt) {
    ManualExecutor executor;
    std::atomic<int> alive{0};
    bool ran = false;
    auto handle = rt.spawn([&]() -> Task<> {
      co_await on(executor, [](Counted, bool& flag) -> Task<> {
        flag = true;
        co_return;
      }(Counted(alive), ran));
    });
    // On the current_thread runtime it is this that lets the task run.
    rt.block_on(rt.spawn([&]() -> Task<> { co_return; })).value();
    executor.wait_for_calls(1);
    EXPECT_EQ(alive.load(), 1);
    handle.abort();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_EQ(alive.load(), 0);
    executor.run_one();  // finds the operation gone
    EXPECT_FALSE(ran);
  });
}

TEST(R166, ACallOfAnOperationThatIsGoneDoesNothing) {
  MockTask task;
  ManualExecutor executor;
  Probe<> probe;
  {
    Polled polled(on(executor, probe.wait()));
    EXPECT_FALSE(polled.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1) << "the queued call keeps nothing of the task";
  executor.run_one();
  EXPECT_EQ(probe.polls(), 0);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(R166, DestroyedBetweenCallsUnlinksWhatItWaitedFor) {
  MockTask task;
  ManualExecutor executor;
  Probe<> probe;
  {
    Polled polled(on(executor, probe.wait()));
    EXPECT_FALSE(polled.poll(task));
    executor.run_one();
    EXPECT_EQ(probe.alive(), 1);
  }
  EXPECT_EQ(probe.alive(), 0);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(R166, AWakeUpThatComesLateWakesNobody) {
  MockTask task;
  ManualExecutor executor;
  Waker kept;
  {
    Polled polled(on(executor, poll_fn([&kept](Context& cx) -> Poll<> {
                       kept = cx.clone_waker();
                       return kPending;
                     })));
    EXPECT_FALSE(polled.poll(task));
    executor.run_one();
  }
  kept.wake();
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(R166, AnAbortWaitsForTheCallThatRuns) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(1);
    Busy busy;
    auto handle = rt.spawn([&]() -> Task<> { co_await on(pool_executor(pool), Busy::run(busy)); });
    rt.block_on(rt.spawn([&]() -> Task<> { co_return; })).value();
    busy.begun.wait();
    handle.abort();
    for (int i = 0; i < 10; ++i) rt.block_on(rt.spawn([]() -> Task<> { co_return; })).value();
    EXPECT_FALSE(handle.is_finished());
    EXPECT_EQ(busy.alive.load(), 1);
    busy.let_go.set();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_EQ(busy.alive.load(), 0);
  });
}

TEST(R166, ASelectThatItLosesWaitsForTheCallThatRuns) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(1);
    Busy busy;
    AsyncEvent other;
    auto handle = rt.spawn([&]() -> Task<std::size_t> {
      auto first = co_await select(on(pool_executor(pool), Busy::run(busy)), other.wait());
      EXPECT_EQ(busy.alive.load(), 0);
      co_return first.index();
    });
    rt.block_on(other.until_waiting(1));
    busy.begun.wait();
    other.set();
    for (int i = 0; i < 10; ++i) rt.block_on(rt.spawn([]() -> Task<> { co_return; })).value();
    EXPECT_FALSE(handle.is_finished());
    busy.let_go.set();
    EXPECT_EQ(rt.block_on(handle).value(), 1u);
  });
}

TEST(R166, ATimeoutOfATaskThatContainsItWaitsForTheCallThatRuns) {
  const runtime::Runtime rt = test_support::paused_current_thread();
  FunctionPool pool(1);
  Busy busy;
  const auto inside = [](FunctionPool& threads, Busy& work) -> Task<> {
    // Begins to run before the runtime has nothing else to do and the clock jumps to the deadline.
    auto begun = executor_from([&](auto call) {
      threads.submit(std::move(call));
      work.begun.wait();
    });
    co_await on(begun, Busy::run(work));
  };
  std::thread lets_go;
  const auto lets_it_go = [&]() -> Task<> {
    co_await time::sleep(6ms);  // the timeout has come, and waits
    lets_go = std::thread([&busy] { busy.let_go.set(); });
  };
  auto helper = rt.spawn(lets_it_go());
  const auto result = rt.block_on(time::timeout(5ms, inside(pool, busy)));
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(busy.alive.load(), 0);
  lets_go.join();
}

TEST(R166, AMemberOfAFailedJoinIsWaitedFor) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(1);
    Busy busy;
    const auto fail = [](Busy& other) -> Task<> {
      other.begun.wait();
      throw std::runtime_error("member");
      co_return;
    };
    std::thread lets_go([&] {
      busy.begun.wait();
      busy.let_go.set();
    });
    rt.block_on([](FunctionPool& threads, Busy& work, Task<> failing) -> Task<> {
      bool threw = false;
      try {
        co_await join(on(pool_executor(threads), Busy::run(work)), std::move(failing));
      } catch (const std::runtime_error&) {
        threw = true;
        EXPECT_EQ(work.alive.load(), 0);
      }
      EXPECT_TRUE(threw);
    }(pool, busy, fail(busy)));
    lets_go.join();
  });
}

TEST(R166, TheEndOfTheRuntimeWaitsForTheCallThatRuns) {
  for (const test_support::Kind kind : test_support::kKinds) {
    SCOPED_TRACE(test_support::name_of(kind));
    FunctionPool pool(1);
    Busy busy;
    AsyncEvent never;
    std::optional<JoinHandle<void>> handle;
    {
      const runtime::Runtime rt = test_support::make_runtime(kind);
      // Lets it go when the runtime ends, and no sooner.
      rt.spawn([](AsyncEvent& event, Busy& other) -> Task<> {
        const OnDestroy lets_go([&other] { other.let_go.set(); });
        co_await event.wait();
      }(never, busy));
      rt.block_on(never.until_waiting(1));
      handle.emplace(
          rt.spawn([&]() -> Task<> { co_await on(pool_executor(pool), Busy::run(busy)); }));
      rt.block_on(rt.spawn([]() -> Task<> { co_return; })).value();
      busy.begun.wait();
    }
    EXPECT_EQ(busy.alive.load(), 0);
    EXPECT_TRUE(runtime::block_on_this_thread(*handle).error().is_cancelled());
  }
}

TEST(R166, AScopeInsideIsEndedBeforeItGoes) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(2);
    AsyncEvent never;
    std::atomic<int> alive{0};
    const auto child = [](Counted, AsyncEvent& event) -> Task<> { co_await event.wait(); };
    const auto parent = [](auto make, std::atomic<int>& count, AsyncEvent& event) -> Task<> {
      co_await scope([&](Scope& s) -> Task<> {
        for (int i = 0; i < 3; ++i) s.spawn(make(Counted(count), event));
        co_await event.wait();
      });
    };
    auto handle = rt.spawn(
        [&]() -> Task<> { co_await on(pool_executor(pool), parent(child, alive, never)); });
    rt.block_on(never.until_waiting(4));
    handle.abort();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_EQ(alive.load(), 0);
    EXPECT_EQ(never.waiting(), 0u);
  });
}

TEST(R166, WhatInsideHasToBeDrivenIsDriven) {
  MockTask task;
  ManualExecutor executor;
  SlowProbe slow;
  Polled polled(on(executor, slow.wait()));
  EXPECT_FALSE(polled.poll(task));
  executor.run_one();
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_FALSE(polled.node().poll_cancel(cx));
  EXPECT_EQ(slow.cancel_polls(), 1);
  slow.let_end();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(polled.node().poll_cancel(cx));
}

TEST(R166, ABorrowedAwaitableSurvivesALostSelect) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(1);
    AsyncEvent event;
    const auto work = [](AsyncEvent& e) -> Task<int> {
      co_await e.wait();
      co_return 7;
    };
    rt.block_on([](FunctionPool& threads, AsyncEvent& e, Task<int> task) -> Task<> {
      auto first = co_await select(on(pool_executor(threads), task), e.until_waiting(1));
      EXPECT_EQ(first.index(), 1u);
      EXPECT_EQ(e.waiting(), 1u);
      e.set();
      const int result = co_await on(pool_executor(threads), task);
      EXPECT_EQ(result, 7);
    }(pool, event, work(event)));
  });
}

TEST(R166, ACancelledOneMayBeAwaitedAgainWhereItStands) {
  MockTask task;
  ManualExecutor executor;
  Probe<> probe;
  auto piece = on(executor, probe.wait());
  {
    Polled polled(piece);
    EXPECT_FALSE(polled.poll(task));
    const Waker waker = task.waker();
    Context cx(waker);
    EXPECT_TRUE(polled.node().poll_cancel(cx));  // takes the first call back
  }
  probe.complete(5);
  Polled again(piece);
  EXPECT_FALSE(again.poll(task));
  executor.run_one();  // the first call
  EXPECT_EQ(probe.polls(), 0);
  executor.run_one();
  EXPECT_TRUE(again.poll(task));
  EXPECT_EQ(again.take(), 5);
}

TEST(R166, DestroyedByHandWhileItRunsIsFatal) {
  EXPECT_DEATH(
      {
        MockTask task;
        Busy busy;
        FunctionPool pool(1);
        Polled polled(on(pool_executor(pool), Busy::run(busy)));
        static_cast<void>(polled.poll(task));
        busy.begun.wait();
        polled.cancel();
      },
      "on_cancel_test.cc.*on: destroyed while its executor runs it");
}

TEST(R166, ATaskThatContainsItDestroyedByHandWhileItRunsIsFatal) {
  EXPECT_DEATH(
      {
        MockTask task;
        Busy busy;
        FunctionPool pool(1);
        auto contains = [](FunctionPool& threads, Busy& work) -> Task<> {
          co_await on(pool_executor(threads), Busy::run(work));
        }(pool, busy);
        Polled polled(contains);
        static_cast<void>(polled.poll(task));
        busy.begun.wait();
        polled.cancel();
        {
          auto gone = std::move(contains);
        }
      },
      "destroyed by hand, or one that an executor runs just now");
}

}  // namespace
}  // namespace weft
