// The multi_thread scheduler: who is woken for what, and who looks after the driver.

#include <weft/runtime/scheduler/multi_thread.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <functional>
#include <latch>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/multi_thread_support.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/scheduler/worker.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::Blocker;
using test_support::Counted;
using test_support::EndlessChain;
using test_support::Event;
using test_support::multi_thread;
using test_support::Names;
using test_support::Order;
using test_support::until;

internal::MultiThread& scheduler_of(Runtime& rt) {
  return static_cast<internal::MultiThread&>(rt.handle().scheduler());
}
internal::Worker& worker_here() { return *internal::thread_context().worker; }

TEST(R77, NoWorkIsLeftBehindWithEverybodyAsleep) {
  Runtime rt = multi_thread(2);
  const Handle handle = rt.handle();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([handle] {
      for (int i = 0; i < 500; ++i) {
        auto task = handle.spawn(
            [](int n) -> Task<int> {
              auto child = spawn([](int m) -> Task<int> { co_return m; }, n);
              auto result = co_await child;
              co_return result.value();
            },
            i);
        EXPECT_EQ(handle.block_on(task).value(), i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(R80, TaskThatWakesItselfGoesToTheBack) {
  Runtime rt = multi_thread(1);
  Order order;
  auto task = rt.spawn([&]() -> Task<> {
    auto queued = spawn(order.note("queued"));
    auto slot = spawn(order.note("slot"));
    co_await until([woken = false](Context& cx) mutable {
      if (std::exchange(woken, true)) return true;
      cx.waker().wake();
      return false;
    });
    co_await order.note("self");
    (void)co_await queued;
    (void)co_await slot;
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(order.names(), (Names{"slot", "queued", "self"}));
}

TEST(R80, NobodyIsWokenForATaskThatIsAloneInTheSlot) {
  Runtime rt = multi_thread(2);
  const RuntimeMetrics metrics = rt.metrics();
  auto task = rt.spawn(
      [](RuntimeMetrics of) -> Task<std::uint64_t> {
        const auto parks = [&] { return of.worker_park_count(0) + of.worker_park_count(1); };
        const std::uint64_t before = parks();
        for (int i = 0; i < 2000; ++i) {
          auto child = spawn([]() -> Task<> { co_return; });
          (void)co_await child;
        }
        co_return parks() - before;
      },
      metrics);
  EXPECT_LT(rt.block_on(task).value(), 200U) << "a wake-up per child would make 2000";
}

TEST(R81, ReadyTaskBehindOneThatBlocksIsTakenOver) {
  // Both become ready in one turn of the driver. Whichever runs first blocks until the other runs.
  Runtime rt = multi_thread(2);
  for (int round = 0; round < 5; ++round) {
    Event first_ran;
    Event second_ran;
    const auto deadline = time::Clock::now() + 3ms;
    auto first = rt.spawn([&]() -> Task<> {
      co_await time::sleep_until(deadline);
      first_ran.set();
      second_ran.wait();
    });
    auto second = rt.spawn([&]() -> Task<> {
      co_await time::sleep_until(deadline);
      second_ran.set();
      first_ran.wait();
    });
    ASSERT_TRUE(rt.block_on(first).has_value());
    ASSERT_TRUE(rt.block_on(second).has_value());
  }
}

TEST(R82, WhatOtherThreadsWakeAndSpawnGoesToTheInjectionQueue) {
  Runtime rt = multi_thread(1);
  AsyncEvent event;
  auto waiting = rt.spawn([&]() -> Task<> { co_await event.wait(); });
  rt.block_on(event.until_waiting(1));
  Blocker blocker;
  auto blocking = rt.spawn(blocker.run());
  blocker.running.wait();
  const auto depth = [&] { return rt.metrics().global_queue_depth(); };
  EXPECT_EQ(depth(), 0U);
  event.set();
  EXPECT_EQ(depth(), 1U);
  auto spawned = rt.spawn([]() -> Task<> { co_return; });
  EXPECT_EQ(depth(), 2U);
  auto job = rt.spawn_blocking([&] { return spawn([]() -> Task<> { co_return; }); });
  auto from_job = rt.block_on(job).value();
  EXPECT_EQ(depth(), 3U);
  blocker.release.set();
  for (auto* task : {&waiting, &spawned, &from_job, &blocking}) {
    EXPECT_TRUE(rt.block_on(*task).has_value());
  }
}

TEST(R84, SlotIsNoPartOfWhatOthersCanTake) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<bool> {
    auto child = spawn([]() -> Task<> { co_return; });
    const bool only_in_slot = worker_here().lifo_slot() != nullptr && worker_here().queue().empty();
    (void)co_await child;
    co_return only_in_slot;
  });
  EXPECT_TRUE(rt.block_on(task).value());
}

TEST(R84, BlockInPlaceMovesItsTaskToTheQueue) {
  Runtime rt = multi_thread(2);
  auto task = rt.spawn([]() -> Task<> {
    Event ran;
    auto child = spawn([&]() -> Task<> {
      ran.set();
      co_return;
    });
    block_in_place([&] { ran.wait(); });
    (void)co_await child;
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
}

TEST(R86, OneThreadAtATimeHoldsTheDriver) {
  Runtime rt = multi_thread(1);
  internal::MultiThread& scheduler = scheduler_of(rt);
  auto task = rt.spawn([&]() -> Task<std::pair<bool, bool>> {
    const bool first = scheduler.driver_lock().try_lock();
    const bool second = scheduler.driver_lock().try_lock();
    scheduler.unlock_driver(std::chrono::steady_clock::now());
    co_return std::pair(first, second);
  });
  const auto [first, second] = rt.block_on(task).value();
  EXPECT_TRUE(first) << "a worker that runs tasks does not hold it";
  EXPECT_FALSE(second);
}

TEST(R87, PollingABusyDriverReturnsAtOnce) {
  Runtime rt = multi_thread(1);
  internal::MultiThread& scheduler = scheduler_of(rt);
  auto task = rt.spawn([&]() -> Task<bool> {
    const bool locked = scheduler.driver_lock().try_lock();
    for (int i = 0; i < 100; ++i) co_await yield_now();  // each asks for a turn of the driver
    scheduler.unlock_driver(std::chrono::steady_clock::now());
    co_return locked;
  });
  EXPECT_TRUE(rt.block_on(task).value());
}

TEST(R88, SleepersAreReachedInTheDriverAndOutsideIt) {
  std::latch asleep(2);
  std::atomic<int> parks{0};
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(2)
                   .enable_all()
                   .on_thread_park([&] {
                     if (parks++ < 2) asleep.count_down();
                   })
                   .build()
                   .value();
  asleep.wait();
  std::barrier together(2);
  const auto meet = [&]() -> Task<> {
    together.arrive_and_wait();
    co_return;
  };
  auto first = rt.spawn(meet);
  auto second = rt.spawn(meet);
  EXPECT_TRUE(rt.block_on(first).has_value());
  EXPECT_TRUE(rt.block_on(second).has_value());
}

TEST(R89, WorkerThatRunsTasksLeavesTheDriverFree) {
  Runtime rt = multi_thread(1);
  internal::MultiThread& scheduler = scheduler_of(rt);
  auto task = rt.spawn([&]() -> Task<bool> {
    co_await time::sleep(1ms);  // it comes out of the driver with this task
    co_return scheduler.driver_lock().is_held();
  });
  EXPECT_FALSE(rt.block_on(task).value());
}

TEST(R92, DriverIsTakenOverFromAWorkerThatATaskKeepsBusy) {
  Runtime rt = multi_thread(2);
  for (int round = 0; round < 20; ++round) {
    Event fired;
    auto timer = rt.spawn([&]() -> Task<> {
      co_await time::sleep(1ms);
      co_await time::sleep(5ms);  // the worker in the driver is now the one that slept last
      fired.set();
    });
    auto warm = rt.spawn([]() -> Task<> { co_await time::sleep(2ms); });
    ASSERT_TRUE(rt.block_on(warm).has_value());
    // From outside: wakes a sleeper, which may be the one in the driver.
    auto blocker = rt.spawn([&]() -> Task<> {
      fired.wait();
      co_return;
    });
    ASSERT_TRUE(rt.block_on(blocker).has_value());
    ASSERT_TRUE(rt.block_on(timer).has_value());
  }
}

TEST(R153, OneWorkerIsEnoughForEverything) {
  Runtime rt = Builder::new_multi_thread().worker_threads(1).enable_all().build().value();
  auto task = rt.spawn([]() -> Task<int> {
    auto child = spawn([]() -> Task<int> {
      co_await time::sleep(1ms);
      co_return 1;
    });
    auto job = spawn_blocking([] { return 2; });
    const int in_place = block_in_place([] { return 4; });
    auto a = co_await child;
    auto b = co_await job;
    co_return a.value() + b.value() + in_place;
  });
  EXPECT_EQ(rt.block_on(task).value(), 7);
}

TEST(R153, BlockInPlaceOnAllWorkersDoesNotStopTheOthers) {
  Runtime rt = multi_thread(4);
  std::latch done(1000);
  std::vector<JoinHandle<void>> blockers;
  for (int i = 0; i < 4; ++i) {
    blockers.push_back(rt.spawn([&]() -> Task<> {
      block_in_place([&] { done.wait(); });
      co_return;
    }));
  }
  for (int i = 0; i < 1000; ++i) {
    (void)rt.spawn([&]() -> Task<> {
      co_await yield_now();
      done.count_down();
    });
  }
  for (auto& blocker : blockers) EXPECT_TRUE(rt.block_on(blocker).has_value());
}

TEST(R153, EndlessChainOfSpawnsStarvesNobody) {
  Runtime rt = multi_thread(1);
  EndlessChain chain;
  (void)rt.spawn(chain.link());
  for (int i = 0; i < 20; ++i) {
    auto task = rt.spawn(
        [](int n) -> Task<int> {
          co_await yield_now();
          co_return n;
        },
        i);
    EXPECT_EQ(rt.block_on(task).value(), i);
  }
  chain.stop = true;
  chain.ended.wait();
}

TEST(R153, WakesDuringShutdownAreHarmless) {
  for (int round = 0; round < 10; ++round) {
    AsyncEvent event;
    std::atomic<int> alive{0};
    std::optional<Runtime> rt = multi_thread(2);
    for (int i = 0; i < 200; ++i) {
      (void)rt->spawn(
          [&event](Counted) -> Task<> {
            co_await event.wait();
            AsyncEvent never;
            co_await never.wait();
          },
          Counted(alive));
    }
    rt->block_on(event.until_waiting(200));
    std::barrier together(2);
    std::thread waker([&] {
      together.arrive_and_wait();
      event.set();
    });
    together.arrive_and_wait();
    rt.reset();
    waker.join();
    EXPECT_EQ(alive, 0);
  }
}

}  // namespace
}  // namespace weft::runtime
