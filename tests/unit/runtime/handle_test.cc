// Handle: a runtime seen from anywhere, also after it is gone.

#include <weft/runtime/handle.h>

#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <type_traits>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/base/error.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::Event;
using test_support::on_every_kind;

Task<int> number(int n) { co_return n; }

static_assert(std::is_copy_constructible_v<Handle> && std::is_copy_assignable_v<Handle>);

TEST(R31, HandleBlockOnOfACurrentThreadRuntimeDrivesNothing) {
  Runtime rt = test_support::current_thread();
  bool ran = false;
  auto task = rt.spawn([&]() -> Task<> {
    ran = true;
    co_return;
  });
  EXPECT_EQ(rt.handle().block_on(number(1)), 1);
  EXPECT_FALSE(ran);
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_TRUE(ran);
}

TEST(R31, ItProgressesWhileAnotherThreadDrives) {
  Runtime rt = test_support::current_thread();
  AsyncEvent stop;
  std::thread driver([&] { rt.block_on([&]() -> Task<> { co_await stop.wait(); }()); });
  EXPECT_EQ(rt.handle().block_on([]() -> Task<int> {
    auto task = spawn(number(2));
    auto result = co_await task;
    co_return result.value();
  }()),
            2);
  stop.set();
  driver.join();
}

TEST(R31, ItPermitsBlockInPlace) {
  on_every_kind([](Runtime& rt) {
    const auto caller = std::this_thread::get_id();
    EXPECT_TRUE(rt.handle().block_on([](std::thread::id id) -> Task<bool> {
      co_return block_in_place([&] { return std::this_thread::get_id() == id; });
    }(caller)));
  });
}

// A handle whose runtime has shut down.
Handle handle_of_the_dead(test_support::Kind kind) {
  Runtime rt = test_support::make_runtime(kind);
  return rt.handle();
}

TEST(R32, PlainCoroutinesStillRun) {
  for (const auto kind : test_support::kKinds) {
    EXPECT_EQ(handle_of_the_dead(kind).block_on(number(3)), 3);
  }
}

TEST(R32, TimersThrowRuntimeGone) {
  for (const auto kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    const Handle handle = handle_of_the_dead(kind);
    EXPECT_THROW(handle.block_on([]() -> Task<> { co_await time::sleep(1ms); }()), RuntimeGone);
  }
}

TEST(R32, BlockingJobsAndTasksAreCancelled) {
  for (const auto kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    const Handle handle = handle_of_the_dead(kind);
    auto job = handle.spawn_blocking([] { return 1; });
    auto task = handle.spawn(number(1));
    EXPECT_TRUE(handle.block_on(job).error().is_cancelled());
    EXPECT_TRUE(handle.block_on(task).error().is_cancelled());
  }
}

TEST(R34, HandleKnowsItsRuntime) {
  Runtime current = test_support::current_thread();
  Runtime multi = test_support::multi_thread(2);
  EXPECT_EQ(current.handle().runtime_flavor(), RuntimeFlavor::kCurrentThread);
  EXPECT_EQ(multi.handle().runtime_flavor(), RuntimeFlavor::kMultiThread);
  EXPECT_EQ(current.handle().metrics().num_workers(), 1U);
  EXPECT_EQ(multi.handle().metrics().num_workers(), 2U);
}

TEST(R34, IdsOfLiveRuntimesDiffer) {
  std::vector<Runtime> runtimes;
  std::set<decltype(std::declval<Handle>().id())> ids;
  for (int i = 0; i < 10; ++i) {
    runtimes.push_back(test_support::current_thread());
    ids.insert(runtimes.back().handle().id());
    EXPECT_EQ(runtimes.back().handle().id(), runtimes.back().handle().id());
  }
  EXPECT_EQ(ids.size(), 10U);
}

TEST(R34, CopiesDoTheWorkOfTheRuntimeFromAnyThread) {
  on_every_kind([](Runtime& rt) {
    std::optional<JoinHandle<int>> task;
    std::optional<JoinHandle<int>> job;
    bool entered = false;
    std::thread([&, handle = rt.handle()] {
      const Handle copy = handle;
      task = copy.spawn(number(1));
      job = copy.spawn_blocking([] { return 2; });
      const auto guard = copy.enter();
      entered = Handle::current().id() == copy.id();
    }).join();
    EXPECT_TRUE(entered);
    EXPECT_EQ(rt.block_on(*task).value(), 1);
    EXPECT_EQ(rt.block_on(*job).value(), 2);
  });
}

}  // namespace
}  // namespace weft::runtime
