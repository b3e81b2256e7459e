// What is counted about a runtime and its workers.

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <pthread.h>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/io_driver_support.h>
#include <tests/unit/runtime/metrics_support.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/scheduler/worker_metrics.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::builder_of;
using test_support::current_thread;
using test_support::Event;
using test_support::Kind;
using test_support::kKinds;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::paused_current_thread;

Task<> use_up_a_budget() {
  for (int i = 0; i < 128; ++i) co_await consume_budget();
}

TEST(R145, SpawnedTasksAreCountedWhereverTheyCameFrom) {
  on_every_kind([](Runtime& rt) {
    std::vector<JoinHandle<void>> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(rt.spawn([]() -> Task<> {
        const auto inner = co_await spawn(nothing());
        inner.value();
      }));
    }
    for (auto& task : tasks) rt.block_on(task).value();
    EXPECT_EQ(rt.metrics().spawned_tasks_count(), 6U);
  });
}

TEST(R145, RemoteSchedulesAreSpawnsAndWakesByOtherThreads) {
  AsyncEvent event;
  Runtime rt = current_thread();
  const RuntimeMetrics metrics = rt.metrics();
  auto first = rt.spawn([](AsyncEvent& e) -> Task<> { co_await e.wait(); }, std::ref(event));
  auto second = rt.spawn([](AsyncEvent& e) -> Task<> { co_await e.wait(); }, std::ref(event));
  EXPECT_EQ(metrics.remote_schedule_count(), 2U);
  rt.block_on(event.until_waiting(2));
  EXPECT_EQ(metrics.remote_schedule_count(), 2U);
  std::jthread([&] { event.set(); }).join();
  EXPECT_EQ(metrics.remote_schedule_count(), 4U);
  rt.block_on(first).value();
  rt.block_on(second).value();
  EXPECT_EQ(metrics.remote_schedule_count(), 4U);
}

TEST(R145, RemoteSchedulesOfAMultiThreadRuntimeAreCounted) {
  Runtime rt = multi_thread(2);
  for (int i = 0; i < 5; ++i) {
    auto task = rt.spawn([]() -> Task<> {
      const auto inner = co_await spawn(nothing());
      inner.value();
    });
    rt.block_on(task).value();
  }
  // What tasks spawn on a worker is none of them; a join may wake from another worker, not from a
  // foreign thread.
  EXPECT_EQ(rt.metrics().remote_schedule_count(), 5U);
}

TEST(R145, LocalSchedulesAreSpawnsWakesAndYieldsOnTheWorker) {
  Runtime rt = current_thread();
  const RuntimeMetrics metrics = rt.metrics();
  rt.block_on([](RuntimeMetrics of) -> Task<> {
    AsyncEvent event;
    auto waiting = spawn([](AsyncEvent& e) -> Task<> { co_await e.wait(); }, std::ref(event));
    EXPECT_EQ(of.worker_local_schedule_count(0), 1U);
    co_await event.until_waiting(1);
    event.set();
    EXPECT_EQ(of.worker_local_schedule_count(0), 2U);
    const auto waited = co_await waiting;
    waited.value();
    const auto yielded = co_await spawn(yield_times(3));
    yielded.value();
    EXPECT_EQ(of.worker_local_schedule_count(0), 6U);
    EXPECT_EQ(of.worker_spawn_count(0), 2U);
  }(metrics));
  EXPECT_EQ(metrics.remote_schedule_count(), 0U);
}

TEST(R145, LocalSchedulesOfAMultiThreadWorkerAreCounted) {
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt = undisturbed_worker().build().value();
    metrics = rt.metrics();
    auto task = rt.spawn([]() -> Task<> {
      co_await yield_times(2);
      AsyncEvent event;
      auto waiting = spawn([](AsyncEvent& e) -> Task<> { co_await e.wait(); }, std::ref(event));
      co_await event.until_waiting(1);
      event.set();
      const auto waited = co_await waiting;
      waited.value();
    });
    rt.block_on(task).value();
  }
  // Two yields; a spawn; this task by the observer; the other by the event; this one by its end.
  EXPECT_EQ(metrics->worker_local_schedule_count(0), 6U);
  EXPECT_EQ(metrics->worker_spawn_count(0), 1U);
}

TEST(R145, ForcedYieldsAreCountedOncePerBudget) {
  on_every_kind([](Runtime& rt) {
    const RuntimeMetrics metrics = rt.metrics();
    EXPECT_EQ(metrics.budget_forced_yield_count(), 0U);
    auto task = rt.spawn(use_up_a_budget());
    rt.block_on(task).value();
    EXPECT_EQ(metrics.budget_forced_yield_count(), 1U);
    rt.block_on(use_up_a_budget());
    EXPECT_EQ(metrics.budget_forced_yield_count(), 2U) << "outside a task";
  });
}

TEST(R145, BlockingThreadsAreCountedWithoutTheWorkers) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::optional<RuntimeMetrics> metrics;
    Event running;
    Event release;
    {
      Runtime rt = builder_of(kind).max_blocking_threads(1).build().value();
      metrics = rt.metrics();
      EXPECT_EQ(metrics->num_blocking_threads(), 0U);
      EXPECT_EQ(metrics->num_idle_blocking_threads(), 0U);
      auto job = rt.spawn_blocking([&] {
        running.set();
        release.wait();
      });
      running.wait();
      EXPECT_EQ(metrics->num_blocking_threads(), 1U);
      EXPECT_EQ(metrics->num_idle_blocking_threads(), 0U);
      EXPECT_EQ(metrics->blocking_queue_depth(), 0U);
      auto next = rt.spawn_blocking([] {});
      EXPECT_EQ(metrics->blocking_queue_depth(), 1U) << "there may be no second thread";
      release.set();
      rt.block_on(job).value();
      rt.block_on(next).value();
      EXPECT_EQ(metrics->blocking_queue_depth(), 0U);
    }
    EXPECT_EQ(metrics->num_blocking_threads(), 0U);
    EXPECT_EQ(metrics->num_idle_blocking_threads(), 0U) << "after shutdown";
  }
}

TEST(R145, ThreadsOfTheBlockingPoolBecomeIdle) {
  Runtime rt = current_thread();
  // The last job is joined before its thread has begun to wait for the next, but not always.
  while (rt.metrics().num_idle_blocking_threads() == 0) {
    auto job = rt.spawn_blocking([] {});
    rt.block_on(job).value();
  }
  EXPECT_GE(rt.metrics().num_blocking_threads(), rt.metrics().num_idle_blocking_threads());
}

TEST(R145, WorkerHasNoThreadBeforeItsFirst) {
  Runtime rt = current_thread();
  const RuntimeMetrics metrics = rt.metrics();
  EXPECT_EQ(metrics.worker_thread_id(0), std::nullopt);
  rt.block_on(nothing());
  EXPECT_EQ(metrics.worker_thread_id(0), ::pthread_self());
  std::jthread([&] { rt.block_on(nothing()); }).join();
  EXPECT_NE(metrics.worker_thread_id(0), ::pthread_self());
}

TEST(R145, ThreadOfAWorkerFollowsHandOff) {
  Runtime rt = multi_thread(1);
  const RuntimeMetrics metrics = rt.metrics();
  auto task = rt.spawn([&]() -> Task<> {
    const ::pthread_t before = ::pthread_self();
    EXPECT_EQ(metrics.worker_thread_id(0), before);
    std::optional<::pthread_t> other;
    Event ran;
    (void)spawn(
        [](std::optional<::pthread_t>& thread, Event& event) -> Task<> {
          thread = ::pthread_self();
          event.set();
          co_return;
        },
        std::ref(other), std::ref(ran));
    block_in_place([&] {
      ran.wait();
      EXPECT_EQ(metrics.worker_thread_id(0), other);
      EXPECT_NE(metrics.worker_thread_id(0), before);
    });
    co_return;
  });
  rt.block_on(task).value();
}

TEST(R145, LocalQueueDepthOfCurrentThreadIsWhatWaits) {
  Runtime rt = current_thread();
  rt.block_on([](RuntimeMetrics of) -> Task<> {
    EXPECT_EQ(of.worker_local_queue_depth(0), 0U);
    auto first = spawn(nothing());
    auto second = spawn(nothing());
    auto third = spawn(nothing());
    EXPECT_EQ(of.worker_local_queue_depth(0), 3U);
    const auto joined = co_await third;
    joined.value();
    EXPECT_EQ(of.worker_local_queue_depth(0), 0U);
  }(rt.metrics()));
}

TEST(R145, LocalQueueDepthLeavesTheLifoSlotOut) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn(
      [](RuntimeMetrics of) -> Task<> {
        EXPECT_EQ(of.worker_local_queue_depth(0), 0U);
        for (int i = 0; i < 5; ++i) (void)spawn(nothing());
        EXPECT_EQ(of.worker_local_queue_depth(0), 4U);
        co_return;
      },
      rt.metrics());
  rt.block_on(task).value();
}

TEST(R145, ParkWithoutAPollSinceTheLastOneIsANoop) {
  Runtime rt = paused_current_thread();
  const RuntimeMetrics metrics = rt.metrics();
  rt.block_on([]() -> Task<> {
    // The root is no task: the worker is woken three times and has polled none.
    for (int i = 0; i < 3; ++i) co_await time::sleep(1s);
  }());
  EXPECT_GE(metrics.worker_park_count(0), 3U);
  EXPECT_EQ(metrics.worker_noop_count(0), metrics.worker_park_count(0) - 1);
}

TEST(R145, ParkAfterAPollIsNoNoop) {
  internal::WorkerMetrics metrics{internal::RuntimeConfig()};
  internal::ParkCount parks;
  const auto noops_after_park = [&] {
    parks.park(metrics);
    parks.unpark(metrics);
    return internal::value_of(metrics.noops);
  };
  EXPECT_EQ(noops_after_park(), 0U) << "the first";
  internal::add(metrics.polls);
  EXPECT_EQ(noops_after_park(), 0U);
  EXPECT_EQ(noops_after_park(), 1U);
  internal::add(metrics.polls, 5);
  EXPECT_EQ(noops_after_park(), 1U);
  EXPECT_EQ(noops_after_park(), 2U);
  EXPECT_EQ(internal::value_of(metrics.park_unpark_count), 10U);
}

TEST(R145, FirstSleepOfAWorkerIsNoNoop) {
  Event parked;
  Runtime rt = Builder::new_multi_thread()
                   .worker_threads(1)
                   .on_thread_park([&] { parked.set(); })
                   .build()
                   .value();
  parked.wait();
  EXPECT_EQ(rt.metrics().worker_noop_count(0), 0U);
}

TEST(R145, StolenTasksAndStealsAreCounted) {
  Runtime rt = multi_thread(2);
  const RuntimeMetrics metrics = rt.metrics();
  auto task = rt.spawn([]() -> Task<> {
    std::atomic<int> ran{0};
    Event nine;
    for (int i = 0; i < 10; ++i) {
      (void)spawn(
          [](std::atomic<int>& count, Event& event) -> Task<> {
            if (++count == 9) event.set();
            co_return;
          },
          std::ref(ran), std::ref(nine));
    }
    // The last of them is in the LIFO slot; the other worker takes the rest.
    nine.wait();
    while (ran != 10) co_await yield_now();
  });
  rt.block_on(task).value();
  EXPECT_GE(sum(metrics, &RuntimeMetrics::worker_steal_count), 9U);
  EXPECT_GE(sum(metrics, &RuntimeMetrics::worker_steal_operations), 1U);
  EXPECT_LE(sum(metrics, &RuntimeMetrics::worker_steal_operations),
            sum(metrics, &RuntimeMetrics::worker_steal_count));
}

TEST(R145, NobodyStealsFromTheOnlyWorker) {
  on_every_kind([](Runtime& rt) {
    if (rt.metrics().num_workers() > 1) return;
    for (int i = 0; i < 20; ++i) {
      auto task = rt.spawn(yield_times(3));
      rt.block_on(task).value();
    }
    EXPECT_EQ(rt.metrics().worker_steal_count(0), 0U);
    EXPECT_EQ(rt.metrics().worker_steal_operations(0), 0U);
  });
}

TEST(R145, OverflowsOfAFullQueueAreCounted) {
  AsyncEvent event;
  Runtime rt = multi_thread(1);
  const RuntimeMetrics metrics = rt.metrics();
  std::vector<JoinHandle<void>> tasks;
  // One goes to the LIFO slot, 256 into the queue, and the next one finds it full.
  for (int i = 0; i < 258; ++i) {
    tasks.push_back(rt.spawn([](AsyncEvent& e) -> Task<> { co_await e.wait(); }, std::ref(event)));
  }
  rt.block_on(event.until_waiting(258));
  EXPECT_EQ(metrics.worker_overflow_count(0), 0U);
  auto setter = rt.spawn(
      [](AsyncEvent& e) -> Task<> {
        e.set();
        co_return;
      },
      std::ref(event));
  rt.block_on(setter).value();
  for (auto& task : tasks) rt.block_on(task).value();
  EXPECT_EQ(metrics.worker_overflow_count(0), 1U);
}

TEST(R145, DescriptorsAreCountedWhenRegisteredAndWhenNot) {
  Runtime rt = current_thread();
  const RuntimeMetrics metrics = rt.metrics();
  internal::IoDriver& io = rt.handle().scheduler().driver().io();
  EXPECT_EQ(metrics.io_driver_fd_registered_count(), 0U);
  auto [reader, writer] = sys::pipe2(O_CLOEXEC | O_NONBLOCK).value();
  {
    auto made = internal::IoRegistration::create(io, std::move(reader), internal::IoKind::kPipe,
                                                 Interest::kReadable);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(metrics.io_driver_fd_registered_count(), 1U);
    EXPECT_EQ(metrics.io_driver_fd_deregistered_count(), 0U);
  }
  EXPECT_EQ(metrics.io_driver_fd_registered_count(), 1U);
  EXPECT_EQ(metrics.io_driver_fd_deregistered_count(), 1U);
}

TEST(R145, RefusedDescriptorIsNotCounted) {
  Runtime rt = current_thread();
  internal::IoDriver& io = rt.handle().scheduler().driver().io();
  OwnedFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const auto refused =
      internal::IoRegistration::create(io, std::move(file), internal::IoKind::kPipe);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(rt.metrics().io_driver_fd_registered_count(), 0U);
  EXPECT_EQ(rt.metrics().io_driver_fd_deregistered_count(), 0U);
}

TEST(R145, ReadyEventsAreThoseOfDescriptors) {
  internal::TestDriver test;
  auto [reader, writer] = sys::pipe2(O_CLOEXEC | O_NONBLOCK).value();
  const auto watched = test.watch(std::move(reader), internal::IoKind::kPipe, Interest::kReadable);
  test.turn();
  EXPECT_EQ(test.driver->ready_events(), 0U);
  test.driver->unpark();
  test.turn();
  EXPECT_EQ(test.driver->ready_events(), 0U) << "an unpark is no event";
  sys::write(writer.borrow(), internal::bytes("x")).value();
  test.turn();
  EXPECT_EQ(test.driver->ready_events(), 1U);
}

TEST(R145, RuntimeReportsTheEventsOfItsDriver) {
  Runtime rt = current_thread();
  internal::IoDriver& io = rt.handle().scheduler().driver().io();
  auto [reader, writer] = sys::pipe2(O_CLOEXEC | O_NONBLOCK).value();
  const auto watched = internal::IoRegistration::create(
      io, std::move(reader), internal::IoKind::kPipe, Interest::kReadable);
  ASSERT_TRUE(watched.has_value());
  EXPECT_EQ(rt.metrics().io_driver_ready_count(), 0U);
  sys::write(writer.borrow(), internal::bytes("x")).value();
  EXPECT_TRUE(rt.block_on(watched->readable()).has_value());
  EXPECT_EQ(rt.metrics().io_driver_ready_count(), 1U);
}

}  // namespace
}  // namespace weft::runtime
