// Numbers about a runtime.

#include <weft/runtime/metrics.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/join_handle.h>
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
using test_support::multi_thread;
using test_support::on_every_kind;

TEST(R144, WorkersAreCounted) {
  EXPECT_EQ(current_thread().metrics().num_workers(), 1U);
  EXPECT_EQ(multi_thread(3).metrics().num_workers(), 3U);
}

TEST(R144, LiveTasksAreCounted) {
  on_every_kind([](Runtime& rt) {
    EXPECT_EQ(rt.metrics().num_alive_tasks(), 0U);
    AsyncEvent event;
    std::vector<JoinHandle<void>> tasks;
    for (int i = 0; i < 10; ++i) {
      tasks.push_back(
          rt.spawn([](AsyncEvent& e) -> Task<> { co_await e.wait(); }, std::ref(event)));
    }
    rt.block_on(event.until_waiting(10));
    EXPECT_EQ(rt.metrics().num_alive_tasks(), 10U);
    event.set();
    for (auto& task : tasks) EXPECT_TRUE(rt.block_on(task).has_value());
    const RuntimeMetrics after = rt.metrics();
    {
      const Runtime dying = std::move(rt);  // all counters are published when it has ended
    }
    EXPECT_EQ(after.num_alive_tasks(), 0U);
  });
}

TEST(R144, TasksInTheInjectionQueueAreCounted) {
  Runtime rt = current_thread();
  std::vector<JoinHandle<void>> tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(rt.spawn([]() -> Task<> { co_return; }));
  EXPECT_EQ(rt.metrics().global_queue_depth(), 5U);
  for (auto& task : tasks) EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(rt.metrics().global_queue_depth(), 0U);
}

TEST(R144, ParksAreCountedAndTheSumIsEvenWhileAwake) {
  Runtime rt = Builder::new_current_thread().enable_time().build().value();
  const RuntimeMetrics metrics = rt.metrics();
  const std::uint64_t before = metrics.worker_park_count(0);
  rt.block_on([](RuntimeMetrics of) -> Task<> {
    EXPECT_EQ(of.worker_park_unpark_count(0) % 2, 0U);
    co_await time::sleep(1ms);
    EXPECT_EQ(of.worker_park_unpark_count(0) % 2, 0U);
  }(metrics));
  EXPECT_GE(metrics.worker_park_count(0), before + 1);
  EXPECT_EQ(metrics.worker_park_unpark_count(0), 2 * metrics.worker_park_count(0));
}

TEST(R144, CountIsOddForAWorkerThatSleeps) {
  // The worker's own park hook tells that it is about to sleep; its count has been published then.
  Event parked;
  std::optional<RuntimeMetrics> metrics;
  std::atomic<std::uint64_t> count{0};
  Event ready;
  {
    Runtime rt = Builder::new_multi_thread()
                     .worker_threads(1)
                     .on_thread_park([&] {
                       ready.wait();
                       count = metrics->worker_park_unpark_count(0);
                       parked.set();
                     })
                     .build()
                     .value();
    metrics = rt.metrics();
    ready.set();
    parked.wait();
    EXPECT_EQ(count % 2, 1U);
    auto awake =
        rt.spawn([&]() -> Task<std::uint64_t> { co_return metrics->worker_park_unpark_count(0); });
    EXPECT_EQ(rt.block_on(awake).value() % 2, 0U);
  }
  EXPECT_EQ(metrics->worker_park_unpark_count(0) % 2, 0U) << "after shutdown";
}

TEST(R144, BusyTimeOfAWorkerGrows) {
  Runtime rt = multi_thread(1);
  const RuntimeMetrics metrics = rt.metrics();
  const auto started = std::chrono::steady_clock::now();
  {
    Runtime dying = std::move(rt);
    auto task = dying.spawn([]() -> Task<> {
      for (int i = 0; i < 100; ++i) co_await yield_now();
    });
    EXPECT_TRUE(dying.block_on(task).has_value());
  }
  EXPECT_GT(metrics.worker_total_busy_duration(0), 0ns);
  EXPECT_LE(metrics.worker_total_busy_duration(0), std::chrono::steady_clock::now() - started + 1s);
}

TEST(R144, AnotherWorkersNumberIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        (void)rt.metrics().worker_park_count(1);
      },
      "metrics_test\\.cc:[0-9]+: .*worker");
}

TEST(R146, CountersArePublishedAtShutdownAndReadableAfterIt) {
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt = multi_thread(1);
    metrics = rt.metrics();
    auto task = rt.spawn([]() -> Task<> {
      for (int i = 0; i < 10; ++i) co_await yield_now();
    });
    EXPECT_TRUE(rt.block_on(task).has_value());
  }
  EXPECT_EQ(metrics->worker_poll_count(0), 11U);
}

}  // namespace
}  // namespace weft::runtime
