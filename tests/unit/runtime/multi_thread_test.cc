// The multi_thread scheduler, seen from its tasks.

#include <weft/runtime/scheduler/multi_thread.h>

#include <algorithm>
#include <array>
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

TEST(R56, WorkersShareWhatForeignThreadsSpawn) {
  Runtime rt = multi_thread(2);
  std::barrier together(2);
  const auto meet = [&]() -> Task<std::thread::id> {
    together.arrive_and_wait();  // blocks the worker until the other one is here
    co_return std::this_thread::get_id();
  };
  auto first = rt.spawn(meet);
  auto second = rt.spawn(meet);
  EXPECT_NE(rt.block_on(first).value(), rt.block_on(second).value());
}

TEST(R56, QueueOfABlockedWorkerIsStolenFrom) {
  Runtime rt = multi_thread(2);
  for (int round = 0; round < 100; ++round) {
    Event ran;
    auto task = rt.spawn([&]() -> Task<> {
      auto queued = spawn([&]() -> Task<> {
        ran.set();
        co_return;
      });
      auto in_slot = spawn([]() -> Task<> { co_return; });  // displaces the first to the queue
      ran.wait();
      (void)co_await queued;
      (void)co_await in_slot;
    });
    ASSERT_TRUE(rt.block_on(task).has_value());
  }
}

TEST(R57, CoreHasOneHolderAtATime) {
  Runtime rt = multi_thread(1);
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::vector<JoinHandle<void>> tasks;
  for (int i = 0; i < 50; ++i) {
    tasks.push_back(rt.spawn([&]() -> Task<> {
      for (int round = 0; round < 10; ++round) {
        // While a thread holds the core its tasks run one after the other. After block_in_place the
        // thread may be without it, until its resume ends.
        const bool holds = internal::thread_context().worker != nullptr;
        if (holds) most = std::max(most.load(), ++running);
        if (holds) --running;
        block_in_place([] {});
        co_await yield_now();
      }
    }));
  }
  for (auto& task : tasks) EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(most, 1);
}

TEST(R59, WithSomethingDeferredItPollsTheDriverInsteadOfParking) {
  std::atomic<int> parks{0};
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_thread_park([&] { ++parks; })
                   .build()
                   .value();
  auto task = rt.spawn([&]() -> Task<int> {
    const int before = parks;
    for (int i = 0; i < 200; ++i) co_await yield_now();
    co_return parks - before;
  });
  EXPECT_EQ(rt.block_on(task).value(), 0);
}

TEST(R60, BusyWorkerStillFiresTimers) {
  Runtime rt = multi_thread(1);
  EndlessChain chain;
  (void)rt.spawn(chain.link());
  auto sleeper = rt.spawn([]() -> Task<> { co_await time::sleep(1ms); });
  EXPECT_TRUE(rt.block_on(sleeper).has_value());
  chain.stop = true;
  chain.ended.wait();
}

TEST(R60, BusyWorkerSeesTheShutdown) {
  EndlessChain chain;
  {
    Runtime rt = multi_thread(1);
    (void)rt.spawn(chain.link());
  }
  EXPECT_FALSE(chain.ended.is_set()) << "it was cancelled, not ended";
}

// One worker is occupied while two tasks of its own and one from outside wait.
Names order_of_own_and_injected(Builder builder) {
  Runtime rt = builder.worker_threads(1).build().value();
  Order order;
  Event spawned;
  Event release;
  auto task = rt.spawn([&]() -> Task<> {
    auto first = spawn(order.note("queue"));
    auto second = spawn(order.note("slot"));
    spawned.set();
    release.wait();
    (void)co_await first;
    (void)co_await second;
  });
  spawned.wait();
  auto injected = rt.spawn(order.note("injected"));
  release.set();
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_TRUE(rt.block_on(injected).has_value());
  return order.names();
}

TEST(R61, SlotComesFirstThenTheQueueThenTheInjectionQueue) {
  EXPECT_EQ(order_of_own_and_injected(Builder::new_multi_thread().global_queue_interval(127)),
            (Names{"slot", "queue", "injected"}));
}

TEST(R61, InjectionQueueComesFirstWhenItsTurnHasCome) {
  EXPECT_EQ(order_of_own_and_injected(Builder::new_multi_thread().global_queue_interval(1)),
            (Names{"injected", "slot", "queue"}));
}

TEST(R61, BatchFromTheInjectionQueueKeepsItsOrder) {
  Runtime rt = multi_thread(1);
  Blocker blocker;
  auto blocking = rt.spawn(blocker.run());
  blocker.running.wait();
  Order order;
  std::vector<JoinHandle<void>> tasks;
  Names expected;
  for (int i = 0; i < 400; ++i) {
    tasks.push_back(rt.spawn(order.note(std::to_string(i))));
    expected.push_back(std::to_string(i));
  }
  blocker.release.set();
  for (auto& task : tasks) EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_TRUE(rt.block_on(blocking).has_value());
  Names names = order.names();
  // Every interval one is taken out of turn; all the others come in order.
  std::size_t in_order = 0;
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (std::stoi(names[i]) > std::stoi(names[i - 1])) ++in_order;
  }
  EXPECT_GE(in_order, 350U);
  std::sort(names.begin(), names.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(names, expected);
}

TEST(R62, LastSearcherThatFindsWorkWakesAnotherFirst) {
  // Both tasks are there before the woken worker has found the first, and the first blocks until
  // the second runs: somebody has to be woken for that one by the worker that found the first.
  Runtime rt = multi_thread(2);
  for (int round = 0; round < 200; ++round) {
    std::barrier together(2);
    const auto meet = [&]() -> Task<> {
      together.arrive_and_wait();
      co_return;
    };
    auto first = rt.spawn(meet);
    auto second = rt.spawn(meet);
    ASSERT_TRUE(rt.block_on(first).has_value());
    ASSERT_TRUE(rt.block_on(second).has_value());
  }
}

TEST(R62, TaskFromTheQueueHasAWholeBudget) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<bool> {
    for (int i = 0; i < 128; ++i) co_await consume_budget();
    auto queued = spawn([]() -> Task<bool> {
      for (int i = 0; i < 127; ++i) co_await consume_budget();
      co_return has_budget_remaining();
    });
    auto displaces = spawn([]() -> Task<> { co_return; });
    auto result = co_await queued;
    (void)co_await displaces;
    co_return result.value();
  });
  EXPECT_TRUE(rt.block_on(task).value());
}

TEST(R63, ChainOfThreeThenTheQueue) {
  Runtime rt = multi_thread(1);
  Order order;
  std::array<AsyncEvent, 5> woken;
  std::function<Task<>(std::size_t)> chain = [&](std::size_t n) -> Task<> {
    co_await woken[n].wait();
    co_await order.note("chain" + std::to_string(n));
    if (n < 4) woken[n + 1].set();
  };
  auto task = rt.spawn([&]() -> Task<> {
    auto queued = spawn([&]() -> Task<> {
      co_await woken[0].wait();
      co_await order.note("queued");
    });
    for (std::size_t n = 1; n <= 4; ++n) (void)spawn(chain(n));
    for (AsyncEvent& event : woken) co_await event.until_waiting(1);
    co_await yield_now();  // back from the queue: the chain is to begin here
    woken[0].set();
    woken[1].set();
    (void)co_await queued;
    while (order.names().size() < 5) co_await yield_now();
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(order.names(), (Names{"chain1", "chain2", "chain3", "queued", "chain4"}));
}

TEST(R171, TheNewestSpawnedIsRunFirst) {
  Runtime rt = multi_thread(1);
  Order order;
  auto task = rt.spawn([&]() -> Task<> {
    for (const char* name : {"a", "b", "c", "d"}) (void)spawn(order.note(name));
    while (order.names().size() < 4) co_await yield_now();
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(order.names(), (Names{"d", "c", "b", "a"}));
}

// The endless chain ends when both have run: one that has not begun, and one that was woken.
TEST(R171, TheOldestAndTheWokenRunWhileOthersAreSpawned) {
  Runtime rt = multi_thread(1);
  EndlessChain chain;
  AsyncEvent go;
  auto task = rt.spawn([&]() -> Task<> {
    std::atomic<int> left{2};
    const auto leave = [&] {
      if (--left == 0) chain.stop = true;
    };
    (void)spawn([&]() -> Task<> {
      co_await go.wait();
      leave();
    });
    co_await go.until_waiting(1);
    (void)spawn([&]() -> Task<> {
      leave();
      co_return;
    });
    for (int i = 0; i < 3; ++i) (void)spawn(chain.link());
    go.set();
    while (left != 0) co_await yield_now();
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
  chain.ended.wait();
}

TEST(R171, WithoutTheSlotSpawnedTasksRunInTheirOrder) {
  Runtime rt = std::move(Builder::new_multi_thread()
                             .worker_threads(1)
                             .disable_lifo_slot()
                             .enable_all()
                             .build()
                             .value());
  Order order;
  auto task = rt.spawn([&]() -> Task<> {
    for (const char* name : {"a", "b", "c", "d"}) (void)spawn(order.note(name));
    while (order.names().size() < 4) co_await yield_now();
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(order.names(), (Names{"a", "b", "c", "d"}));
}

TEST(R64, ThreadThatLostItsCoreEndsTheResumeAndLeaves) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<std::pair<bool, bool>> {
    const auto before = std::this_thread::get_id();
    Event taken;
    auto other = spawn([&]() -> Task<std::thread::id> {
      taken.set();
      co_return std::this_thread::get_id();
    });
    block_in_place([&] { taken.wait(); });
    const bool resume_goes_on_here =
        std::this_thread::get_id() == before && internal::thread_context().worker == nullptr;
    auto worker_now = co_await other;
    co_await yield_now();
    const bool then_on_the_worker = std::this_thread::get_id() == worker_now.value();
    co_return std::pair(resume_goes_on_here, then_on_the_worker);
  });
  const auto [here, worker] = rt.block_on(task).value();
  EXPECT_TRUE(here);
  EXPECT_TRUE(worker);
}

}  // namespace
}  // namespace weft::runtime
