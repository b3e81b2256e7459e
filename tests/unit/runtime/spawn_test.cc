// spawn: from a coroutine to a task, and how a task runs and ends.

#include <weft/runtime/spawn.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft {
namespace {

using runtime::Builder;
using runtime::Handle;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::Event;
using test_support::finished;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::until;

Task<int> number(int n) { co_return n; }

TEST(T1, SpawnOutsideARuntimeIsFatalAtTheCallersLine) {
  EXPECT_DEATH((void)spawn(number(1)), "spawn_test\\.cc:[0-9]+: .*spawn");
  EXPECT_DEATH((void)spawn([] { return number(1); }), "spawn_test\\.cc:[0-9]+: .*spawn");
  EXPECT_DEATH((void)spawn(number, 1), "spawn_test\\.cc:[0-9]+: .*spawn");
}

TEST(T1, SpawnedTaskRunsAlthoughNobodyAwaitsIt) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent ran;
    (void)rt.spawn(
        [](AsyncEvent& event) -> Task<> {
          event.set();
          co_return;
        },
        std::ref(ran));
    rt.block_on(ran.wait());
  });
}

TEST(T1, NothingOfTheTaskRunsWithinSpawn) {
  on_every_kind([](Runtime& rt) {
    rt.block_on([]() -> Task<> {
      thread_local bool within_spawn = false;
      std::atomic<bool> ran_within{false};
      std::vector<JoinHandle<void>> tasks;
      for (int i = 0; i < 300; ++i) {  // more than fit into a local queue
        within_spawn = true;
        tasks.push_back(spawn([&]() -> Task<> {
          if (within_spawn) ran_within = true;
          co_return;
        }));
        within_spawn = false;
      }
      for (auto& task : tasks) (void)co_await task;
      EXPECT_FALSE(ran_within);
    }());
  });
}

TEST(T1, RuntimeAndHandleNameTheRuntime) {
  Runtime a = multi_thread(1);
  Runtime b = multi_thread(1);
  const auto where = []() -> Task<runtime::RuntimeId> { co_return Handle::current().id(); };
  const auto guard = a.enter();
  auto by_runtime = b.spawn(where());
  auto by_handle = b.handle().spawn(where());
  auto by_context = spawn(where());
  EXPECT_EQ(b.block_on(by_runtime).value(), b.handle().id());
  EXPECT_EQ(b.block_on(by_handle).value(), b.handle().id());
  EXPECT_EQ(b.block_on(by_context).value(), a.handle().id());
}

TEST(T2, CapturesAndArgumentsLiveInTheTask) {
  on_every_kind([](Runtime& rt) {
    std::atomic<int> alive{0};
    AsyncEvent event;
    std::optional<JoinHandle<std::size_t>> task;
    {
      std::string captured(1000, 'x');
      Counted counted(alive);
      task = rt.spawn(
          [captured, &event](const std::string& by_reference, Counted) -> Task<std::size_t> {
            co_await event.wait();
            co_return captured.size() + by_reference.size();
          },
          std::string(500, 'y'), std::move(counted));
    }
    EXPECT_EQ(alive, 1);
    event.set();
    EXPECT_EQ(rt.block_on(*task).value(), 1500U);
    EXPECT_EQ(alive, 0);
  });
}

TEST(T2, FrameIsGoneBeforeTheResultIsSeen) {
  on_every_kind([](Runtime& rt) {
    for (int round = 0; round < 50; ++round) {
      std::atomic<int> alive{0};
      auto task = rt.spawn(
          [](Counted) -> Task<int> {
            co_await yield_now();
            co_return 1;
          },
          Counted(alive));
      const int seen =
          rt.block_on([](JoinHandle<int>& handle, std::atomic<int>& count) -> Task<int> {
            (void)co_await handle;
            co_return count.load();
          }(task, alive));
      ASSERT_EQ(seen, 0);
    }
  });
}

TEST(T2, ResultIsThereBeforeTheJoinerIsWoken) {
  // A joiner that were woken too early would be polled once more than that.
  on_every_kind([](Runtime& rt) {
    AsyncEvent event;
    auto task = rt.spawn([&]() -> Task<int> {
      co_await event.wait();
      co_return 4;
    });
    int polls = 0;
    rt.block_on([&]() -> Task<> {
      auto join = task.operator co_await();
      co_await until([&](Context& cx) {
        const bool complete = join.node().poll(cx);
        if (++polls == 1) event.set();
        return complete;
      });
      EXPECT_EQ(join.node().take().value(), 4);
    }());
    EXPECT_EQ(polls, 2);
  });
}

TEST(R91, YieldingTaskRunsAfterTheDriverWasPolled) {
  // Ready tasks come first: between a yield and the resume after it, all that were ready run.
  Runtime rt = current_thread();
  std::vector<std::string> order;
  rt.block_on([&]() -> Task<> {
    auto yields = spawn([&]() -> Task<> {
      order.emplace_back("before");
      co_await yield_now();
      order.emplace_back("after");
    });
    auto others = spawn([&]() -> Task<> {
      order.emplace_back("other");
      co_return;
    });
    (void)co_await yields;
    (void)co_await others;
  }());
  EXPECT_EQ(order, (std::vector<std::string>{"before", "other", "after"}));
}

TEST(R91, OutsideARuntimeItIsMadeRunnableAtOnce) {
  test_support::MockTask task;
  auto yield = yield_now();
  test_support::Polled wait(yield);
  EXPECT_FALSE(wait.poll(task));
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(wait.poll(task));
}

TEST(R104, BlockHoldsTheFrameThenTheResultThenNothing) {
  Runtime rt = current_thread();
  const std::size_t frames_before = internal::live_frames();
  std::atomic<int> frame{0};
  std::atomic<int> result{0};
  AsyncEvent event;
  auto task = rt.spawn(
      [](AsyncEvent* go, std::atomic<int>* results, Counted) -> Task<Counted> {
        co_await go->wait();
        co_return Counted(*results);
      },
      &event, &result, Counted(frame));
  rt.block_on(event.until_waiting(1));
  EXPECT_EQ(internal::live_frames(), frames_before + 1);
  EXPECT_EQ(frame + 10 * result, 1);
  event.set();
  rt.block_on(finished(task));
  EXPECT_EQ(internal::live_frames(), frames_before + 1);
  EXPECT_EQ(frame + 10 * result, 10);
  {
    const auto taken = rt.block_on(task);
    EXPECT_EQ(internal::live_frames(), frames_before);
    EXPECT_EQ(frame + 10 * result, 10);
  }
  EXPECT_EQ(frame + 10 * result, 0);
}

TEST(R105, AbortHandlesAndWakersDoNotKnowTheResultsType) {
  Runtime rt = current_thread();
  AsyncEvent never;
  std::vector<AbortHandle> aborts;
  auto text = rt.spawn([&]() -> Task<std::string> {
    co_await never.wait();
    co_return "never";
  });
  auto nothing = rt.spawn([&]() -> Task<> { co_await never.wait(); });
  aborts.push_back(text.abort_handle());
  aborts.push_back(nothing.abort_handle());
  rt.block_on(never.until_waiting(2));
  for (const AbortHandle& abort : aborts) abort.abort();
  EXPECT_TRUE(rt.block_on(text).error().is_cancelled());
  EXPECT_TRUE(rt.block_on(nothing).error().is_cancelled());
}

#ifndef NDEBUG
TEST(R106, TransitionWithoutItsPreconditionIsFatalInDebugBuilds) {
  auto* const header = static_cast<internal::FrameHeader*>(internal::allocate_frame(64)) - 1;
  internal::TaskState state(*header);
  state.init(1);
  ASSERT_EQ(state.start(), internal::TaskState::Start::kRun);
  EXPECT_DEATH((void)state.start(), "weft: fatal");
  internal::free_block(header);
}
#else
TEST(R106, TransitionsHaveTheirPreconditions) {
  auto* const header = static_cast<internal::FrameHeader*>(internal::allocate_frame(64)) - 1;
  internal::TaskState state(*header);
  state.init(1);
  EXPECT_EQ(state.start(), internal::TaskState::Start::kRun);
  internal::free_block(header);
}
#endif

TEST(R110, WakersOfOneTaskCompareEqualAndOthersDoNot) {
  Runtime rt = multi_thread(1);
  std::mutex mutex;
  std::vector<Waker> kept;
  const auto keep_two = [&]() -> Task<> {
    for (int i = 0; i < 2; ++i) {
      co_await until([&, polled = false](Context& cx) mutable {
        if (std::exchange(polled, true)) return true;
        const std::lock_guard lock(mutex);
        kept.push_back(cx.clone_waker());
        cx.defer();
        return false;
      });
    }
  };
  auto first = rt.spawn(keep_two);
  EXPECT_TRUE(rt.block_on(first).has_value());
  auto second = rt.spawn(keep_two);
  EXPECT_TRUE(rt.block_on(second).has_value());
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_TRUE(kept[0].will_wake(kept[1]));
  EXPECT_TRUE(kept[2].will_wake(kept[3]));
  EXPECT_FALSE(kept[0].will_wake(kept[2]));
}

TEST(R110, WhatTheBodyThrowsIsTheResultAndTheFrameIsGone) {
  on_every_kind([](Runtime& rt) {
    std::atomic<int> alive{0};
    auto task = rt.spawn(
        [](Counted) -> Task<int> {
          co_await yield_now();
          throw std::runtime_error("body");
        },
        Counted(alive));
    const auto result = rt.block_on(task);
    ASSERT_FALSE(result.has_value());
    EXPECT_THROW(result.error().rethrow(), std::runtime_error);
    EXPECT_EQ(alive, 0);
  });
}

}  // namespace
}  // namespace weft
