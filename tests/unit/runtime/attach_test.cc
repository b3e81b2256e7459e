// Threads that lend themselves to a runtime.
//
// Where a test has to know on which thread a task runs, it occupies the one configured worker with
// a Blocker, so that only the lent thread is left.

#include <atomic>
#include <barrier>
#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/attach_support.h>
#include <tests/unit/runtime/multi_thread_support.h>
#include <weft/runtime/runtime.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::Blocker;
using test_support::Event;
using test_support::LentThread;
using test_support::multi_thread;
using test_support::occupy_a_worker;
using test_support::this_thread;

TEST(R165, ALentThreadRunsTasksOfTheRuntime) {
  Blocker blocker;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  LentThread lent(rt);
  auto task = rt.spawn([]() -> Task<std::pair<std::thread::id, RuntimeId>> {
    co_return std::pair(std::this_thread::get_id(), Handle::current().id());
  });
  const auto [thread, id] = rt.block_on(task).value();
  EXPECT_EQ(thread, lent.id());
  EXPECT_EQ(id, rt.handle().id());
  blocker.release.set();
}

TEST(R165, ItsWorkerStandsBehindTheConfiguredOnes) {
  Blocker blocker;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  const RuntimeMetrics metrics = rt.metrics();
  EXPECT_EQ(metrics.num_workers(), 1U);
  {
    LentThread lent(rt);
    EXPECT_TRUE(rt.block_on(rt.spawn(this_thread)).has_value());
    EXPECT_EQ(metrics.num_workers(), 2U);
    EXPECT_EQ(metrics.worker_poll_count(1), 1U);
  }
  // What it has counted stays, and the next thread goes on with it.
  EXPECT_EQ(metrics.num_workers(), 2U);
  LentThread another(rt);
  EXPECT_EQ(rt.block_on(rt.spawn(this_thread)).value(), another.id());
  EXPECT_EQ(metrics.num_workers(), 2U);
  EXPECT_EQ(metrics.worker_poll_count(1), 2U);
  blocker.release.set();
}

TEST(R165, SeveralThreadsAreLentAtTheSameTime) {
  Blocker blocker;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  LentThread first(rt);
  LentThread second(rt);
  // Each task holds its thread until the other one runs.
  std::barrier both(2);
  const auto meet = [&both]() -> Task<std::thread::id> {
    both.arrive_and_wait();
    co_return std::this_thread::get_id();
  };
  auto one = rt.spawn(meet);
  auto other = rt.spawn(meet);
  const std::pair threads(rt.block_on(one).value(), rt.block_on(other).value());
  EXPECT_TRUE(threads == std::pair(first.id(), second.id()) ||
              threads == std::pair(second.id(), first.id()));
  EXPECT_EQ(rt.metrics().num_workers(), 3U);
  blocker.release.set();
}

TEST(R165, AStopRequestWakesASleepingThread) {
  Event parks;
  std::atomic<std::thread::id> lent_id;
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_thread_park([&] {
                     if (std::this_thread::get_id() == lent_id) parks.set();
                   })
                   .build()
                   .value();
  std::stop_source stop;
  std::optional<Error> error;
  std::thread lent([&] {
    lent_id = std::this_thread::get_id();
    error = rt.attach_current_thread(stop.get_token());
  });
  parks.wait();
  stop.request_stop();
  lent.join();
  EXPECT_FALSE(error.has_value());
}

TEST(R165, AStopRequestLetsTheTaskFinishItsResume) {
  Blocker on_worker;
  Blocker on_lent;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, on_worker);
  LentThread lent(rt);
  auto task = rt.spawn(on_lent.run());
  on_lent.running.wait();
  lent.request_stop();
  EXPECT_FALSE(task.is_finished());
  on_lent.release.set();
  EXPECT_FALSE(lent.join().has_value());
  EXPECT_TRUE(task.is_finished());
  on_worker.release.set();
}

TEST(R165, AStopRequestBeforehandMakesItReturnAtOnce) {
  std::atomic<int> started{0};
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_thread_start([&] { ++started; })
                   .build()
                   .value();
  EXPECT_TRUE(rt.block_on(rt.spawn(this_thread)).has_value());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
  EXPECT_EQ(rt.metrics().num_workers(), 1U);
  EXPECT_EQ(started, 1);
}

TEST(R165, ATaskMayRequestTheStop) {
  Blocker blocker;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  std::stop_source stop;
  auto task = rt.spawn([&stop]() -> Task<> {
    stop.request_stop();
    co_return;
  });
  EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
  EXPECT_TRUE(task.is_finished());
  blocker.release.set();
}

// One in the LIFO slot, some that have not begun, some woken, one that has yielded.
TEST(R165, WhoLeavesGivesAllQueuedTasksToTheOthers) {
  Blocker on_worker;
  Blocker on_lent;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, on_worker);
  std::stop_source stop;
  AsyncEvent go;
  AsyncEvent yields;
  std::vector<JoinHandle<std::thread::id>> tasks;
  for (int i = 0; i < 3; ++i) {
    tasks.push_back(rt.spawn([&go]() -> Task<std::thread::id> {
      co_await go.wait();
      co_return std::this_thread::get_id();
    }));
  }
  auto last = rt.spawn([&]() -> Task<> {
    co_await go.until_waiting(3);
    tasks.push_back(spawn([&]() -> Task<std::thread::id> {
      yields.set();
      co_await yield_now();
      co_return std::this_thread::get_id();
    }));
    co_await yields.wait();
    for (int i = 0; i < 3; ++i) tasks.push_back(spawn(this_thread));
    go.set();
    stop.request_stop();
  });
  EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
  EXPECT_TRUE(last.is_finished());
  ASSERT_EQ(tasks.size(), 7U);
  for (auto& task : tasks) EXPECT_FALSE(task.is_finished());
  on_worker.release.set();
  for (auto& task : tasks) EXPECT_NE(rt.block_on(task).value(), std::this_thread::get_id());
}

// The configured worker is stuck; the lent thread looks after the timers, and the tasks behind it.
TEST(R165, ALentThreadTakesTheDriver) {
  Blocker blocker;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  LentThread lent(rt);
  auto task = rt.spawn([]() -> Task<std::thread::id> {
    co_await time::sleep(1ms);
    co_return std::this_thread::get_id();
  });
  EXPECT_EQ(rt.block_on(task).value(), lent.id());
  blocker.release.set();
}

TEST(R165, WhoLeavesGivesTheDriverBack) {
  Blocker blocker;
  AsyncEvent begun;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  LentThread lent(rt);
  auto task = rt.spawn([&begun]() -> Task<> {
    begun.set();
    co_await time::sleep(20ms);
  });
  rt.block_on([](AsyncEvent& event) -> Task<> { co_await event.wait(); }(begun));
  lent.request_stop();
  EXPECT_FALSE(lent.join().has_value());
  blocker.release.set();
  EXPECT_TRUE(rt.block_on(task).has_value());
}

// --- The end of the runtime

TEST(R165, ItReturnsWhenTheRuntimeEndsWhichWaitsForIt) {
  Event parks;
  std::atomic<std::thread::id> lent_id;
  std::atomic<bool> stopped{false};
  std::optional<Runtime> rt = Builder::new_multi_thread()
                                  .worker_threads(1)
                                  .on_thread_park([&] {
                                    if (std::this_thread::get_id() == lent_id) parks.set();
                                  })
                                  .on_thread_stop([&] {
                                    if (std::this_thread::get_id() == lent_id) stopped = true;
                                  })
                                  .build()
                                  .value();
  std::optional<Error> error;
  std::thread lent([&] {
    lent_id = std::this_thread::get_id();
    error = rt->attach_current_thread(std::stop_token());
  });
  parks.wait();
  rt.reset();
  EXPECT_TRUE(stopped);
  lent.join();
  EXPECT_FALSE(error.has_value());
}

TEST(R165, TheRuntimeEndsAfterTheResumeOnALentThread) {
  Blocker on_worker;
  Blocker on_lent;
  std::optional<Runtime> rt = multi_thread(1);
  occupy_a_worker(*rt, on_worker);
  std::thread lent([&rt] { (void)rt->attach_current_thread(std::stop_token()); });
  auto task = rt->spawn(on_lent.run());
  on_lent.running.wait();
  on_worker.release.set();
  std::thread ends([&] {
    rt.reset();
    EXPECT_TRUE(task.is_finished());
  });
  on_lent.release.set();
  ends.join();
  lent.join();
}

TEST(R165, OnAStoppedRuntimeItReturnsAtOnce) {
  Runtime rt = multi_thread(1);
  rt.shutdown_background();
  EXPECT_FALSE(rt.attach_current_thread(std::stop_token()).has_value());
}

// --- block_in_place

TEST(R165, InBlockInPlaceTheOthersHaveItsTasks) {
  Blocker blocker;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  LentThread lent(rt);
  auto task = rt.spawn([&blocker]() -> Task<std::thread::id> {
    Event done;
    auto child = spawn([&done]() -> Task<std::thread::id> {  // in the LIFO slot: not stealable
      done.set();
      co_return std::this_thread::get_id();
    });
    blocker.release.set();
    block_in_place([&done] { done.wait(); });
    co_return (co_await child).value();
  });
  EXPECT_NE(rt.block_on(task).value(), lent.id());
}

TEST(R165, AfterBlockInPlaceItIsAWorkerAgain) {
  Blocker on_worker;
  Blocker on_lent;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, on_worker);
  LentThread lent(rt);
  EXPECT_TRUE(rt.block_on(rt.spawn([]() -> Task<> {
                  block_in_place([] {});
                  co_return;
                }))
                  .has_value());
  occupy_a_worker(rt, on_lent);
  on_worker.release.set();
  on_lent.release.set();
}

// The end cancels the task that is waited for, although the thread that waits was a worker.
TEST(R165, TheRuntimeMayEndWhileBlockInPlaceWaitsForATask) {
  Blocker blocker;
  Event blocks;
  std::optional<Runtime> rt = multi_thread(1);
  occupy_a_worker(*rt, blocker);
  std::thread lent([&rt] { (void)rt->attach_current_thread(std::stop_token()); });
  bool cancelled = false;
  (void)rt->spawn([&]() -> Task<> {
    AsyncEvent never;
    auto child = spawn([&never]() -> Task<> { co_await never.wait(); });
    block_in_place([&] {
      blocks.set();
      const JoinResult<void> result = Handle::current().block_on(std::move(child));
      cancelled = !result && result.error().is_cancelled();
    });
    co_return;
  });
  blocks.wait();
  blocker.release.set();
  rt.reset();
  lent.join();
  EXPECT_TRUE(cancelled);
}

TEST(R165, AStopRequestDuringBlockInPlaceIsObeyedAfterwards) {
  Blocker blocker;
  Event blocks;
  Event release;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  LentThread lent(rt);
  auto task = rt.spawn([&]() -> Task<> {
    block_in_place([&] {
      blocks.set();
      release.wait();
    });
    co_return;
  });
  blocks.wait();
  lent.request_stop();
  release.set();
  EXPECT_FALSE(lent.join().has_value());
  EXPECT_TRUE(task.is_finished());
  blocker.release.set();
}

TEST(R165, TheRuntimeMayEndDuringBlockInPlace) {
  Blocker blocker;
  Event blocks;
  Event release;
  std::optional<Runtime> rt = multi_thread(1);
  occupy_a_worker(*rt, blocker);
  std::thread lent([&rt] { (void)rt->attach_current_thread(std::stop_token()); });
  auto task = rt->spawn([&]() -> Task<> {
    block_in_place([&] {
      blocks.set();
      release.wait();
    });
    co_return;
  });
  blocks.wait();
  blocker.release.set();
  std::thread ends([&rt] { rt.reset(); });
  release.set();
  ends.join();
  lent.join();
  EXPECT_TRUE(task.is_finished());
}

}  // namespace
}  // namespace weft::runtime
