// LocalSet: tasks that spawn, timers, workers and other threads around it.
//
// Spec: T-31, R-120.

#include <weft/task/local_set.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/task/local_set_support.h>
#include <weft/runtime/local_runtime.h>
#include <weft/runtime/runtime.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using test_support::on_every_kind;
using test_support::OnDestroy;
using namespace local_set_support;

// --- T-31: scenarios

Task<> nest(int depth, std::thread::id home, int& leaves) {
  EXPECT_EQ(std::this_thread::get_id(), home);
  if (depth == 0) {
    ++leaves;
    co_return;
  }
  auto child = spawn_local(nest(depth - 1, home, leaves));
  const auto result = co_await child;
  EXPECT_TRUE(result.has_value());
}

TEST(T31, NestedLocalSpawnsStayOnTheThread) {
  on_every_kind([](runtime::Runtime& rt) {
    LocalSet set;
    int leaves = 0;
    set.block_on(rt, [](int& counter) -> Task<> {
      std::vector<JoinHandle<void>> handles;
      for (int i = 0; i < 128; ++i) {
        handles.push_back(spawn_local(nest(4, std::this_thread::get_id(), counter)));
      }
      const auto results = co_await join_all(handles);
      for (const auto& result : results) EXPECT_TRUE(result.has_value());
    }(leaves));
    EXPECT_EQ(leaves, 128);
  });
}

TEST(T31, ALocalTasksHandleIsAwaitedOnAWorker) {
  const runtime::Runtime rt = test_support::multi_thread(2);
  LocalSet set;
  JoinHandle<int> local = set.spawn_local(number(9));
  JoinHandle<int> on_worker = rt.spawn([](JoinHandle<int> handle) -> Task<int> {
    const auto result = co_await handle;
    co_return *result;
  }(std::move(local)));
  rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
  EXPECT_EQ(*rt.block_on(on_worker), 9);
}

TEST(T31, TimersFireInside) {
  const runtime::Runtime rt = test_support::paused_current_thread();
  LocalSet set;
  int runs = 0;
  set.spawn_local([](int& counter) -> Task<> {
    co_await time::sleep(5ms);
    ++counter;
  }(runs));
  set.block_on(rt, time::sleep(10ms));
  EXPECT_EQ(runs, 1);
}

TEST(T31, ASetInAThreadLocalEndsWithTheThread) {
  std::atomic<int> alive = 0;
  AsyncEvent never;
  std::thread([&] {
    struct Kept {
      std::optional<runtime::Runtime> rt;
      LocalSet set;
    };
    thread_local std::optional<Kept> kept;
    kept.emplace();
    kept->rt.emplace(test_support::current_thread());
    kept->set.spawn_local(wait_counted(never, alive));
    kept->set.block_on(*kept->rt, never.until_waiting(1));
    EXPECT_EQ(alive.load(), 1);
  }).join();
  EXPECT_EQ(alive.load(), 0);
}

TEST(T31, ManyLocalTasksAreWokenFromElsewhereAfterTheFirstTurn) {
  on_every_kind([](runtime::Runtime& rt) {
    LocalSet set;
    AsyncEvent event;
    int runs = 0;
    for (int i = 0; i < 500; ++i) set.spawn_local(wait_then_count(event, runs));
    std::thread foreign;
    set.block_on(rt, [](AsyncEvent& e, std::thread& thread) -> Task<> {
      co_await e.until_waiting(500);
      thread = std::thread([&e] { e.set(); });
    }(event, foreign));
    rt.block_on([](LocalSet& s) -> Task<> { co_await s; }(set));
    foreign.join();
    EXPECT_EQ(runs, 500);
  });
}

TEST(T31, SpawningFromOutsideWakesAPendingSet) {
  const runtime::Runtime rt = test_support::current_thread();
  LocalSet set;
  int runs = 0;
  AsyncEvent event;
  rt.block_on([](LocalSet& s, int& counter, AsyncEvent& e) -> Task<> {
    s.spawn_local(wait_then_count(e, counter));
    const auto drive = [](LocalSet& inner) -> Task<> { co_await inner; };
    const auto meddle = [](LocalSet& inner, int& c, AsyncEvent& ev) -> Task<> {
      co_await ev.until_waiting(1);
      inner.spawn_local([](AsyncEvent& x, int& y) -> Task<> {
        ++y;
        x.set();
        co_return;
      }(ev, c));
    };
    co_await join(drive(s), meddle(s, counter, e));
  }(set, runs, event));
  EXPECT_EQ(runs, 2);
}

TEST(R120, FramesOfLocalTasksAreDestroyedOnTheirThreadOnly) {
  const runtime::Runtime rt = test_support::multi_thread(2);
  const std::thread::id here = std::this_thread::get_id();
  LocalSet set;
  std::atomic<int> elsewhere = 0;
  std::vector<JoinHandle<void>> handles;
  AsyncEvent never;
  for (int i = 0; i < 20; ++i) {
    handles.push_back(set.spawn_local([](AsyncEvent& e, auto at_end) -> Task<> {
      const OnDestroy end(at_end);
      co_await e.wait();
    }(never, [&] { elsewhere += std::this_thread::get_id() != here; })));
  }
  std::thread foreign;
  set.block_on(
      rt, [](AsyncEvent& e, std::vector<JoinHandle<void>>& all, std::thread& thread) -> Task<> {
        co_await e.until_waiting(20);
        thread = std::thread([&all] {
          for (auto& handle : all) handle.abort();
        });
        const auto results = co_await join_all(all);
        for (const auto& result : results) EXPECT_FALSE(result.has_value());
      }(never, handles, foreign));
  foreign.join();
  EXPECT_EQ(elsewhere.load(), 0);
}

}  // namespace
}  // namespace weft
