// LocalSet: how its tasks are woken, and how they and the set end.
//
// Spec: T-27..T-30; T-9, T-13, T-17.

#include <weft/task/local_set.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <tests/unit/task/local_set_support.h>
#include <weft/runtime/local_runtime.h>
#include <weft/runtime/runtime.h>
#include <weft/task/scope.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;
using namespace local_set_support;

// --- T-27: wakes

TEST(T27, AWakeFromAnotherThreadGetsTheTaskRunHere) {
  on_every_kind([](runtime::Runtime& rt) {
    LocalSet set;
    AsyncEvent event;
    const auto wait = [](AsyncEvent& e) -> Task<std::thread::id> {
      co_await e.wait();
      co_return std::this_thread::get_id();
    };
    JoinHandle<std::thread::id> handle = set.spawn_local(wait(event));
    std::thread foreign;
    set.block_on(rt, [](AsyncEvent& e, std::thread& thread) -> Task<> {
      co_await e.until_waiting(1);
      thread = std::thread([&e] { e.set(); });
    }(event, foreign));
    EXPECT_EQ(*set.block_on(rt, handle), std::this_thread::get_id());
    foreign.join();
  });
}

TEST(T27, AWakeAfterTheSetIsGoneDoesNothing) {
  AsyncEvent event;
  std::vector<Waker> kept;
  {
    LocalSet set;
    int runs = 0;
    set.spawn_local(wait_then_count(event, runs));
    MockTask task;
    Polled driven(set);
    EXPECT_FALSE(driven.poll(task));
    kept = event.wakers();
    EXPECT_EQ(kept.size(), 1u);
  }
  std::thread([&] {
    for (const Waker& waker : kept) waker.wake();
    kept.clear();
  }).join();
}

// --- T-28: what goes to the runtime

TEST(T28, SpawnInsideASetGoesToTheRuntime) {
  const runtime::Runtime rt = test_support::multi_thread(1);
  LocalSet set;
  const auto other = set.block_on(rt, []() -> Task<std::thread::id> {
    auto handle = spawn(where_it_runs());
    const auto result = co_await handle;
    co_return *result;
  }());
  EXPECT_NE(other, std::this_thread::get_id());
}

TEST(T28, BlockInPlaceIsFatalInATaskOfTheSet) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::multi_thread(1);
        LocalSet set;
        set.spawn_local([]() -> Task<> {
          block_in_place([] {});
          co_return;
        });
        rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
      },
      "block_in_place: can be called only on the multi-threaded runtime");
}

TEST(T17, BlockInPlaceIsFatalInRunUntil) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::multi_thread(1);
        LocalSet set;
        set.block_on(rt, []() -> Task<> {
          block_in_place([] {});
          co_return;
        }());
      },
      "block_in_place: can be called only on the multi-threaded runtime");
}

TEST(T17, BlockInPlaceIsFatalInDestructorsAtTheEndOfASet) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::multi_thread(1);
        AsyncEvent never;
        rt.block_on([](AsyncEvent& event) -> Task<> {
          LocalSet set;
          set.spawn_local([](AsyncEvent& e) -> Task<> {
            const OnDestroy blocks([] { block_in_place([] {}); });
            co_await e.wait();
          }(event));
          co_await set.run_until(event.until_waiting(1));
        }(never));
      },
      "block_in_place: can be called only on the multi-threaded runtime");
}

// --- T-29: the end

TEST(T29, DestroyingTheSetCancelsItsTasksOnThisThread) {
  AsyncEvent never;
  std::atomic<int> alive = 0;
  std::optional<JoinHandle<void>> waiting;
  std::optional<JoinHandle<void>> unstarted;
  {
    LocalSet set;
    waiting.emplace(set.spawn_local(wait_counted(never, alive)));
    MockTask task;
    Polled driven(set);
    EXPECT_FALSE(driven.poll(task));
    EXPECT_EQ(alive.load(), 1);
    unstarted.emplace(set.spawn_local(wait_counted(never, alive)));
  }
  EXPECT_EQ(alive.load(), 0);
  EXPECT_EQ(never.waiting(), 0u);
  for (auto* handle : {&*waiting, &*unstarted}) {
    EXPECT_TRUE(handle->is_finished());
    const auto result = runtime::block_on_this_thread(*handle);
    EXPECT_TRUE(result.error().is_cancelled());
  }
}

TEST(T29, FindsTheTasksThatAreLeftAmongManyThatHaveEnded) {
  for (int waiting_first = 0; waiting_first <= 24; ++waiting_first) {
    AsyncEvent never;
    std::atomic<int> alive = 0;
    {
      LocalSet set;
      MockTask task;
      Polled driven(set);
      for (int i = 0; i < 24; ++i) {
        if (i < waiting_first) {
          set.spawn_local(wait_counted(never, alive));
        } else {
          set.spawn_local(nothing());
        }
      }
      static_cast<void>(waiting_first != 0 && driven.poll(task));
      for (int i = 0; i < 30; ++i) set.spawn_local(wait_counted(never, alive));
      EXPECT_FALSE(driven.poll(task));
      EXPECT_EQ(alive.load(), waiting_first + 30);
    }
    EXPECT_EQ(alive.load(), 0);
  }
}

TEST(T29, DestructorsMayWakeAbortAndSpawn) {
  for (int order = 0; order < 2; ++order) {
    AsyncEvent never;
    AsyncEvent woken;
    int dropped = 0;
    std::optional<JoinHandle<void>> late;
    {
      std::optional<AbortHandle> other;
      LocalSet set;
      const auto meddler = [&] {
        return [](AsyncEvent& event, auto at_end) -> Task<> {
          const OnDestroy end(at_end);
          co_await event.wait();
        }(never, [&] {
                 ++dropped;
                 woken.set();
                 if (other) other->abort();
                 late.emplace(set.spawn_local(nothing()));
               });
      };
      const auto victim = [&] {
        return [](AsyncEvent& event, auto at_end) -> Task<> {
          const OnDestroy end(at_end);
          co_await event.wait();
        }(woken, [&] { ++dropped; });
      };
      if (order == 0) set.spawn_local(meddler());
      JoinHandle<void> handle = set.spawn_local(victim());
      other.emplace(handle.abort_handle());
      if (order == 1) set.spawn_local(meddler());
      MockTask task;
      Polled driven(set);
      EXPECT_FALSE(driven.poll(task));
    }
    EXPECT_EQ(dropped, 2);
    ASSERT_TRUE(late.has_value());
    EXPECT_TRUE(runtime::block_on_this_thread(*late).error().is_cancelled());
  }
}

TEST(T29, TheFreeFunctionTargetsTheSetWhileItIsDestroyed) {
  std::optional<JoinHandle<void>> late;
  AsyncEvent never;
  {
    LocalSet set;
    set.spawn_local([](AsyncEvent& event, auto at_end) -> Task<> {
      const OnDestroy end(at_end);
      co_await event.wait();
    }(never, [&] { late.emplace(spawn_local(nothing())); }));
    MockTask task;
    Polled driven(set);
    EXPECT_FALSE(driven.poll(task));
  }
  EXPECT_TRUE(runtime::block_on_this_thread(*late).error().is_cancelled());
}

TEST(T29, AForeignThreadMayWakeATaskWhileTheSetIsDestroyed) {
  for (int round = 0; round < 200; ++round) {
    AsyncEvent event;
    std::atomic<int> alive = 0;
    std::thread foreign;
    {
      LocalSet set;
      for (int i = 0; i < 4; ++i) set.spawn_local(wait_counted(event, alive));
      MockTask task;
      Polled driven(set);
      EXPECT_FALSE(driven.poll(task));
      foreign = std::thread([&] { event.set(); });
    }
    EXPECT_EQ(alive.load(), 0);
    foreign.join();
  }
}

TEST(T29, DestroyingASetWhoseTaskIsInsideAScopeIsFatal) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::current_thread();
        AsyncEvent never;
        rt.block_on([](AsyncEvent& event) -> Task<> {
          LocalSet set;
          set.spawn_local([](AsyncEvent& e) -> Task<> {
            co_await scope(
                [&e](Scope& s) { s.spawn([](AsyncEvent& n) -> Task<> { co_await n.wait(); }(e)); });
          }(event));
          co_await set.run_until(event.until_waiting(1));
        }(never));
      },
      "a LocalSet was destroyed while one of its tasks was inside a scope");
}

TEST(T29, DestroyingTheSetOnAnotherThreadIsFatal) {
  EXPECT_DEATH(
      {
        auto set = std::make_unique<LocalSet>();
        std::thread([&] { set.reset(); }).join();
      },
      "a LocalSet was destroyed on another thread");
}

// --- T-30: policy, hooks, id

TEST(T30, AnExceptionConcernsOnlyItsHandleByDefault) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  JoinHandle<void> handle = set.spawn_local(throws());
  int runs = 0;
  set.spawn_local(count(runs));
  rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(rt.block_on(handle).error().is_exception());
}

TEST(T30, WithThePolicyAnExceptionEndsAllTasksAndTheDrive) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::current_thread();
        LocalSet set;
        set.unhandled_exception(runtime::UnhandledException::kShutdownRuntime);
        AsyncEvent never;
        set.spawn_local([](AsyncEvent& e) -> Task<> {
          const OnDestroy tell([] { std::fputs("the other was ended\n", stderr); });
          co_await e.wait();
        }(never));
        set.spawn_local(throws());
        set.block_on(rt, never.wait());
      },
      "the other was ended\n.*local_set_end_test.cc.*a local task threw");
}

TEST(T30, ThePolicyMustBeSetBeforeTheFirstTask) {
  EXPECT_DEATH(
      {
        LocalSet set;
        set.spawn_local(nothing());
        set.unhandled_exception(runtime::UnhandledException::kShutdownRuntime);
      },
      "local_set_end_test.cc.*set it before");
}

TEST(T30, TaskHooksAreNotCalledForLocalTasks) {
  std::atomic<int> calls = 0;
  const auto tell = [&calls](const runtime::TaskMeta&) { ++calls; };
  const runtime::Runtime rt = runtime::Builder::new_current_thread()
                                  .on_task_spawn(tell)
                                  .on_task_terminate(tell)
                                  .on_before_task_poll(tell)
                                  .on_after_task_poll(tell)
                                  .build()
                                  .value();
  LocalSet set;
  int runs = 0;
  set.spawn_local(yields(2, runs));
  rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(calls.load(), 0);
}

TEST(T30, IdsAreUniqueAmongSetsAndRuntimes) {
  const runtime::Runtime rt = test_support::current_thread();
  const LocalSet a;
  const LocalSet b;
  EXPECT_NE(a.id(), b.id());
  EXPECT_NE(a.id(), rt.handle().id());
}

// --- T-9, T-13: ids and aborting

TEST(T9, TaskIdsOfNestedSetsAreDistinctAndTheOuterOneIsRestored) {
  auto rt = runtime::Builder::new_current_thread().build_local().value();
  const bool distinct = *rt.block_on(rt.spawn_local([]() -> Task<bool> {
    const TaskId outer = current_task_id();
    LocalSet set;
    auto inner = set.spawn_local([]() -> Task<TaskId> { co_return current_task_id(); });
    co_await set;
    const auto id = co_await inner;
    co_return *id != outer&& current_task_id() == outer;
  }));
  EXPECT_TRUE(distinct);
}

TEST(T13, AbortOfALocalTaskFromAForeignThreadDestroysTheFrameHere) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  AsyncEvent never;
  std::thread::id destroyed_on;
  JoinHandle<void> handle = set.spawn_local([](AsyncEvent& e, auto at_end) -> Task<> {
    const OnDestroy end(at_end);
    co_await e.wait();
  }(never, [&] { destroyed_on = std::this_thread::get_id(); }));
  std::thread foreign;
  const auto result = set.block_on(
      rt, [](AsyncEvent& e, JoinHandle<void>& h, std::thread& thread) -> Task<JoinResult<void>> {
        co_await e.until_waiting(1);
        thread = std::thread([abort = h.abort_handle()] { abort.abort(); });
        co_return co_await h;
      }(never, handle, foreign));
  foreign.join();
  EXPECT_TRUE(result.error().is_cancelled());
  EXPECT_EQ(destroyed_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace weft
