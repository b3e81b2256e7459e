// How often a worker polls, and how long that takes it.

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/metrics_support.h>
#include <weft/runtime/context.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/scope.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::builder_of;
using test_support::current_thread;
using test_support::Event;
using test_support::Kind;
using test_support::kKinds;
using test_support::multi_thread;

TEST(R145, PollsAreCounted) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::optional<RuntimeMetrics> metrics;
    {
      Runtime rt = builder_of(kind).build().value();
      metrics = rt.metrics();
      for (int i = 0; i < 20; ++i) {
        auto task = rt.spawn(yield_times(2));
        rt.block_on(task).value();
      }
    }
    EXPECT_EQ(sum(*metrics, &RuntimeMetrics::worker_poll_count), 60U);
  }
}

TEST(R145, MeanPollTimeIsThatOfPolls) {
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt = multi_thread(1);
    metrics = rt.metrics();
    EXPECT_EQ(metrics->worker_mean_poll_time(0), 0ns);
    auto task = rt.spawn(spin(2ms));
    rt.block_on(task).value();
  }
  EXPECT_GE(metrics->worker_mean_poll_time(0), 2ms);
  EXPECT_LE(metrics->worker_mean_poll_time(0), metrics->worker_total_busy_duration(0));
}

TEST(R145, MeanPollTimeOfCurrentThreadIsZero) {
  Runtime rt = current_thread();
  auto task = rt.spawn(spin(1ms));
  rt.block_on(task).value();
  EXPECT_EQ(rt.metrics().worker_mean_poll_time(0), 0ns);
  EXPECT_GE(rt.metrics().worker_total_busy_duration(0), 1ms);
}

TEST(R145, EachPollIsASampleOfThePollTimes) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::optional<RuntimeMetrics> metrics;
    {
      Runtime rt = builder_of(kind)
                       .metrics_poll_time_histogram(HistogramConfiguration::linear(2ms, 2))
                       .build()
                       .value();
      metrics = rt.metrics();
      for (int i = 0; i < 5; ++i) {
        auto task = rt.spawn(yield_times(1));
        rt.block_on(task).value();
      }
      auto slow = rt.spawn(spin(2ms));
      rt.block_on(slow).value();
    }
    std::uint64_t all = 0;
    std::uint64_t slow = 0;
    std::chrono::nanoseconds total{};
    for (std::size_t worker = 0; worker < metrics->num_workers(); ++worker) {
      slow += metrics->poll_time_histogram_bucket_count(worker, 1);
      all += metrics->poll_time_histogram_bucket_count(worker, 0) +
             metrics->poll_time_histogram_bucket_count(worker, 1);
      total += metrics->poll_time_histogram_sum(worker);
    }
    EXPECT_EQ(all, 11U);
    EXPECT_EQ(all, sum(*metrics, &RuntimeMetrics::worker_poll_count));
    EXPECT_GE(slow, 1U);
    EXPECT_GE(total, 2ms);
  }
}

TEST(R145, PollThatHandsItsWorkerOffIsMeasuredUpToThere) {
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt = Builder::new_multi_thread()
                     .worker_threads(1)
                     .metrics_poll_time_histogram(HistogramConfiguration::linear(1h, 2))
                     .build()
                     .value();
    metrics = rt.metrics();
    auto task = rt.spawn([]() -> Task<> {
      Event ran;
      (void)spawn(
          [](Event& event) -> Task<> {
            event.set();
            co_return;
          },
          std::ref(ran));
      block_in_place([&] { ran.wait(); });
      co_return;
    });
    rt.block_on(task).value();
  }
  EXPECT_EQ(metrics->worker_poll_count(0), 2U);
  EXPECT_EQ(metrics->poll_time_histogram_bucket_count(0, 0), 2U);
}

TEST(R146, WhatRunsFromTheLifoSlotBelongsToThePollBeforeIt) {
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt = undisturbed_worker()
                     .metrics_poll_time_histogram(HistogramConfiguration::linear(1h, 2))
                     .metrics_schedule_latency_histogram(HistogramConfiguration::linear(1h, 2))
                     .build()
                     .value();
    metrics = rt.metrics();
    Event ran;
    auto task = rt.spawn(
        [](Event& event) -> Task<> {
          (void)spawn(
              [](Event& last) -> Task<> {
                last.set();
                co_return;
              },
              std::ref(event));
          co_return;
        },
        std::ref(ran));
    ran.wait();
    rt.block_on(task).value();
  }
  EXPECT_EQ(metrics->worker_poll_count(0), 1U);
  EXPECT_EQ(metrics->poll_time_histogram_bucket_count(0, 0), 1U);
  EXPECT_EQ(metrics->schedule_latency_histogram_bucket_count(0, 0), 2U) << "one of each task";
}

TEST(R146, ChildrenThatRunInsideTheirScopesPollArePartOfIt) {
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt = undisturbed_worker()
                     .metrics_poll_time_histogram(HistogramConfiguration::linear(1h, 2))
                     .metrics_schedule_latency_histogram(HistogramConfiguration::linear(1h, 2))
                     .build()
                     .value();
    metrics = rt.metrics();
    auto task = rt.spawn([]() -> Task<> {
      co_await scope([](Scope& s) {
        for (int i = 0; i < 5; ++i) s.spawn(nothing());
      });
    });
    rt.block_on(task).value();
  }
  EXPECT_EQ(metrics->worker_spawn_count(0), 5U);
  EXPECT_EQ(metrics->worker_poll_count(0), 1U);
  EXPECT_EQ(metrics->poll_time_histogram_bucket_count(0, 0), 1U);
  EXPECT_EQ(metrics->schedule_latency_histogram_bucket_count(0, 0), 6U);
}

TEST(R146, BusyTimeIsAccountedForWhileAWorkerStaysBusy) {
  Runtime rt =
      Builder::new_multi_thread().worker_threads(1).event_interval(1).enable_all().build().value();
  auto task = rt.spawn(
      [](RuntimeMetrics metrics) -> Task<> {
        const std::chrono::nanoseconds before = metrics.worker_total_busy_duration(0);
        const std::uint64_t parks = metrics.worker_park_count(0);
        co_await spin(1ms);
        for (int i = 0; i < 3; ++i) co_await yield_now();
        EXPECT_GE(metrics.worker_total_busy_duration(0), before + 1ms);
        EXPECT_EQ(metrics.worker_park_count(0), parks) << "and has not slept";
      },
      rt.metrics());
  rt.block_on(task).value();
}

TEST(R146, WithoutTheLifoSlotEachResumeIsAPoll) {
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt = undisturbed_worker().disable_lifo_slot().build().value();
    metrics = rt.metrics();
    auto task = rt.spawn([]() -> Task<> {
      const auto inner = co_await spawn(nothing());
      inner.value();
    });
    rt.block_on(task).value();
  }
  EXPECT_EQ(metrics->worker_poll_count(0), 3U);
}

TEST(R146, WhatTheDriversTurnWokeBelongsToNoPollBefore) {
  // Woken outside of polls, by their deferred wakers: each resume is a poll of its own.
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt = undisturbed_worker().build().value();
    metrics = rt.metrics();
    auto task = rt.spawn([]() -> Task<> {
      for (int i = 0; i < 10; ++i) {
        bool deferred = false;
        co_await test_support::until([&deferred](Context& cx) {
          if (deferred) return true;
          deferred = true;
          // As a combinator, which polls its parts with wakers of its own.
          const Waker waker = cx.clone_waker();
          Context(waker, cx).defer();
          return false;
        });
      }
    });
    rt.block_on(task).value();
  }
  EXPECT_EQ(metrics->worker_poll_count(0), 11U);
}

}  // namespace
}  // namespace weft::runtime
