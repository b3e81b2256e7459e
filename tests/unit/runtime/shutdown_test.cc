// Shutting down: what happens to tasks, blocking jobs, handles and late wake-ups.

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

TEST(R37, DestructorWaitsForBlockingJobsThatHaveStarted) {
  on_every_kind_built([](std::optional<Runtime>& rt) {
    Event started;
    Event release;
    std::atomic<bool> ended{false};
    (void)rt->spawn_blocking([&] {
      started.set();
      release.wait();
      ended = true;
    });
    started.wait();
    std::thread destroyer([&] { rt.reset(); });
    release.set();
    destroyer.join();
    EXPECT_TRUE(ended);
  });
}

TEST(R37, TimeoutWaitsAtMostThatLong) {
  on_every_kind_built([](std::optional<Runtime>& rt) {
    Event started;
    auto release = std::make_shared<Event>();
    auto ended = std::make_shared<Event>();
    (void)rt->spawn_blocking([&started, release, ended] {
      started.set();
      release->wait();
      ended->set();
    });
    started.wait();
    rt->shutdown_timeout(5ms);
    EXPECT_FALSE(ended->is_set()) << "it returned although the job goes on";
    release->set();
    ended->wait();
  });
}

TEST(R37, BackgroundDoesNotWait) {
  on_every_kind_built([](std::optional<Runtime>& rt) {
    Event started;
    auto release = std::make_shared<Event>();
    auto ended = std::make_shared<Event>();
    (void)rt->spawn_blocking([&started, release, ended] {
      started.set();
      release->wait();
      ended->set();
    });
    started.wait();
    rt->shutdown_background();
    EXPECT_FALSE(ended->is_set());
    release->set();
    ended->wait();
  });
}

TEST(R38, SuspendedTasksAreDestroyedAndTheirHandlesSayCancelled) {
  on_every_kind_built([](std::optional<Runtime>& rt) {
    std::atomic<int> alive{0};
    AsyncEvent never;
    std::vector<JoinHandle<void>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(rt->spawn(wait_for_ever(Counted(alive), never)));
    rt->block_on(never.until_waiting(100));
    EXPECT_EQ(alive, 100);
    rt.reset();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(never.waiting(), 0U);
    Runtime other = test_support::current_thread();
    for (auto& task : tasks) EXPECT_TRUE(other.block_on(task).error().is_cancelled());
  });
}

TEST(R38, TasksThatNeverRanAreDestroyedUnrun) {
  std::atomic<int> alive{0};
  std::atomic<int> ran{0};
  Event running;
  Event release;
  Event worker_ended;
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_thread_stop([&] { worker_ended.set(); })
                   .build()
                   .value();
  (void)rt.spawn([&]() -> Task<> {
    running.set();
    release.wait();
    co_return;
  });
  running.wait();
  for (int i = 0; i < 10; ++i) {
    (void)rt.spawn(
        [&ran](Counted) -> Task<> {
          ++ran;
          co_return;
        },
        Counted(alive));
  }
  rt.shutdown_background();
  release.set();
  worker_ended.wait();
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(alive, 0);
}

TEST(R38, TasksOfACurrentThreadRuntimeThatNeverRanAreDestroyedUnrun) {
  std::atomic<int> alive{0};
  std::atomic<int> ran{0};
  {
    Runtime rt = test_support::current_thread();
    for (int i = 0; i < 10; ++i) {
      (void)rt.spawn(
          [&ran](Counted) -> Task<> {
            ++ran;
            co_return;
          },
          Counted(alive));
    }
    EXPECT_EQ(alive, 10);
  }
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(alive, 0);
}

TEST(R38, RunningTaskEndsItsResumeFirst) {
  Runtime rt = test_support::multi_thread(1);
  Event running;
  Event release;
  std::atomic<bool> resume_ended{false};
  AsyncEvent never;
  auto task = rt.spawn([&]() -> Task<> {
    running.set();
    release.wait();
    resume_ended = true;
    co_await never.wait();
  });
  running.wait();
  {
    Runtime dying = std::move(rt);
    std::thread releaser([&] { release.set(); });
    releaser.join();
  }
  EXPECT_TRUE(resume_ended);
  Runtime other = test_support::current_thread();
  EXPECT_TRUE(other.block_on(task).error().is_cancelled());
}

TEST(R38, QueuedBlockingJobsAreCancelled) {
  std::optional<Runtime> rt = Builder::new_current_thread().max_blocking_threads(1).build().value();
  Event started;
  Event release;
  std::atomic<bool> ran{false};
  std::atomic<int> alive{0};
  auto first = rt->spawn_blocking([&] {
    started.set();
    release.wait();
  });
  started.wait();
  auto second = rt->spawn_blocking([&ran](Counted) { ran = true; }, Counted(alive));
  rt->shutdown_background();
  release.set();
  Runtime other = test_support::current_thread();
  EXPECT_TRUE(other.block_on(second).error().is_cancelled());
  EXPECT_TRUE(other.block_on(first).has_value());
  EXPECT_FALSE(ran);
  EXPECT_EQ(alive, 0);
}

TEST(R39, ShutdownWakesSleepingWorkersAndJoinsThem) {
  std::atomic<int> started{0};
  std::atomic<int> stopped{0};
  {
    Runtime rt = Builder::new_multi_thread()
                     .worker_threads(4)
                     .on_thread_start([&] { ++started; })
                     .on_thread_stop([&] { ++stopped; })
                     .build()
                     .value();
    EXPECT_EQ(rt.block_on(rt.spawn(number(1))).value(), 1);
  }
  EXPECT_EQ(started, 4);
  EXPECT_EQ(stopped, 4);
}

TEST(R39, TasksAreDestroyedByThreadsOfTheRuntime) {
  std::mutex mutex;
  std::vector<std::thread::id> workers;
  std::vector<std::thread::id> destroyers;
  AsyncEvent never;
  {
    Runtime rt = Builder::new_multi_thread()
                     .worker_threads(2)
                     .on_thread_start([&] {
                       const std::lock_guard lock(mutex);
                       workers.push_back(std::this_thread::get_id());
                     })
                     .build()
                     .value();
    for (int i = 0; i < 20; ++i) {
      (void)rt.spawn([&]() -> Task<> {
        OnDestroy record([&] {
          const std::lock_guard lock(mutex);
          destroyers.push_back(std::this_thread::get_id());
        });
        co_await never.wait();
      });
    }
    rt.block_on(never.until_waiting(20));
  }
  EXPECT_EQ(destroyers.size(), 20U);
  for (const auto id : destroyers) {
    EXPECT_NE(std::find(workers.begin(), workers.end(), id), workers.end());
  }
}

TEST(R40, SpawnRacingShutdownIsRunOrCancelledAndNothingIsLeft) {
  const std::size_t frames_before = internal::live_frames();
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    for (int round = 0; round < 30; ++round) {
      std::optional<Runtime> rt = test_support::make_runtime(kind);
      Event go;
      std::vector<JoinHandle<int>> tasks;
      std::thread spawner([&, handle = rt->handle()] {
        go.set();
        for (int i = 0; i < 200; ++i) tasks.push_back(handle.spawn(number(i)));
      });
      go.wait();
      rt.reset();
      spawner.join();
      Runtime other = test_support::current_thread();
      for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(tasks[i].is_finished());
        const JoinResult<int> result = other.block_on(tasks[i]);
        if (result.has_value()) {
          EXPECT_EQ(*result, i);
        } else {
          EXPECT_TRUE(result.error().is_cancelled());
        }
      }
    }
  }
  EXPECT_EQ(internal::live_frames(), frames_before);
}

TEST(R40, SpawnAfterShutdownIsCancelledAtOnce) {
  on_every_kind_built([](std::optional<Runtime>& rt) {
    const Handle handle = rt->handle();
    rt.reset();
    std::atomic<int> alive{0};
    AsyncEvent never;
    auto task = handle.spawn(wait_for_ever(Counted(alive), never));
    EXPECT_TRUE(task.is_finished());
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(handle.block_on(task).error().is_cancelled());
  });
}

TEST(R41, WakersMayBeUsedAndDroppedAfterTheRuntimeIsGone) {
  const std::size_t frames_before = internal::live_frames();
  on_every_kind_built([](std::optional<Runtime>& rt) {
    std::vector<Waker> kept;
    std::mutex mutex;
    auto task = rt->spawn([&]() -> Task<> {
      co_await test_support::until([&](Context& cx) {
        const std::lock_guard lock(mutex);
        for (int i = 0; i < 3; ++i) kept.push_back(cx.clone_waker());
        return false;
      });
    });
    rt->block_on([&]() -> Task<> {
      for (;;) {
        {
          const std::lock_guard lock(mutex);
          if (!kept.empty()) break;
        }
        co_await yield_now();
      }
    }());
    rt.reset();
    kept[0].wake();
    std::move(kept[1]).wake();
    kept.clear();
    EXPECT_TRUE(task.is_finished());
  });
  EXPECT_EQ(internal::live_frames(), frames_before);
}

TEST(R42, DestructorsInFramesSeeTheRuntimeAsTheCurrentOne) {
  on_every_kind_built([](std::optional<Runtime>& rt) {
    const auto id = rt->handle().id();
    std::atomic<int> seen{0};
    AsyncEvent never;
    (void)rt->spawn([&]() -> Task<> {
      OnDestroy look([&] {
        const auto current = Handle::try_current();
        if (current.has_value() && current->id() == id) ++seen;
      });
      co_await never.wait();
    });
    rt->block_on(never.until_waiting(1));
    rt.reset();
    EXPECT_EQ(seen, 1);
  });
}

TEST(R42, CurrentThreadTasksAreDestroyedByTheThreadThatDestroysIt) {
  std::optional<Runtime> rt = test_support::current_thread();
  AsyncEvent never;
  std::thread::id destroyer;
  (void)rt->spawn([&]() -> Task<> {
    OnDestroy look([&] { destroyer = std::this_thread::get_id(); });
    co_await never.wait();
  });
  rt->block_on([]() -> Task<> { co_await yield_now(); }());
  rt.reset();
  EXPECT_EQ(destroyer, std::this_thread::get_id());
}

TEST(R42, TimeoutWaitsForBlockingThreadsBeforeTasksGo) {
  // One of two blocking threads is idle. It ends when the shutdown begins, and the other's job
  // looks then whether the task is still there.
  Event idle_thread_ended;
  Runtime rt = Builder::new_current_thread()
                   .thread_keep_alive(1h)
                   .on_thread_stop([&] { idle_thread_ended.set(); })
                   .build()
                   .value();
  AsyncEvent never;
  std::atomic<bool> task_alive{true};
  (void)rt.spawn([&]() -> Task<> {
    OnDestroy look([&] { task_alive = false; });
    co_await never.wait();
  });
  rt.block_on(never.until_waiting(1));
  std::atomic<bool> alive_at_the_end{false};
  Event second_started;
  auto first = rt.spawn_blocking([&] { second_started.wait(); });
  (void)rt.spawn_blocking([&] {
    second_started.set();
    idle_thread_ended.wait();
    alive_at_the_end = task_alive.load();
  });
  EXPECT_TRUE(rt.block_on(first).has_value());
  rt.shutdown_timeout(40s);
  EXPECT_TRUE(alive_at_the_end);
  EXPECT_FALSE(task_alive);
}

}  // namespace
}  // namespace weft::runtime
