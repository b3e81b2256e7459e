// The current_thread scheduler: one loop, on the thread that calls block_on.

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
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
using test_support::current_thread;
using test_support::Event;
using test_support::OnDestroy;
using test_support::until;

Task<int> number(int n) { co_return n; }

// Waits like `event.wait()` and counts how often it was polled.
Task<> counted_wait(AsyncEvent& event, int& polls) {
  auto wait = event.wait();
  auto leaf = wait.operator co_await();
  co_await until([&](Context& cx) {
    ++polls;
    return leaf.node().poll(cx);
  });
}

TEST(R47, SecondCallerTakesTheLoopOverWhenTheFirstLeaves) {
  Runtime rt = current_thread();
  AsyncEvent first_may_end;
  AsyncEvent task_may_end;
  Event first_drives;
  auto task = rt.spawn([&]() -> Task<int> {
    co_await task_may_end.wait();
    co_return 9;
  });
  std::thread first([&] {
    rt.block_on([&]() -> Task<> {
      first_drives.set();
      co_await first_may_end.wait();
    }());
  });
  first_drives.wait();
  std::thread second([&] { EXPECT_EQ(rt.block_on(task).value(), 9); });
  first_may_end.set();
  first.join();
  task_may_end.set();  // only the second can run the task now
  second.join();
}

TEST(R47, WaitingCallerEndsWithItsOwnFuture) {
  Runtime rt = current_thread();
  AsyncEvent first_may_end;
  Event first_drives;
  std::thread first([&] {
    rt.block_on([&]() -> Task<> {
      first_drives.set();
      co_await first_may_end.wait();
    }());
  });
  first_drives.wait();
  EXPECT_EQ(rt.block_on(number(4)), 4) << "although the loop is somebody else's";
  first_may_end.set();
  first.join();
}

TEST(R47, LoopIsPassedOnWhenTheFirstLeavesByAnException) {
  Runtime rt = current_thread();
  AsyncEvent first_may_end;
  AsyncEvent task_may_end;
  Event first_drives;
  auto task = rt.spawn([&]() -> Task<int> {
    co_await task_may_end.wait();
    co_return 9;
  });
  std::thread first([&] {
    EXPECT_THROW(rt.block_on([&]() -> Task<> {
      first_drives.set();
      co_await first_may_end.wait();
      throw std::runtime_error("leaves");
    }()),
                 std::runtime_error);
  });
  first_drives.wait();
  std::thread second([&] { EXPECT_EQ(rt.block_on(task).value(), 9); });
  first_may_end.set();
  first.join();
  task_may_end.set();
  second.join();
}

TEST(R48, RootIsLookedAtAfterEachEventInterval) {
  Runtime rt = Builder::new_current_thread().event_interval(10).build().value();
  int run = 0;
  int root_saw = -1;
  std::vector<JoinHandle<void>> tasks;
  rt.block_on([&]() -> Task<> {
    AsyncEvent event;
    (void)spawn([&]() -> Task<> {
      event.set();
      co_return;
    });
    for (int i = 0; i < 40; ++i) {
      tasks.push_back(spawn([&]() -> Task<> {
        ++run;
        co_return;
      }));
    }
    co_await event.wait();
    root_saw = run;
  }());
  EXPECT_EQ(root_saw, 9) << "ten tasks ran: the one that set the event and nine others";
}

TEST(R48, LocalQueueIsFirstInFirstOut) {
  Runtime rt = current_thread();
  std::vector<int> order;
  rt.block_on([&]() -> Task<> {
    std::vector<JoinHandle<void>> tasks;
    for (int i = 0; i < 5; ++i) {
      tasks.push_back(spawn([&order, i]() -> Task<> {
        order.push_back(i);
        co_return;
      }));
    }
    for (auto& task : tasks) (void)co_await task;
  }());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(R49, DoesNotParkWhileSomethingIsDeferredOrTheRootIsWoken) {
  std::atomic<int> parks{0};
  Runtime rt = Builder::new_current_thread().on_thread_park([&] { ++parks; }).build().value();
  rt.block_on([&]() -> Task<> {
    auto task = spawn([]() -> Task<> {
      for (int i = 0; i < 100; ++i) co_await yield_now();
    });
    for (int i = 0; i < 100; ++i) {
      co_await until([woken = false](Context& cx) mutable {
        if (std::exchange(woken, true)) return true;
        cx.waker().wake();
        return false;
      });
    }
    (void)co_await task;
  }());
  EXPECT_EQ(parks, 0);
}

TEST(R49, ParkHookRunsBeforeTheDecision) {
  AsyncEvent event;
  int hooks = 0;
  Runtime rt = Builder::new_current_thread()
                   .on_thread_park([&] {
                     ++hooks;
                     event.set();  // the root is woken here: sleeping now would be for ever
                   })
                   .build()
                   .value();
  rt.block_on([&]() -> Task<> { co_await event.wait(); }());
  EXPECT_EQ(hooks, 1);
}

TEST(R50, BusyTasksCauseNoResumeOfTheRoot) {
  Runtime rt = current_thread();
  AsyncEvent event;
  int polls = 0;
  rt.block_on([&]() -> Task<> {
    auto busy = spawn([&]() -> Task<> {
      for (int i = 0; i < 500; ++i) co_await yield_now();
      event.set();
    });
    co_await counted_wait(event, polls);
    (void)co_await busy;
  }());
  EXPECT_EQ(polls, 2);
}

TEST(R51, WakeOnTheRuntimesThreadGoesToTheLocalQueue) {
  Runtime rt = current_thread();
  rt.block_on([&]() -> Task<> {
    AsyncEvent event;
    auto task = spawn([&]() -> Task<> { co_await event.wait(); });
    co_await event.until_waiting(1);
    event.set();
    EXPECT_EQ(Handle::current().metrics().global_queue_depth(), 0U);
    (void)co_await task;
  }());
}

TEST(R51, WakeOnAnotherThreadGoesToTheInjectionQueueAndWakesTheDriver) {
  Runtime rt = current_thread();
  rt.block_on([&]() -> Task<> {
    AsyncEvent event;
    auto task = spawn([&]() -> Task<> { co_await event.wait(); });
    co_await event.until_waiting(1);
    std::thread([&] { event.set(); }).join();
    EXPECT_EQ(Handle::current().metrics().global_queue_depth(), 1U);
    (void)co_await task;
  }());
}

TEST(R51, WakeOnAnotherThreadEndsTheLoopsSleep) {
  Event parked;
  Runtime rt = Builder::new_current_thread().on_thread_park([&] { parked.set(); }).build().value();
  AsyncEvent event;
  auto task = rt.spawn([&]() -> Task<> { co_await event.wait(); });
  std::thread waker([&] {
    parked.wait();
    event.set();
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
  waker.join();
}

TEST(R52, WakingTheRootFromAnotherThreadEndsTheSleep) {
  std::optional<Event> parked;
  Runtime rt = Builder::new_current_thread().on_thread_park([&] { parked->set(); }).build().value();
  for (int round = 0; round < 20; ++round) {
    parked.emplace();
    AsyncEvent event;
    int polls = 0;
    std::thread waker([&] {
      parked->wait();
      event.set();
    });
    rt.block_on(counted_wait(event, polls));
    waker.join();
    EXPECT_EQ(polls, 2);
  }
}

TEST(R53, TasksRunInTheOrderInWhichTheyWereWoken) {
  Runtime rt = current_thread();
  std::vector<int> order;
  rt.block_on([&]() -> Task<> {
    AsyncEvent events[3];
    std::vector<JoinHandle<void>> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(spawn([&order, &events, i]() -> Task<> {
        co_await events[i].wait();
        order.push_back(i);
      }));
    }
    for (AsyncEvent& event : events) co_await event.until_waiting(1);
    for (const int i : {1, 2, 0}) events[i].set();
    for (auto& task : tasks) (void)co_await task;
  }());
  EXPECT_EQ(order, (std::vector<int>{1, 2, 0}));
}

TEST(R53, BetweenTwoBlockOnTasksStayWhereTheyAre) {
  Runtime rt = current_thread();
  int step = 0;
  AsyncEvent event;
  auto task = rt.spawn([&]() -> Task<> {
    step = 1;
    co_await event.wait();
    step = 2;
  });
  EXPECT_EQ(step, 0);
  rt.block_on(event.until_waiting(1));
  EXPECT_EQ(step, 1);
  event.set();
  EXPECT_EQ(step, 1);
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(step, 2);
}

TEST(R152, SpawnedTaskDoesNotRunWithoutBlockOn) {
  Runtime rt = current_thread();
  std::atomic<bool> ran{false};
  auto task = rt.spawn([&]() -> Task<> {
    ran = true;
    co_return;
  });
  EXPECT_FALSE(ran);
  EXPECT_FALSE(task.is_finished());
}

TEST(R152, NothingIsResumedWithoutAWakeUp) {
  Runtime rt = current_thread();
  AsyncEvent event;
  int polls = 0;
  auto task = rt.spawn(counted_wait(event, polls));
  rt.block_on([]() -> Task<> {
    for (int i = 0; i < 300; ++i) co_await yield_now();
  }());
  EXPECT_EQ(polls, 1);
  event.set();
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(polls, 2);
}

TEST(R152, TasksWhoseDestructorsWakeEachOtherAreDestroyed) {
  int destroyed = 0;
  AsyncEvent a;
  AsyncEvent b;
  {
    Runtime rt = current_thread();
    (void)rt.spawn([&]() -> Task<> {
      OnDestroy act([&] {
        b.set();
        ++destroyed;
      });
      co_await a.wait();
    });
    (void)rt.spawn([&]() -> Task<> {
      OnDestroy act([&] {
        a.set();
        ++destroyed;
      });
      co_await b.wait();
    });
    rt.block_on([&]() -> Task<> {
      co_await a.until_waiting(1);
      co_await b.until_waiting(1);
    }());
  }
  EXPECT_EQ(destroyed, 2);
}

TEST(R152, TasksThatHoldEachOthersHandlesAreFreedAtShutdown) {
  const std::size_t frames_before = internal::live_frames();
  {
    Runtime rt = current_thread();
    std::optional<JoinHandle<void>> second;
    AsyncEvent ready;
    auto first = rt.spawn([&]() -> Task<> {
      co_await ready.wait();
      auto handle = std::move(*second);
      (void)co_await handle;
    });
    second = rt.spawn([&](JoinHandle<void> handle) -> Task<> { (void)co_await handle; },
                      std::move(first));
    ready.set();
    rt.block_on([]() -> Task<> {
      for (int i = 0; i < 5; ++i) co_await yield_now();
    }());
    second.reset();
  }
  EXPECT_EQ(internal::live_frames(), frames_before);
}

}  // namespace
}  // namespace weft::runtime
