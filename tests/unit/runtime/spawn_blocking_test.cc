// The blocking pool, seen through spawn_blocking.

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

TEST(R121, JobsRunInTheOrderOfSubmission) {
  Runtime rt = Builder::new_current_thread().max_blocking_threads(1).build().value();
  std::vector<int> order;
  std::vector<JoinHandle<void>> jobs;
  for (int i = 0; i < 50; ++i)
    jobs.push_back(rt.spawn_blocking([&order, i] { order.push_back(i); }));
  for (auto& job : jobs) EXPECT_TRUE(rt.block_on(job).has_value());
  ASSERT_EQ(order.size(), 50U);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order[i], i);
}

TEST(R121, ThreadIsStartedOnlyIfNoneIsIdle) {
  std::atomic<int> started{0};
  Runtime rt = Builder::new_current_thread()
                   .thread_keep_alive(1h)
                   .on_thread_start([&] { ++started; })
                   .build()
                   .value();
  internal::BlockingPool& pool = rt.handle().scheduler().blocking();
  std::barrier together(3);
  std::vector<JoinHandle<void>> jobs;
  for (int i = 0; i < 2; ++i)
    jobs.push_back(rt.spawn_blocking([&] { together.arrive_and_wait(); }));
  together.arrive_and_wait();
  for (auto& job : jobs) EXPECT_TRUE(rt.block_on(job).has_value());
  EXPECT_EQ(started, 2);
  EXPECT_EQ(pool.num_threads(), 2U);
  // A job's result may be seen a moment before its thread is idle again; one of the two is.
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(rt.block_on(rt.spawn_blocking([] {})).has_value());
  EXPECT_LE(started, 3);
}

TEST(R122, IdleThreadTakesWorkBeforeItsTimeIsOver) {
  Runtime rt =
      Builder::new_current_thread().thread_keep_alive(1h).max_blocking_threads(1).build().value();
  const auto id = [] { return std::this_thread::get_id(); };
  const auto first = rt.block_on(rt.spawn_blocking(id)).value();
  EXPECT_EQ(rt.block_on(rt.spawn_blocking(id)).value(), first);
}

TEST(R122, IdleThreadEndsAndIsReplaced) {
  std::atomic<int> started{0};
  std::optional<Event> stopped;
  stopped.emplace();
  Runtime rt = Builder::new_current_thread()
                   .thread_keep_alive(1ms)
                   .on_thread_start([&] { ++started; })
                   .on_thread_stop([&] { stopped->set(); })
                   .build()
                   .value();
  EXPECT_TRUE(rt.block_on(rt.spawn_blocking([] {})).has_value());
  stopped->wait();
  EXPECT_TRUE(rt.block_on(rt.spawn_blocking([] {})).has_value());
  EXPECT_EQ(started, 2);
}

// A system without room for threads, for as long as it lives.
class NoThreads {
 public:
  NoThreads() = default;

 private:
  static sys::Table refusing() {
    sys::Table table;
    table.pthread_create = [](pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) {
      return EAGAIN;
    };
    return table;
  }
  const sys::Table table_ = refusing();
  const sys::TableScope scope_{table_};
};

TEST(R123, JobWaitsForAThreadThatExists) {
  Runtime rt = current_thread();
  Event started;
  Event release;
  auto first = rt.spawn_blocking([&] {
    started.set();
    release.wait();
  });
  started.wait();
  std::optional<JoinHandle<int>> second;
  {
    const NoThreads system;
    second = rt.spawn_blocking([] { return 2; });
  }
  release.set();
  EXPECT_EQ(rt.block_on(*second).value(), 2);
  EXPECT_TRUE(rt.block_on(first).has_value());
}

TEST(R123, WithoutAnyThreadItIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        const auto guard = rt.enter();
        const NoThreads system;
        (void)spawn_blocking([] {});
      },
      "spawn_blocking_test\\.cc:[0-9]+: .*spawn_blocking");
}

TEST(R124, JobsAreInTheirRuntimesContext) {
  on_every_kind([](Runtime& rt) {
    auto job = rt.spawn_blocking([id = rt.handle().id()] { return Handle::current().id() == id; });
    EXPECT_TRUE(rt.block_on(job).value());
    auto spawning = rt.spawn_blocking([] { return spawn(number(3)); });
    auto inner = rt.block_on(spawning).value();
    EXPECT_EQ(rt.block_on(inner).value(), 3);
    auto sleeping = rt.spawn([]() -> Task<> {
      // The timer's runtime must be driven meanwhile.
      auto job_handle = spawn_blocking([] { Handle::current().block_on(time::sleep(1ms)); });
      (void)co_await job_handle;
    });
    EXPECT_TRUE(rt.block_on(sleeping).has_value());
  });
}

TEST(R125, MandatoryJobsRunAndOthersAreCancelledAtShutdown) {
  std::optional<Runtime> rt = Builder::new_current_thread().max_blocking_threads(1).build().value();
  Event started;
  Event release;
  std::atomic<bool> ordinary_ran{false};
  std::atomic<bool> mandatory_ran{false};
  (void)rt->spawn_blocking([&] {
    started.set();
    release.wait();
  });
  started.wait();
  internal::Scheduler& scheduler = rt->handle().scheduler();
  const auto here = std::source_location::current();
  auto ordinary = internal::spawn_blocking_on(scheduler, here, false, [&] { ordinary_ran = true; });
  auto mandatory =
      internal::spawn_blocking_on(scheduler, here, true, [&] { mandatory_ran = true; });
  rt->shutdown_background();
  release.set();
  Runtime other = current_thread();
  EXPECT_TRUE(other.block_on(mandatory).has_value());
  EXPECT_TRUE(other.block_on(ordinary).error().is_cancelled());
  EXPECT_TRUE(mandatory_ran);
  EXPECT_FALSE(ordinary_ran);
}

TEST(R126, AfterShutdownTheHandleYieldsCancelled) {
  for (const auto kind : test_support::kKinds) {
    std::optional<Runtime> rt = test_support::make_runtime(kind);
    const Handle handle = rt->handle();
    rt.reset();
    std::atomic<int> alive{0};
    auto job = handle.spawn_blocking([](Counted) { return 1; }, Counted(alive));
    EXPECT_TRUE(job.is_finished());
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(handle.block_on(job).error().is_cancelled());
  }
}

TEST(R126, AbortBeforeTheStartPreventsItAndAfterItDoesNothing) {
  Runtime rt = Builder::new_current_thread().max_blocking_threads(1).build().value();
  Event started;
  Event release;
  auto running = rt.spawn_blocking([&] {
    started.set();
    release.wait();
    return 1;
  });
  started.wait();
  std::atomic<bool> ran{false};
  auto queued = rt.spawn_blocking([&] { ran = true; });
  running.abort();
  queued.abort();
  release.set();
  EXPECT_EQ(rt.block_on(running).value(), 1);
  EXPECT_TRUE(rt.block_on(queued).error().is_cancelled());
  EXPECT_FALSE(ran);
}

TEST(R126, JobsHaveNoBudgetLimit) {
  Runtime rt = current_thread();
  auto job = rt.spawn_blocking([] { return has_budget_remaining(); });
  EXPECT_TRUE(rt.block_on(job).value());
}

TEST(R127, PausedTimeStandsStillWhileAJobIsOutstanding) {
  Event parked;
  Runtime rt = Builder::new_current_thread()
                   .enable_time()
                   .start_paused(true)
                   .on_thread_park([&] { parked.set(); })
                   .build()
                   .value();
  rt.block_on([&]() -> Task<> {
    const time::Instant before = time::Clock::now();
    bool slept = false;
    auto sleeper = spawn([&]() -> Task<> {
      co_await time::sleep(1h);
      slept = true;
    });
    // The job ends only after the loop has parked with nothing but the timer to wait for.
    auto job = spawn_blocking([&] { parked.wait(); });
    (void)co_await job;
    EXPECT_FALSE(slept);
    EXPECT_EQ(time::Clock::now(), before);
    (void)co_await sleeper;
    EXPECT_GE(time::Clock::now(), before + 1h);
  }());
}

TEST(R127, JobThatThrowsLetsTimeAdvanceAgainAwaitedOrNot) {
  Runtime rt = test_support::paused_current_thread();
  rt.block_on([]() -> Task<> {
    const time::Instant before = time::Clock::now();
    (void)spawn_blocking([] { throw std::runtime_error("job"); });
    (void)spawn_blocking([] {});
    co_await time::sleep(1h);
    EXPECT_GE(time::Clock::now(), before + 1h);
  }());
}

TEST(T15, JobRunsOnAnotherThreadAndYieldsItsValue) {
  on_every_kind([](Runtime& rt) {
    auto job = rt.spawn_blocking(
        [](std::string a, const std::string& b) {
          return std::pair(a + b, std::this_thread::get_id());
        },
        "left", std::string("right"));
    const auto [text, thread] = rt.block_on(job).value();
    EXPECT_EQ(text, "leftright");
    EXPECT_NE(thread, std::this_thread::get_id());
  });
}

TEST(T15, OutsideARuntimeItIsFatal) {
  EXPECT_DEATH((void)spawn_blocking([] {}), "spawn_blocking_test\\.cc:[0-9]+: .*spawn_blocking");
}

TEST(T15, ExceptionOfAJobIsItsResult) {
  Runtime rt = current_thread();
  auto job = rt.spawn_blocking([]() -> int { throw std::runtime_error("job"); });
  const auto result = rt.block_on(job);
  EXPECT_THROW(result.error().rethrow(), std::runtime_error);
}

TEST(T16, JobsMaySpawnJobsAndReturnHandles) {
  on_every_kind([](Runtime& rt) {
    auto outer = rt.spawn_blocking([] { return spawn_blocking([] { return 8; }); });
    auto inner = rt.block_on(outer).value();
    EXPECT_EQ(rt.block_on(inner).value(), 8);
  });
}

TEST(T16, ThousandsOfJobsRunOneAfterTheOtherOnOneThread) {
  Runtime rt = Builder::new_current_thread().max_blocking_threads(1).build().value();
  int sum = 0;
  std::vector<JoinHandle<void>> jobs;
  for (int i = 0; i < 3000; ++i) jobs.push_back(rt.spawn_blocking([&sum] { ++sum; }));
  for (auto& job : jobs) EXPECT_TRUE(rt.block_on(job).has_value());
  EXPECT_EQ(sum, 3000);
}

TEST(T17, OtherBranchesOfTheTaskWait) {
  Runtime rt = multi_thread(2);
  auto task = rt.spawn([]() -> Task<std::vector<std::string>> {
    std::vector<std::string> order;
    co_await join(
        [](std::vector<std::string>& log) -> Task<> {
          block_in_place([&] { log.emplace_back("in place"); });
          co_return;
        }(order),
        [](std::vector<std::string>& log) -> Task<> {
          log.emplace_back("sibling");
          co_return;
        }(order));
    co_return order;
  });
  const auto order = rt.block_on(task).value();
  EXPECT_EQ(order, (std::vector<std::string>{"in place", "sibling"}));
}

TEST(T19, RuntimeMayBeDestroyedInPlace) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<int> {
    co_return block_in_place([] {
      Runtime inner = multi_thread(1);
      return inner.block_on(inner.spawn(number(9))).value();
    });
  });
  EXPECT_EQ(rt.block_on(task).value(), 9);
}

}  // namespace
}  // namespace weft
