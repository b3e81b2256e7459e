// Shutting down: what destructors may do meanwhile, and that every task is found.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::Event;
using test_support::Kind;
using test_support::kKinds;
using test_support::OnDestroy;

Task<int> number(int n) { co_return n; }

// A task that holds `alive` and waits for ever.
Task<> wait_for_ever(Counted, AsyncEvent& never) { co_await never.wait(); }

template <class F>
void on_every_kind_built(F&& test) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::optional<Runtime> rt = test_support::make_runtime(kind);
    test(rt);
  }
}

TEST(R43, FramesMayWakeAbortSpawnAndDropHandlesWhileTheyAreDestroyed) {
  const std::size_t frames_before = internal::live_frames();
  on_every_kind_built([](std::optional<Runtime>& rt) {
    AsyncEvent never;
    AsyncEvent other;
    std::atomic<int> destroyed{0};
    std::vector<JoinHandle<void>> victims;
    for (int i = 0; i < 10; ++i) {
      victims.push_back(rt->spawn([&]() -> Task<> {
        OnDestroy count([&] { ++destroyed; });
        co_await other.wait();
      }));
    }
    for (int i = 0; i < 10; ++i) {
      (void)rt->spawn(
          [&](JoinHandle<void> victim) -> Task<> {
            OnDestroy act([&] {
              for (Waker& waker : other.wakers()) std::move(waker).wake();
              victim.abort();
              (void)spawn(number(1));
              {
                JoinHandle<void> dropped = std::move(victim);
              }
              ++destroyed;
            });
            co_await never.wait();
          },
          std::move(victims[i]));
    }
    rt->block_on([&]() -> Task<> {
      co_await never.until_waiting(10);
      co_await other.until_waiting(10);
    }());
    rt.reset();
    EXPECT_EQ(destroyed, 20);
  });
  EXPECT_EQ(internal::live_frames(), frames_before);
}

TEST(R44, RuntimeInAThreadLocalShutsDownWithItsThread) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::atomic<int> alive{0};
    AsyncEvent never;
    std::thread([&] {
      thread_local std::optional<Runtime> rt;
      rt = test_support::make_runtime(kind);
      (void)rt->spawn(wait_for_ever(Counted(alive), never));
      rt->block_on(never.until_waiting(1));
    }).join();
    EXPECT_EQ(alive, 0);
  }
}

TEST(R45, LeftThreadsKeepWhatTheyUse) {
  on_every_kind_built([](std::optional<Runtime>& rt) {
    Event started;
    auto release = std::make_shared<Event>();
    auto answered = std::make_shared<Event>();
    auto cancelled = std::make_shared<std::atomic<bool>>(false);
    (void)rt->spawn_blocking([&started, release, answered, cancelled] {
      started.set();
      release->wait();
      // The context is still there: spawning is refused, not undefined.
      auto task = spawn(number(1));
      *cancelled = task.is_finished();
      answered->set();
    });
    started.wait();
    rt->shutdown_timeout(0s);
    rt.reset();
    release->set();
    answered->wait();
    EXPECT_TRUE(*cancelled);
  });
}

TEST(R46, TimersThrowRuntimeGoneAfterShutdown) {
  on_every_kind_built([](std::optional<Runtime>& rt) {
    std::optional<decltype(time::sleep(1h))> sleep;
    {
      const auto guard = rt->enter();
      sleep = time::sleep(1h);
    }
    rt.reset();
    Runtime other = test_support::current_thread();
    EXPECT_THROW(other.block_on(std::move(*sleep)), RuntimeGone);
  });
}

TEST(R119, EachRuntimesShutdownFindsItsOwnTasksAndNoOthers) {
  std::atomic<int> alive_a{0};
  std::atomic<int> alive_b{0};
  AsyncEvent never;
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::optional<Runtime> a = test_support::make_runtime(kind);
    std::optional<Runtime> b = test_support::make_runtime(kind);
    for (int i = 0; i < 500; ++i) {  // their frames lie side by side
      (void)a->spawn(wait_for_ever(Counted(alive_a), never));
      (void)b->spawn(wait_for_ever(Counted(alive_b), never));
    }
    const auto settle = [&](Runtime& rt, std::size_t waiting) {
      rt.block_on([](AsyncEvent& event, std::size_t count) -> Task<> {
        co_await event.until_waiting(count);
      }(never, waiting));
    };
    if (kind == Kind::kCurrentThread) {
      settle(*a, 500);
    }
    settle(*b, 1000);
    a.reset();
    EXPECT_EQ(alive_a, 0);
    EXPECT_EQ(alive_b, 500);
    b.reset();
    EXPECT_EQ(alive_b, 0);
  }
}

TEST(R119, LargeFramesAreFoundToo) {
  struct Large {
    std::byte bytes[8000] = {};
  };
  on_every_kind_built([](std::optional<Runtime>& rt) {
    std::atomic<int> alive{0};
    AsyncEvent never;
    for (int i = 0; i < 10; ++i) {
      (void)rt->spawn(
          [&never](Counted, Large large) -> Task<> {
            co_await never.wait();
            large.bytes[0] = std::byte(1);
          },
          Counted(alive), Large());
    }
    rt->block_on(never.until_waiting(10));
    EXPECT_EQ(alive, 10);
    rt.reset();
    EXPECT_EQ(alive, 0);
  });
}

TEST(R119, ShutdownBesideAnotherRuntimeThatSpawnsAndEndsTasks) {
  Runtime busy = test_support::multi_thread(2);
  std::atomic<bool> stop{false};
  std::vector<JoinHandle<long>> spawners;
  for (int i = 0; i < 2; ++i) {
    spawners.push_back(busy.spawn([&]() -> Task<long> {
      long sum = 0;
      while (!stop) {
        auto child = spawn(number(1));
        auto result = co_await child;
        sum += result.value();
      }
      co_return sum;
    }));
  }
  std::atomic<int> alive{0};
  AsyncEvent never;
  for (int round = 0; round < 20; ++round) {
    Runtime rt = test_support::multi_thread(1);
    for (int i = 0; i < 50; ++i) (void)rt.spawn(wait_for_ever(Counted(alive), never));
  }
  EXPECT_EQ(alive, 0);
  stop = true;
  for (auto& spawner : spawners) EXPECT_GE(busy.block_on(spawner).value(), 0);
}

TEST(R120, AbortFromElsewhereDestroysTheFrameOnARuntimeThread) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Runtime rt = test_support::make_runtime(kind);
    AsyncEvent never;
    std::thread::id destroyer;
    auto task = rt.spawn([&]() -> Task<> {
      OnDestroy look([&] { destroyer = std::this_thread::get_id(); });
      co_await never.wait();
    });
    rt.block_on(never.until_waiting(1));
    std::thread::id aborter;
    std::thread([&] {
      aborter = std::this_thread::get_id();
      task.abort();
    }).join();
    EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
    EXPECT_NE(destroyer, aborter);
    if (kind == Kind::kCurrentThread) {
      EXPECT_EQ(destroyer, std::this_thread::get_id());
    } else {
      EXPECT_NE(destroyer, std::this_thread::get_id());
    }
  }
}

}  // namespace
}  // namespace weft::runtime
