// The blocking pool and block_in_place.

#include <atomic>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/join.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/blocking_task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Builder;
using runtime::Handle;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::Event;
using test_support::multi_thread;
using test_support::on_every_kind;

Task<int> number(int n) { co_return n; }

TEST(R58, WorkersAreThreadsOfTheRuntimeWithinItsContext) {
  std::mutex mutex;
  std::vector<std::thread::id> threads;
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_thread_start([&] {
                     const std::lock_guard lock(mutex);
                     threads.push_back(std::this_thread::get_id());
                   })
                   .build()
                   .value();
  auto task = rt.spawn([]() -> Task<std::pair<std::thread::id, runtime::RuntimeId>> {
    co_return std::pair(std::this_thread::get_id(), Handle::current().id());
  });
  const auto [thread, id] = rt.block_on(task).value();
  EXPECT_EQ(id, rt.handle().id());
  const std::lock_guard lock(mutex);
  EXPECT_EQ(threads, std::vector{thread});
}

TEST(R93, OnAWorkerTheOthersGoOn) {
  Runtime rt = multi_thread(1);
  Event set_by_another_task;
  auto task = rt.spawn([&]() -> Task<int> {
    auto other = spawn([&]() -> Task<> {
      set_by_another_task.set();
      co_return;
    });
    const int result = block_in_place([&] {
      set_by_another_task.wait();  // the only worker has to run it meanwhile
      return 5;
    });
    (void)co_await other;
    co_return result;
  });
  EXPECT_EQ(rt.block_on(task).value(), 5);
}

TEST(R93, ElsewhereItCallsTheFunction) {
  EXPECT_EQ(block_in_place([] { return 1; }), 1);
  Runtime rt = multi_thread(1);
  EXPECT_EQ(rt.block_on([]() -> Task<int> { co_return block_in_place([] { return 2; }); }()), 2);
  auto job = rt.spawn_blocking([] { return block_in_place([] { return 3; }); });
  EXPECT_EQ(rt.block_on(job).value(), 3);
}

TEST(R93, OnACurrentThreadRuntimeItIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        rt.block_on([]() -> Task<> {
          block_in_place([] {});
          co_return;
        }());
      },
      "blocking_test\\.cc:[0-9]+: .*multi-threaded runtime");
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        (void)rt.block_on(rt.spawn([]() -> Task<> {
          block_in_place([] {});
          co_return;
        }));
      },
      "blocking_test\\.cc:[0-9]+: .*multi-threaded runtime");
}

TEST(R94, QueuedLifoAndDeferredTasksAreTakenOver) {
  Runtime rt = multi_thread(1);
  std::latch others(3);
  auto task = rt.spawn([&]() -> Task<> {
    // One yields (deferred), one lies in the queue, one in the LIFO slot.
    auto yields = spawn([&]() -> Task<> {
      co_await yield_now();
      others.count_down();
    });
    co_await yield_now();
    auto queued = spawn([&]() -> Task<> {
      others.count_down();
      co_return;
    });
    auto in_slot = spawn([&]() -> Task<> {
      others.count_down();
      co_return;
    });
    block_in_place([&] { others.wait(); });
    (void)co_await yields;
    (void)co_await queued;
    (void)co_await in_slot;
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
}

TEST(R94, ThreadGoesOnAsWorkerIfNobodyTookItsCore) {
  // No other thread can be had: the core waits for its owner.
  Runtime rt =
      Builder::new_multi_thread().worker_threads(1).max_blocking_threads(1).build().value();
  Event release;
  Event started;
  auto occupant = rt.spawn_blocking([&] {
    started.set();
    release.wait();
  });
  started.wait();
  auto task = rt.spawn([]() -> Task<int> {
    block_in_place([] {});
    auto child = spawn(number(4));
    auto result = co_await child;
    co_return result.value();
  });
  EXPECT_EQ(rt.block_on(task).value(), 4);
  release.set();
  EXPECT_TRUE(rt.block_on(occupant).has_value());
}

TEST(R94, ExceptionOutOfTheFunctionReachesTheTask) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<int> {
    try {
      block_in_place([] { throw std::runtime_error("in place"); });
    } catch (const std::runtime_error&) {
      co_return 1;
    }
    co_return 0;
  });
  EXPECT_EQ(rt.block_on(task).value(), 1);
}

TEST(R94, BudgetIsOffInsideAndBackAfterwards) {
  Runtime rt = multi_thread(2);
  for (int round = 0; round < 50; ++round) {
    auto task = rt.spawn([]() -> Task<bool> {
      for (int i = 0; i < 127; ++i) co_await consume_budget();
      Event ran;
      auto other = spawn([&]() -> Task<> {
        ran.set();
        for (int i = 0; i < 300; ++i) co_await consume_budget();
      });
      // Another thread has the core from here on, and spends its own budget.
      const bool inside = block_in_place([&] {
        ran.wait();
        return has_budget_remaining();
      });
      const bool one_left = has_budget_remaining();
      co_await consume_budget();
      const bool none_left = !has_budget_remaining();
      (void)co_await other;
      co_return inside&& one_left&& none_left;
    });
    ASSERT_TRUE(rt.block_on(task).value());
  }
}

TEST(R95, NestedInPlaceIsAPlainCall) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<int> {
    co_return block_in_place([] { return block_in_place([] { return 6; }); });
  });
  EXPECT_EQ(rt.block_on(task).value(), 6);
}

TEST(R95, BlockOnInPlaceBlockOnNestsWithOneThreadOfEachKind) {
  Runtime rt =
      Builder::new_multi_thread().worker_threads(1).max_blocking_threads(1).build().value();
  const int result = rt.block_on([]() -> Task<int> {
    co_return block_in_place([] {
      return Handle::current().block_on([]() -> Task<int> {
        co_return block_in_place([] { return Handle::current().block_on(number(7)); });
      }());
    });
  }());
  EXPECT_EQ(result, 7);
}

TEST(R95, YieldingInItDoesNotHang) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<> {
    block_in_place([] {
      Handle::current().block_on([]() -> Task<> {
        for (int i = 0; i < 10; ++i) co_await yield_now();
      }());
    });
    co_return;
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
}

TEST(R95, RootOfABlockOnInPlaceIsNoTask) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<bool> {
    const bool none_inside = block_in_place([] {
      return Handle::current().block_on(
          []() -> Task<bool> { co_return !try_current_task_id().has_value(); }());
    });
    co_return none_inside&& try_current_task_id().has_value();
  });
  EXPECT_TRUE(rt.block_on(task).value());
}

TEST(R96, ManyShortHandOffsLoseNothing) {
  Runtime rt = multi_thread(2);
  std::vector<JoinHandle<int>> tasks;
  for (int i = 0; i < 200; ++i) {
    tasks.push_back(rt.spawn(
        [](int n) -> Task<int> {
          for (int round = 0; round < 5; ++round) {
            block_in_place([] {});
            co_await yield_now();
          }
          co_return n;
        },
        i));
  }
  for (int i = 0; i < 200; ++i) EXPECT_EQ(rt.block_on(tasks[i]).value(), i);
}

TEST(R96, ShutdownWhileAThreadIsInPlaceEndsTheWorker) {
  for (int round = 0; round < 20; ++round) {
    Event in_place;
    Event release;
    std::atomic<int> alive{0};
    {
      std::optional<Runtime> rt = multi_thread(1);
      (void)rt->spawn(
          [&](Counted) -> Task<> {
            block_in_place([&] {
              in_place.set();
              release.wait();
            });
            AsyncEvent never;
            co_await never.wait();
          },
          Counted(alive));
      in_place.wait();
      std::thread destroyer([&] { rt.reset(); });
      release.set();
      destroyer.join();
    }
    EXPECT_EQ(alive, 0);
  }
}

}  // namespace
}  // namespace weft
