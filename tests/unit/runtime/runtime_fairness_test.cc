// What a runtime promises to every task: that it runs, whatever the others do.

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

TEST(R36, SpawnNeverRunsTheTaskItself) {
  on_every_kind([](Runtime& rt) {
    std::mutex held;
    rt.block_on([&]() -> Task<> {
      JoinHandle<void> task = [&] {
        const std::lock_guard lock(held);
        return spawn([&]() -> Task<> {
          const std::lock_guard inner(held);  // would be undefined if it ran within spawn
          co_return;
        });
      }();
      (void)co_await task;
    }());
  });
}

TEST(R36, EveryTaskThatWasWokenRunsAlthoughOthersNeverRest) {
  on_every_kind([](Runtime& rt) {
    std::atomic<bool> stop{false};
    std::vector<JoinHandle<void>> busy;
    for (int i = 0; i < 4; ++i) {
      busy.push_back(rt.spawn([&]() -> Task<> {
        while (!stop) co_await yield_now();
      }));
    }
    auto patient = rt.spawn([&]() -> Task<> {
      for (int i = 0; i < 3; ++i) {
        AsyncEvent event;
        std::thread setter([&] { event.set(); });
        co_await event.wait();
        setter.join();
        co_await time::sleep(1ms);
      }
      stop = true;
    });
    EXPECT_TRUE(rt.block_on(patient).has_value());
    for (auto& task : busy) EXPECT_TRUE(rt.block_on(task).has_value());
  });
}

TEST(R36, ResumeForNothingIsHarmless) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent event;
    auto task = rt.spawn([&]() -> Task<int> {
      co_await event.wait();
      co_return 1;
    });
    rt.block_on([&]() -> Task<> {
      co_await event.until_waiting(1);
      for (int i = 0; i < 10; ++i) {
        for (Waker& waker : event.wakers()) std::move(waker).wake();
        co_await yield_now();
      }
    }());
    EXPECT_FALSE(task.is_finished());
    event.set();
    EXPECT_EQ(rt.block_on(task).value(), 1);
  });
}

TEST(R151, SpawningWorksFromEverywhereUnderLoad) {
  on_every_kind([](Runtime& rt) {
    std::atomic<bool> stop{false};
    auto load = rt.spawn([&]() -> Task<> {
      while (!stop) co_await yield_now();
    });
    const Handle handle = rt.handle();
    std::thread foreign([&] {
      for (int i = 0; i < 100; ++i) {
        auto task = handle.spawn(number(i));
        EXPECT_EQ(handle.block_on(task).value(), i);
      }
    });
    rt.block_on([&]() -> Task<> {
      for (int i = 0; i < 100; ++i) {
        auto from_root = spawn(number(i));
        auto from_task = spawn(
            [](int n) -> Task<int> {
              auto inner = spawn(number(n));
              auto result = co_await inner;
              co_return result.value();
            },
            i);
        auto from_job = spawn_blocking([i] { return spawn(number(i)); });
        auto a = co_await from_root;
        auto b = co_await from_task;
        auto c = co_await from_job;
        auto d = co_await c.value();
        EXPECT_EQ(a.value() + b.value() + d.value(), 3 * i);
      }
    }());
    rt.block_on([&]() -> Task<> {
      auto joined = spawn_blocking([&] { foreign.join(); });
      (void)co_await joined;
    }());
    stop = true;
    EXPECT_TRUE(rt.block_on(load).has_value());
  });
}

TEST(R151, SelfWakingTasksStarveNeitherTimersNorOthers) {
  on_every_kind([](Runtime& rt) {
    std::atomic<bool> stop{false};
    std::vector<JoinHandle<void>> restless;
    for (int i = 0; i < 100; ++i) {
      restless.push_back(rt.spawn([&]() -> Task<> {
        co_await test_support::until([&](Context& cx) {
          if (stop) return true;
          cx.waker().wake();
          return false;
        });
      }));
    }
    auto timer = rt.spawn([]() -> Task<> { co_await time::sleep(2ms); });
    EXPECT_TRUE(rt.block_on(timer).has_value());
    stop = true;
    for (auto& task : restless) EXPECT_TRUE(rt.block_on(task).has_value());
  });
}

TEST(R151, TenThousandTasksMayBeWokenDuringShutdown) {
  for (const auto kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    AsyncEvent event;
    std::atomic<int> alive{0};
    std::optional<Runtime> rt = test_support::make_runtime(kind);
    for (int i = 0; i < 10'000; ++i) {
      (void)rt->spawn([&event](test_support::Counted) -> Task<> { co_await event.wait(); },
                      test_support::Counted(alive));
    }
    rt->block_on(event.until_waiting(10'000));
    std::thread waker([&] { event.set(); });
    rt.reset();
    waker.join();
    EXPECT_EQ(alive, 0);
  }
}

TEST(R151, OutstandingTasksAreDestroyedOnce) {
  for (const auto kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    AsyncEvent never;
    std::atomic<int> destroyed{0};
    {
      Runtime rt = test_support::make_runtime(kind);
      for (int i = 0; i < 100; ++i) {
        (void)rt.spawn([&]() -> Task<> {
          test_support::OnDestroy count([&] { ++destroyed; });
          co_await never.wait();
        });
      }
      rt.block_on(never.until_waiting(100));
      EXPECT_EQ(destroyed, 0);
    }
    EXPECT_EQ(destroyed, 100);
  }
}

TEST(R168, AwaitableMadeOutsideWorks) {
  on_every_kind([](Runtime& rt) {
    const auto before = std::chrono::steady_clock::now();
    rt.block_on(time::sleep(2ms));
    EXPECT_GE(std::chrono::steady_clock::now() - before, 2ms);
  });
}

TEST(R168, LvalueIsAwaitedInPlace) {
  on_every_kind([](Runtime& rt) {
    auto task = rt.spawn(number(8));
    EXPECT_EQ(rt.block_on(task).value(), 8);
    AsyncEvent event;
    event.set();
    auto wait = event.wait();
    rt.block_on(wait);
    rt.block_on(wait);
  });
}

}  // namespace
}  // namespace weft::runtime
