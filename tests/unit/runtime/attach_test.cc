// Threads that lend themselves to a runtime.
//
// Where a test has to know on which thread a task runs, it occupies the one configured worker with
// a Blocker, so that only the lent thread is left.

#include <atomic>
#include <barrier>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/multi_thread_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/runtime.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::Blocker;
using test_support::Event;
using test_support::multi_thread;

// A thread that is lent to `rt`, which outlives it, until it is asked to stop.
class LentThread {
 public:
  explicit LentThread(Runtime& rt)
      : thread_([this, &rt](std::stop_token stop) {
          error_ = rt.attach_current_thread(std::move(stop));
        }) {}

  std::thread::id id() const { return thread_.get_id(); }
  void request_stop() { thread_.request_stop(); }
  // Until attach_current_thread() has returned.
  std::optional<Error> join() {
    thread_.join();
    return error_;
  }

 private:
  std::optional<Error> error_;
  std::jthread thread_;  // last: it uses the others
};

Task<std::thread::id> this_thread() { co_return std::this_thread::get_id(); }

// Returns when `rt` has a worker that runs `blocker`.
void occupy_a_worker(Runtime& rt, Blocker& blocker) {
  (void)rt.spawn(blocker.run());
  blocker.running.wait();
}

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

// --- Hooks, errors, misuse

TEST(R165, ThreadHooksAreCalledAroundIt) {
  std::mutex mutex;
  std::vector<std::pair<std::thread::id, std::string>> log;
  const auto note = [&](std::string what) {
    const std::lock_guard lock(mutex);
    log.emplace_back(std::this_thread::get_id(), std::move(what));
  };
  Blocker blocker;
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_thread_start([&] { note("start"); })
                   .on_thread_stop([&] { note("stop"); })
                   .build()
                   .value();
  occupy_a_worker(rt, blocker);
  std::stop_source stop;
  (void)rt.spawn([&]() -> Task<> {
    note("task");
    stop.request_stop();
    co_return;
  });
  EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
  std::vector<std::string> own;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [thread, what] : log) {
      if (thread == std::this_thread::get_id()) own.push_back(what);
    }
  }
  EXPECT_EQ(own, (std::vector<std::string>{"start", "task", "stop"}));
  EXPECT_FALSE(Handle::try_current().has_value());
  blocker.release.set();
}

TEST(R165, WithoutADescriptorItFailsAndLeavesTheRuntimeAlone) {
  Runtime rt = multi_thread(1);
  std::stop_source stop;
  {
    sys::Table table;
    table.epoll_create1 = [](int) {
      errno = EMFILE;
      return -1;
    };
    const sys::TableScope scope(table);
    const std::optional<Error> error = rt.attach_current_thread(stop.get_token());
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(*error, std::errc::too_many_files_open);
  }
  EXPECT_EQ(rt.metrics().num_workers(), 1U);
  Blocker blocker;
  occupy_a_worker(rt, blocker);
  LentThread lent(rt);
  EXPECT_EQ(rt.block_on(rt.spawn(this_thread)).value(), lent.id());
  blocker.release.set();
}

TEST(R165, UnderAnEnterGuardItIsAllowed) {
  Blocker blocker;
  Runtime rt = multi_thread(1);
  occupy_a_worker(rt, blocker);
  std::stop_source stop;
  auto task = rt.spawn([&stop]() -> Task<> {
    stop.request_stop();
    co_return;
  });
  const auto entered = rt.enter();
  EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
  EXPECT_TRUE(task.is_finished());
  blocker.release.set();
}

TEST(R165, OneMayFollowAnotherUpToTheLimit) {
  Blocker blocker;
  Runtime rt =
      Builder::new_multi_thread().worker_threads(1).max_attached_threads(1).build().value();
  occupy_a_worker(rt, blocker);
  for (int i = 0; i < 3; ++i) {
    std::stop_source stop;
    auto task = rt.spawn([&stop]() -> Task<> {
      stop.request_stop();
      co_return;
    });
    EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
    EXPECT_TRUE(task.is_finished());
  }
  blocker.release.set();
}

TEST(R165, BeyondTheLimitItIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt =
            Builder::new_multi_thread().worker_threads(1).max_attached_threads(0).build().value();
        rt.attach_current_thread(std::stop_token());
      },
      "attach_test\\.cc:[0-9]+: .*Builder::max_attached_threads");
  EXPECT_DEATH(
      {
        Blocker blocker;
        Runtime rt =
            Builder::new_multi_thread().worker_threads(1).max_attached_threads(1).build().value();
        occupy_a_worker(rt, blocker);
        LentThread lent(rt);
        EXPECT_TRUE(rt.block_on(rt.spawn(this_thread)).has_value());
        rt.attach_current_thread(std::stop_token());
      },
      "attach_test\\.cc:[0-9]+: .*Builder::max_attached_threads");
}

TEST(R165, OnAThreadThatDrivesAsyncCodeItIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto attach = [](Runtime& rt) -> Task<> {
    rt.attach_current_thread(std::stop_token());
    co_return;
  };
  EXPECT_DEATH(
      {
        Runtime rt = multi_thread(1);
        rt.block_on(attach(rt));
      },
      "attach_test\\.cc:[0-9]+: .*drives async code already");
  EXPECT_DEATH(
      {
        Runtime rt = multi_thread(1);
        (void)rt.block_on(rt.spawn(attach(rt)));
      },
      "attach_test\\.cc:[0-9]+: .*drives async code already");
}

TEST(R165, ACurrentThreadRuntimeHasNoWorkers) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::current_thread();
        rt.attach_current_thread(std::stop_token());
      },
      "attach_test\\.cc:[0-9]+: .*only a multi_thread runtime");
}

TEST(R165, ALentThreadMustNotWaitForTheEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Blocker blocker;
        Runtime rt = multi_thread(1);
        occupy_a_worker(rt, blocker);
        (void)rt.spawn([&]() -> Task<> {
          blocker.release.set();
          block_in_place([&rt] { rt.shutdown_timeout(1h); });
          co_return;
        });
        rt.attach_current_thread(std::stop_token());
      },
      "on a thread that is attached to it");
}

}  // namespace
}  // namespace weft::runtime
