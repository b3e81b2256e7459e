// pool_executor, executor_from, and what threads of foreign pools may do with a Handle.

#include <weft/runtime/executors/pool_executor.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/executors.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/on.h>
#include <weft/runtime/runtime.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::executor_from;
using runtime::pool_executor;
using test_support::Event;
using test_support::FunctionPool;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;

Task<int> number(int n) { co_return n; }

// Pools of other shapes. Each keeps what it is given, to be run by the test.
struct Enqueues {
  template <class F>
  std::future<void> enqueue(F&& function) {
    std::packaged_task<void()> job(std::forward<F>(function));
    std::future<void> future = job.get_future();
    jobs.push_back(
        [shared = std::make_shared<std::packaged_task<void()>>(std::move(job))] { (*shared)(); });
    return future;
  }
  std::vector<std::function<void()>> jobs;
};
struct Posts {
  void post(const std::function<void()>& function) { jobs.push_back(function); }
  std::vector<std::function<void()>> jobs;
};

template <class Pool>
void check_runs_in(Pool& pool) {
  MockTask task;
  Polled polled(on(pool_executor(pool), number(3)));
  EXPECT_FALSE(polled.poll(task));
  ASSERT_EQ(pool.jobs.size(), 1u);
  pool.jobs[0]();
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take(), 3);
}

TEST(R183, APoolThatSubmits) {
  FunctionPool pool(1);
  EXPECT_EQ(runtime::block_on_this_thread(on(pool_executor(pool), number(1))), 1);
  EXPECT_EQ(pool.submitted(), 1u);
}
TEST(R183, APoolThatEnqueues) {
  Enqueues pool;
  check_runs_in(pool);
}
TEST(R183, APoolThatPosts) {
  Posts pool;
  check_runs_in(pool);
}

TEST(R183, AnExecutorFromAFunction) {
  MockTask task;
  std::vector<std::pair<int, std::function<void()>>> jobs;
  auto low = executor_from([&jobs](auto call) { jobs.emplace_back(19, std::move(call)); });
  Polled polled(on(low, number(4)));
  EXPECT_FALSE(polled.poll(task));
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].first, 19);
  jobs[0].second();
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take(), 4);
}

TEST(R183, CopiesAreOneCall) {
  MockTask task;
  Posts pool;
  Polled polled(on(pool_executor(pool), number(1)));
  EXPECT_FALSE(polled.poll(task));
  const std::function<void()> copy = pool.jobs[0];
  pool.jobs[0]();
  copy();
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(polled.poll(task));
}

TEST(R183, ACallWhoseCopiesAreAllDestroyedEndsTheWait) {
  MockTask task;
  Posts pool;
  Polled polled(on(pool_executor(pool), number(1)));
  EXPECT_FALSE(polled.poll(task));
  pool.jobs.push_back(pool.jobs[0]);
  pool.jobs.pop_back();
  EXPECT_FALSE(task.take_woken());
  pool.jobs.clear();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(polled.poll(task));
  EXPECT_THROW(polled.take(), RuntimeGone);
}

TEST(R151, ThreadsOfAPoolSpawn) {
  on_every_kind([](runtime::Runtime& rt) {
    FunctionPool pool(4);
    constexpr int kTasks = 200;
    std::vector<std::optional<JoinHandle<int>>> handles(kTasks);
    std::atomic<int> missing{kTasks};
    Event all_spawned;
    for (int i = 0; i < kTasks; ++i) {
      pool.submit([&, i, handle = rt.handle()] {
        handles[static_cast<std::size_t>(i)].emplace(handle.spawn(number, i));
        if (--missing == 0) all_spawned.set();
      });
    }
    all_spawned.wait();
    for (int i = 0; i < kTasks; ++i) {
      EXPECT_EQ(rt.block_on(*handles[static_cast<std::size_t>(i)]).value(), i);
    }
  });
}

TEST(R31, ThreadsOfAPoolBlockOnTasks) {
  const runtime::Runtime rt = test_support::multi_thread(2);
  std::atomic<int> sum{0};
  {
    FunctionPool pool(4);
    for (int i = 1; i <= 100; ++i) {
      pool.submit([&sum, i, handle = rt.handle()] {
        sum += handle.block_on([](int n) -> Task<int> {
          co_await time::sleep(1ms);
          const auto spawned = co_await spawn(number(n));
          co_return spawned.value();
        }(i));
      });
    }
  }  // when all of it has run
  EXPECT_EQ(sum.load(), 5050);
}

// --- block_on_this_thread

TEST(R184, AwaitsOnTheCallingThread) {
  const auto caller = std::this_thread::get_id();
  const auto id = runtime::block_on_this_thread(
      []() -> Task<std::thread::id> { co_return std::this_thread::get_id(); }());
  EXPECT_EQ(id, caller);
  EXPECT_FALSE(runtime::block_on_this_thread(
      []() -> Task<bool> { co_return runtime::Handle::try_current().has_value(); }()));
}

TEST(R184, WaitsForOtherThreads) {
  test_support::AsyncEvent event;
  std::thread other([&event] {
    runtime::block_on_this_thread(event.until_waiting(1));
    event.set();
  });
  runtime::block_on_this_thread(event.wait());
  other.join();
}

TEST(R184, ExceptionsComeOut) {
  const auto fails = []() -> Task<int> {
    throw std::runtime_error("no");
    co_return 0;
  };
  EXPECT_THROW(runtime::block_on_this_thread(fails()), std::runtime_error);
}

TEST(R184, WhatNeedsARuntimeIsFatal) {
  EXPECT_DEATH(runtime::block_on_this_thread([]() -> Task<> { co_await time::sleep(1ms); }()),
               "there is no reactor running");
}

TEST(R184, InsideAsyncCodeItIsFatalAtTheCallersLine) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::current_thread();
        rt.block_on([]() -> Task<> {
          runtime::block_on_this_thread(number(1));
          co_return;
        }());
      },
      "pool_executor_test.cc.*block_on_this_thread: cannot block the current thread");
}

}  // namespace
}  // namespace weft
