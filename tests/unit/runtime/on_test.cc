// on: what runs on the executor, what it finds there, and how the result comes back.

#include <weft/runtime/on.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/executors.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/executors/pool_executor.h>
#include <weft/runtime/join.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task_id.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::executor_from;
using runtime::pool_executor;
using test_support::AsyncEvent;
using test_support::Event;
using test_support::FunctionPool;
using test_support::InlineExecutor;
using test_support::ManualExecutor;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;
using test_support::Probe;

static_assert(runtime::Executor<InlineExecutor>);
static_assert(runtime::Executor<ManualExecutor>);
static_assert(!runtime::Executor<int>);
static_assert(!runtime::Executor<FunctionPool>, "it wants a call that it can copy");

Task<int> number(int n) { co_return n; }
Task<std::thread::id> thread_id() { co_return std::this_thread::get_id(); }
// A coroutine whose every part says where it ran.
Task<std::vector<std::thread::id>> thread_ids(AsyncEvent& event) {
  std::vector<std::thread::id> ids;
  ids.push_back(std::this_thread::get_id());
  ids.push_back(co_await thread_id());
  co_await event.wait();
  ids.push_back(std::this_thread::get_id());
  co_return ids;
}

TEST(R166, TheAwaitableRunsOnTheExecutorsThreads) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(2);
    AsyncEvent event;
    auto handle = rt.spawn([&]() -> Task<std::vector<std::thread::id>> {
      co_return co_await on(pool_executor(pool), thread_ids(event));
    });
    rt.block_on(event.until_waiting(1));
    event.set();
    const JoinResult<std::vector<std::thread::id>> ids = rt.block_on(handle);
    for (const std::thread::id id : ids.value()) EXPECT_TRUE(pool.owns(id));
  });
}

TEST(R166, AfterwardsTheTaskIsOnItsOwnRuntime) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(2);
    rt.block_on(rt.spawn([&]() -> Task<> {
        for (int i = 0; i < 100; ++i) {
          EXPECT_FALSE(pool.owns(std::this_thread::get_id()));
          EXPECT_TRUE(pool.owns(co_await on(pool_executor(pool), thread_id())));
          EXPECT_FALSE(pool.owns(std::this_thread::get_id()));
        }
      }))
        .value();
  });
}

TEST(R166, EachResumeIsOneCall) {
  MockTask task;
  ManualExecutor executor;
  Probe<> first;
  Probe<> second;
  Polled polled(on(executor, [](Probe<>& a, Probe<>& b) -> Task<int> {
    const int sum = co_await a.wait();
    co_return sum + co_await b.wait();
  }(first, second)));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(executor.submitted(), 1u);
  EXPECT_EQ(first.polls(), 0) << "polled on the task's own thread";
  executor.run_one();
  EXPECT_EQ(first.polls(), 1);
  EXPECT_FALSE(task.take_woken()) << "nothing is ready";
  // A poll that nothing inside asked for.
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(executor.submitted(), 1u);

  first.complete(1);
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(executor.submitted(), 1u) << "who wakes does not call the executor";
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(executor.submitted(), 2u);
  executor.run_one();
  EXPECT_EQ(second.polls(), 1);

  second.complete(2);
  EXPECT_FALSE(polled.poll(task));
  executor.run_one();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(executor.submitted(), 3u);
  EXPECT_EQ(polled.take(), 3);
}

TEST(R166, WakeUpsBeforeTheCallBeginsAreOne) {
  MockTask task;
  ManualExecutor executor;
  Probe<> probe;
  Waker inside;
  Polled polled(on(executor, poll_fn([&](Context& cx) -> Poll<int> {
                     inside = cx.clone_waker();
                     return kPending;
                   })));
  EXPECT_FALSE(polled.poll(task));
  executor.run_one();
  inside.wake();
  inside.wake();
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_FALSE(polled.poll(task));
  inside.wake();
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(executor.submitted(), 2u);
  EXPECT_EQ(task.wake_count(), 1) << "the queued call will see it";
}

TEST(R166, AWakeUpDuringTheCallMakesAnother) {
  MockTask task;
  ManualExecutor executor;
  Polled polled(on(executor, yield_now()));
  EXPECT_FALSE(polled.poll(task));
  executor.run_one();
  EXPECT_TRUE(task.take_woken());
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(executor.submitted(), 2u);
  executor.run_one();
  EXPECT_TRUE(polled.poll(task));
}

TEST(R166, CallsNeverOverlap) {
  const runtime::Runtime rt = test_support::multi_thread(2);
  FunctionPool pool(4);
  std::atomic<int> inside{0};
  std::atomic<int> polls{0};
  rt.block_on(rt.spawn([&]() -> Task<> {
      co_await on(pool_executor(pool), poll_fn([&](Context& cx) -> Poll<> {
                    EXPECT_EQ(inside.fetch_add(1), 0);
                    cx.clone_waker().wake();
                    const bool is_ready = ++polls == 300;
                    inside.fetch_sub(1);
                    if (is_ready) return {};
                    return kPending;
                  }));
    }))
      .value();
  EXPECT_EQ(polls.load(), 300);
  EXPECT_EQ(pool.submitted(), 300u);
}

TEST(R166, ExceptionsComeBack) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(1);
    const auto fails = []() -> Task<int> {
      throw std::runtime_error("over there");
      co_return 0;
    };
    try {
      rt.block_on(on(pool_executor(pool), fails()));
      ADD_FAILURE() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "over there");
    }
  });
}

TEST(R166, ThereTheRuntimeIsTheCurrentOne) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(1);
    rt.block_on(on(pool_executor(pool), [](runtime::RuntimeId id) -> Task<> {
      EXPECT_EQ(runtime::Handle::current().id(), id);
      const auto spawned = co_await spawn(number(7));
      EXPECT_EQ(spawned.value(), 7);
      co_await time::sleep(1ms);
      const auto blocking = co_await spawn_blocking([] { return 8; });
      EXPECT_EQ(blocking.value(), 8);
    }(rt.handle().id())));
    // Not after the call.
    Event checked;
    pool.submit([&] {
      EXPECT_FALSE(runtime::Handle::try_current().has_value());
      EXPECT_FALSE(try_current_task_id().has_value());
      checked.set();
    });
    checked.wait();
  });
}

TEST(R166, ThereTheTaskHasItsId) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(1);
    const auto ids = [](FunctionPool& threads) -> Task<bool> {
      const TaskId here = current_task_id();
      const TaskId there = co_await on(pool_executor(threads),
                                       []() -> Task<TaskId> { co_return current_task_id(); }());
      co_return here == there;
    };
    EXPECT_TRUE(rt.block_on(rt.spawn(ids(pool))).value());
    EXPECT_FALSE(rt.block_on(on(pool_executor(pool), []() -> Task<bool> {
      co_return try_current_task_id().has_value();
    }())));
  });
}

TEST(R166, EachCallHasABudgetOfItsOwn) {
  MockTask task;
  ManualExecutor executor;
  int done = 0;
  Polled polled(on(executor, [](int& count) -> Task<> {
    for (; count < 300; ++count) co_await consume_budget();
  }(done)));
  for (const int expected : {128, 256, 300}) {
    EXPECT_EQ(polled.poll(task), false);
    executor.run_one();
    EXPECT_EQ(done, expected);
    EXPECT_TRUE(task.take_woken());
  }
  EXPECT_TRUE(polled.poll(task));
  EXPECT_TRUE(has_budget_remaining());
}

TEST(R166, CompletingTakesOneUnitOfTheTasksBudget) {
  MockTask task;
  InlineExecutor executor;
  Budget budget = Budget::initial();
  for (int i = 0; i < Budget::kUnits; ++i) {
    Polled polled(on(executor, number(i)));
    EXPECT_TRUE(polled.poll(task, budget));
    EXPECT_EQ(polled.take(), i);
  }
  Polled late(on(executor, number(0)));
  EXPECT_FALSE(late.poll(task, budget));
}

TEST(R166, ThereTheThreadMayBeBlocked) {
  const runtime::Runtime rt = test_support::multi_thread(1);
  FunctionPool pool(1);
  const int sum = rt.block_on(on(pool_executor(pool), [](runtime::Handle handle) -> Task<int> {
    co_return handle.block_on(number(1)) + runtime::block_on_this_thread(number(2));
  }(rt.handle())));
  EXPECT_EQ(sum, 3);
}

TEST(R166, NeedsNoRuntime) {
  FunctionPool pool(1);
  EXPECT_TRUE(pool.owns(runtime::block_on_this_thread(on(pool_executor(pool), thread_id()))));
}

TEST(R166, AnExecutorMayRunCallsAtOnce) {
  on_every_kind([](runtime::Runtime& rt) {
    InlineExecutor executor;
    AsyncEvent event;
    auto waiting = rt.spawn([&]() -> Task<std::vector<std::thread::id>> {
      co_return co_await on(executor, thread_ids(event));
    });
    rt.block_on(event.until_waiting(1));
    event.set();
    EXPECT_EQ(rt.block_on(waiting).value().size(), 3u);
    // Waking itself again and again takes no stack.
    rt.block_on(on(executor, []() -> Task<> {
      for (int i = 0; i < 20'000; ++i) co_await yield_now();
    }()));
  });
}

TEST(R166, MayBeNested) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool outer(1);
    FunctionPool inner(1);
    const auto there_and_back = [](FunctionPool& a, FunctionPool& b) -> Task<> {
      EXPECT_TRUE(a.owns(std::this_thread::get_id()));
      EXPECT_TRUE(b.owns(co_await on(pool_executor(b), thread_id())));
      EXPECT_TRUE(a.owns(std::this_thread::get_id()));
    };
    rt.block_on(on(pool_executor(outer), there_and_back(outer, inner)));
  });
}

TEST(R166, SeveralPartsOfOneTaskRunAtOnce) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(2);
    // Each waits, blocking its thread, until the other has come.
    Event first;
    Event second;
    const auto meet = [](Event& mine, Event& other) -> Task<int> {
      mine.set();
      other.wait();
      co_return 1;
    };
    const auto [a, b] = rt.block_on(join(on(pool_executor(pool), meet(first, second)),
                                         on(pool_executor(pool), meet(second, first))));
    EXPECT_EQ(a + b, 2);
  });
}

TEST(R166, WhatExecuteThrowsComesOut) {
  MockTask task;
  auto full = executor_from([](auto) { throw std::length_error("the queue is full"); });
  Polled polled(on(full, number(1)));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_THROW(polled.take(), std::length_error);
  polled.cancel();
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(R166, AnExecutorThatThrowsMayHaveKeptTheCall) {
  MockTask task;
  struct Forgetful {
    void execute(runtime::ExecutorCall call) {
      kept.emplace(std::move(call));
      throw std::length_error("the queue is full");
    }
    std::optional<runtime::ExecutorCall> kept;
  } executor;
  Polled polled(on(executor, number(1)));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_THROW(polled.take(), std::length_error);
  (*executor.kept)();  // finds nothing to do
}

TEST(R166, AnExecutorThatThrowsAndRunsTheCallIsFatal) {
  struct Both {
    void execute(runtime::ExecutorCall call) {
      call();
      throw std::length_error("and yet");
    }
  };
  EXPECT_DEATH(
      {
        MockTask task;
        Both executor;
        Polled polled(on(executor, number(1)));
        static_cast<void>(polled.poll(task));
      },
      "on_test.cc.*on: the executor has taken a call and thrown as well");
}

TEST(R166, ACallThatIsDroppedEndsTheWait) {
  MockTask task;
  ManualExecutor executor;
  Probe<> probe;
  Polled polled(on(executor, probe.wait()));
  EXPECT_FALSE(polled.poll(task));
  executor.drop_one();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(polled.poll(task));
  EXPECT_THROW(polled.take(), RuntimeGone);
}

TEST(R166, ABorrowedExecutorAndAnOwnedOne) {
  MockTask task;
  struct Counts {
    explicit Counts(int& made) : calls(&made) {}
    void execute(runtime::ExecutorCall call) const {
      ++*calls;
      call();
    }
    int* calls;
  };
  int calls = 0;
  const Counts lvalue(calls);
  Polled borrowed(on(lvalue, number(1)));
  EXPECT_TRUE(borrowed.poll(task));
  Polled owned(on(Counts(calls), number(1)));
  EXPECT_TRUE(owned.poll(task));
  EXPECT_EQ(calls, 2);
}

TEST(R166, MovedAfterItWasPolledIsFatal) {
  EXPECT_DEATH(
      {
        MockTask task;
        ManualExecutor executor;
        auto piece = on(executor, number(1));
        Polled polled(piece);
        static_cast<void>(polled.poll(task));
        auto moved = std::move(piece);
      },
      "moved after it had been awaited");
}

}  // namespace
}  // namespace weft
