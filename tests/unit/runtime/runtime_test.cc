// Runtime: entering it, block_on, and what may be done inside of what.

#include <weft/runtime/runtime.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::Event;
using test_support::on_every_kind;

Task<int> number(int n) { co_return n; }

static_assert(std::is_move_constructible_v<Runtime> && !std::is_copy_constructible_v<Runtime>);

TEST(R23, MovedRuntimeGoesOn) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent event;
    auto task = rt.spawn([&]() -> Task<int> {
      co_await event.wait();
      co_return 3;
    });
    Runtime moved = std::move(rt);
    event.set();
    EXPECT_EQ(moved.block_on(task).value(), 3);
  });
}

TEST(R23, HandleDoesNotKeepTheRuntimeRunning) {
  std::optional<Runtime> rt = test_support::multi_thread(1);
  const Handle handle = rt->handle();
  AsyncEvent never;
  auto task = rt->spawn([&]() -> Task<> { co_await never.wait(); });
  rt.reset();
  EXPECT_TRUE(task.is_finished());
  EXPECT_EQ(never.waiting(), 0U);
}

TEST(R23, CurrentOutsideAContextIsFatal) {
  EXPECT_DEATH((void)Handle::current(), "runtime_test\\.cc:[0-9]+: .*Handle::current");
}

TEST(R23, TryCurrentTellsThatThereIsNoContext) {
  const auto none = Handle::try_current();
  ASSERT_FALSE(none.has_value());
  EXPECT_TRUE(none.error().is_missing_context());
  EXPECT_FALSE(none.error().is_thread_local_destroyed());
}

// Asks for the current handle when the thread's locals are destroyed.
struct AsksAtExit {
  ~AsksAtExit() {
    const auto current = Handle::try_current();
    if (answer != nullptr)
      *answer = !current.has_value() && current.error().is_thread_local_destroyed();
  }
  bool* answer = nullptr;
};

TEST(R23, TryCurrentTellsThatTheThreadsLocalsAreGone) {
  bool answer = false;
  Runtime rt = test_support::current_thread();
  std::thread([&] {
    thread_local AsksAtExit asks;  // made first, so destroyed last
    asks.answer = &answer;
    const auto guard = rt.enter();
    EXPECT_TRUE(Handle::try_current().has_value());
  }).join();
  EXPECT_TRUE(answer);
}

TEST(R24, EveryPartOfTheContextIsPutBack) {
  Runtime rt = test_support::current_thread();
  rt.block_on([]() -> Task<> {
    EXPECT_TRUE(has_budget_remaining());
    EXPECT_TRUE(Handle::try_current().has_value());
    EXPECT_FALSE(try_current_task_id().has_value());
    auto inner = spawn([]() -> Task<> {
      EXPECT_TRUE(try_current_task_id().has_value());
      co_return;
    });
    (void)co_await inner;
    EXPECT_FALSE(try_current_task_id().has_value());
  }());
  EXPECT_FALSE(Handle::try_current().has_value());
  EXPECT_FALSE(try_current_task_id().has_value());
  EXPECT_EQ(rt.block_on(number(1)), 1) << "the thread counts as having left the runtime";
}

TEST(R25, GuardMakesTheRuntimeCurrentAndPutsTheFormerOneBack) {
  Runtime a = test_support::current_thread();
  Runtime b = test_support::current_thread();
  {
    const auto in_a = a.enter();
    EXPECT_EQ(Handle::current().id(), a.handle().id());
    {
      const auto in_b = b.enter();
      EXPECT_EQ(Handle::current().id(), b.handle().id());
    }
    EXPECT_EQ(Handle::current().id(), a.handle().id());
  }
  EXPECT_FALSE(Handle::try_current().has_value());
}

TEST(R25, GuardsDestroyedOutOfOrderAreFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::current_thread();
        auto first = std::make_unique<EnterGuard>(rt.enter());
        auto second = std::make_unique<EnterGuard>(rt.enter());
        first.reset();
      },
      "runtime_test\\.cc:[0-9]+: .*reverse order");
}

TEST(R25, GuardsDestroyedOutOfOrderByAnExceptionAreNot) {
  Runtime rt = test_support::current_thread();
  const auto throws = [&rt] {
    std::unique_ptr<EnterGuard> second;
    auto first = std::make_unique<EnterGuard>(rt.enter());
    second = std::make_unique<EnterGuard>(rt.enter());
    throw std::runtime_error("unwinds first before second");
  };
  EXPECT_THROW(throws(), std::runtime_error);
  EXPECT_FALSE(Handle::try_current().has_value());
  const auto again = rt.enter();
  EXPECT_EQ(Handle::current().id(), rt.handle().id());
}

TEST(R25, MovedGuardKeepsItsPlace) {
  Runtime a = test_support::current_thread();
  Runtime b = test_support::current_thread();
  {
    auto outer = a.enter();
    auto inner = b.enter();
    const auto moved_inner = std::move(inner);
    EXPECT_EQ(Handle::current().id(), b.handle().id());
  }
  EXPECT_FALSE(Handle::try_current().has_value());
}

TEST(R25, GuardDoesNotForbidBlockOn) {
  Runtime a = test_support::current_thread();
  const auto guard = a.enter();
  EXPECT_EQ(a.block_on(number(4)), 4);
}

TEST(R25, SpawnTakesItsRuntimeFromTheGuard) {
  Runtime rt = test_support::multi_thread(1);
  std::optional<JoinHandle<int>> task;
  {
    const auto guard = rt.enter();
    task = spawn(number(5));
  }
  EXPECT_EQ(rt.block_on(*task).value(), 5);
}

TEST(R26, SpawnGoesToTheCurrentRuntimeNotTheRunningOne) {
  Runtime a = test_support::multi_thread(1);
  Runtime b = test_support::multi_thread(1);
  const auto b_id = b.handle().id();
  auto task = a.spawn([&]() -> Task<RuntimeId> {
    JoinHandle<RuntimeId> inner = [&] {
      const auto guard = b.enter();
      return spawn([]() -> Task<RuntimeId> { co_return Handle::current().id(); });
    }();
    auto id = co_await inner;
    co_return id.value();
  });
  EXPECT_EQ(a.block_on(task).value(), b_id);
}

TEST(R27, RootRunsOnTheCallersThreadAndIsNoTask) {
  on_every_kind([](Runtime& rt) {
    rt.block_on([](std::thread::id caller) -> Task<> {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      EXPECT_FALSE(try_current_task_id().has_value());
      co_return;
    }(std::this_thread::get_id()));
  });
}

// A leaf that takes a budget unit each time, always complete.
auto budgeted() {
  return test_support::until([](Context& cx) {
    if (!cx.has_budget()) return false;
    cx.spend_budget();
    return true;
  });
}

TEST(R27, EachResumeOfTheRootHasTheWholeBudget) {
  on_every_kind([](Runtime& rt) {
    for (int round = 0; round < 3; ++round) {
      rt.block_on([]() -> Task<> {
        for (int i = 0; i < 127; ++i) co_await budgeted();
        EXPECT_TRUE(has_budget_remaining());
        co_await budgeted();
        EXPECT_FALSE(has_budget_remaining());
        co_await yield_now();
        EXPECT_TRUE(has_budget_remaining());
      }());
    }
  });
}

TEST(R27, WhatTheRootThrowsComesOutOfBlockOn) {
  on_every_kind([](Runtime& rt) {
    EXPECT_THROW(rt.block_on([]() -> Task<> {
      co_await yield_now();
      throw std::runtime_error("root");
    }()),
                 std::runtime_error);
    EXPECT_EQ(rt.block_on(number(1)), 1);
  });
}

TEST(R28, BlockOnWithinARuntimeIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::current_thread();
        Runtime other = test_support::current_thread();
        rt.block_on([&]() -> Task<> {
          other.block_on(number(1));
          co_return;
        }());
      },
      "runtime_test\\.cc:[0-9]+: .*runtime from within a runtime");
}

TEST(R28, HandleBlockOnWithinATaskIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::multi_thread(1);
        (void)rt.block_on(rt.spawn([]() -> Task<> {
          Handle::current().block_on(number(1));
          co_return;
        }));
      },
      "runtime_test\\.cc:[0-9]+: .*runtime from within a runtime");
}

TEST(R28, BlockInPlaceAndOtherThreadsAreAllowed) {
  Runtime rt = test_support::multi_thread(1);
  auto task = rt.spawn([]() -> Task<int> {
    const Handle handle = Handle::current();
    const int in_place = block_in_place([&] { return handle.block_on(number(1)); });
    int elsewhere = 0;
    std::thread([&] { elsewhere = handle.block_on(number(2)); }).join();
    co_return in_place + elsewhere;
  });
  EXPECT_EQ(rt.block_on(task).value(), 3);
}

TEST(R29, RuntimeMayBeMadeInsideBlockOn) {
  Runtime rt = test_support::current_thread();
  std::optional<Runtime> inner;
  rt.block_on([&]() -> Task<> {
    inner = test_support::multi_thread(1);
    co_return;
  }());
  EXPECT_EQ(inner->block_on(number(6)), 6);
}

TEST(R29, DestroyingARuntimeInsideBlockOnIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::current_thread();
        rt.block_on([]() -> Task<> {
          {
            Runtime inner = test_support::multi_thread(1);
          }
          co_return;
        }());
      },
      "block");
}

TEST(R29, ShutdownThatDoesNotWaitIsAllowedInsideBlockOn) {
  Runtime rt = test_support::current_thread();
  rt.block_on([]() -> Task<> {
    Runtime background = test_support::multi_thread(1);
    background.shutdown_background();
    Runtime zero = test_support::multi_thread(1);
    zero.shutdown_timeout(0s);
    co_return;
  }());
  EXPECT_EQ(rt.block_on(number(1)), 1);
}

TEST(R29, DestructorDuringAnExceptionIsAllowedAndDoesNotWait) {
  Runtime rt = test_support::current_thread();
  Event release;
  EXPECT_THROW(rt.block_on([&]() -> Task<> {
    Runtime inner = test_support::current_thread();
    (void)inner.spawn_blocking([&] { release.wait(); });
    throw std::runtime_error("unwinds inner");
    co_return;
  }()),
               std::runtime_error);
  release.set();
}

TEST(R30, SpawnedWorkRunsOnWorkersAndGoesOnAfterBlockOn) {
  Runtime rt = test_support::multi_thread(1);
  AsyncEvent go;
  Event done;
  std::thread::id worker;
  rt.block_on([&]() -> Task<> {
    (void)spawn([&]() -> Task<> {
      co_await go.wait();
      worker = std::this_thread::get_id();
      done.set();
    });
    co_return;
  }());
  go.set();
  done.wait();
  EXPECT_NE(worker, std::this_thread::get_id());
}

TEST(R30, NothingThatUserCodeWaitsOnUsesTheTokenUp) {
  // The root waits on a condition variable of its own between wake-ups; block_on's are not lost.
  Runtime rt = test_support::multi_thread(1);
  AsyncEvent first;
  AsyncEvent second;
  rt.block_on([&]() -> Task<> {
    std::thread setter([&] { first.set(); });
    co_await first.wait();
    setter.join();
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::thread other([&] {
      second.set();  // wakes nobody yet: the root is running
      const std::lock_guard lock(mutex);
      ready = true;
      changed.notify_one();
    });
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return ready; });
    }
    other.join();
    co_await second.wait();
  }());
}

}  // namespace
}  // namespace weft::runtime
