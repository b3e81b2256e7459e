// LocalRuntime: tasks that stay on the thread that made their runtime.
//
// Spec.

#include <weft/runtime/local_runtime.h>

#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/runtime.h>

namespace weft {
namespace {

using runtime::Builder;
using runtime::LocalRuntime;
using test_support::AsyncEvent;
using test_support::OnDestroy;

LocalRuntime make() { return Builder::new_current_thread().enable_all().build_local().value(); }

Task<int> number(int n) { co_return n; }
Task<std::thread::id> where_it_runs() {
  co_await yield_now();
  co_return std::this_thread::get_id();
}

static_assert(std::is_move_constructible_v<LocalRuntime> &&
              !std::is_copy_constructible_v<LocalRuntime>);

TEST(R55, SpawnLocalRunsOnTheCreatingThread) {
  const LocalRuntime rt = make();
  auto by_method = rt.spawn_local(where_it_runs());
  auto with_arguments = rt.spawn_local([](int n) -> Task<int> { co_return n; }, 4);
  EXPECT_EQ(*rt.block_on(by_method), std::this_thread::get_id());
  EXPECT_EQ(*rt.block_on(with_arguments), 4);
  const bool same = rt.block_on([]() -> Task<bool> {
    auto free = spawn_local(where_it_runs());
    const auto thread = co_await free;
    co_return *thread == std::this_thread::get_id();
  }());
  EXPECT_TRUE(same);
}

TEST(R55, ItCanBeMovedOnItsThread) {
  LocalRuntime first = make();
  auto handle = first.spawn_local(number(3));
  const LocalRuntime second = std::move(first);
  EXPECT_EQ(*second.block_on(handle), 3);
}

TEST(R55, ItsHandleTravelsAndSpawnsTasksThatRunHere) {
  const LocalRuntime rt = make();
  std::optional<JoinHandle<std::thread::id>> spawned;
  std::thread([&spawned, handle = rt.handle()] {
    spawned.emplace(handle.spawn(where_it_runs()));
  }).join();
  EXPECT_EQ(*rt.block_on(*spawned), std::this_thread::get_id());
}

TEST(R55, AForeignAbortDestroysTheFrameHere) {
  const LocalRuntime rt = make();
  AsyncEvent never;
  std::thread::id destroyed_on;
  auto handle = rt.spawn_local([](AsyncEvent& event, auto at_end) -> Task<> {
    const OnDestroy end(at_end);
    co_await event.wait();
  }(never, [&] { destroyed_on = std::this_thread::get_id(); }));
  rt.block_on(never.until_waiting(1));
  std::thread([abort = handle.abort_handle()] { abort.abort(); }).join();
  EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
  EXPECT_EQ(destroyed_on, std::this_thread::get_id());
}

TEST(R55, DestroyingItEndsItsTasksHere) {
  AsyncEvent never;
  std::thread::id destroyed_on;
  {
    const LocalRuntime rt = make();
    rt.spawn_local([](AsyncEvent& event, auto at_end) -> Task<> {
      const OnDestroy end(at_end);
      co_await event.wait();
    }(never, [&] { destroyed_on = std::this_thread::get_id(); }));
    rt.block_on(never.until_waiting(1));
  }
  EXPECT_EQ(destroyed_on, std::this_thread::get_id());
}

TEST(R55, SpawnBlockingAndShutdownAreThoseOfARuntime) {
  LocalRuntime rt = make();
  auto job = rt.spawn_blocking([] { return 5; });
  EXPECT_EQ(*rt.block_on(job), 5);
  EXPECT_EQ(rt.metrics().num_workers(), 1u);
  auto late = rt.handle();
  rt.shutdown_background();
  auto refused = late.spawn(number(1));
  EXPECT_TRUE(runtime::block_on_this_thread(refused).error().is_cancelled());
}

TEST(R55, FreeSpawnLocalOnAForeignThreadNamesTheCreationThread) {
  EXPECT_DEATH(
      {
        const LocalRuntime rt = make();
        std::thread([handle = rt.handle()] {
          const auto entered = handle.enter();
          spawn_local(number(1));
        }).join();
      },
      "local_runtime_test.cc.*LocalRuntime that was created on thread number [0-9]+");
}

TEST(R55, BlockOnOnAnotherThreadIsFatal) {
  EXPECT_DEATH(
      {
        const LocalRuntime rt = make();
        std::thread([&rt] { rt.block_on(number(1)); }).join();
      },
      "local_runtime_test.cc.*LocalRuntime::block_on: a LocalRuntime belongs to the thread");
}

TEST(R55, SpawnLocalOnAnotherThreadIsFatal) {
  EXPECT_DEATH(
      {
        const LocalRuntime rt = make();
        std::thread([&rt] { rt.spawn_local(number(1)); }).join();
      },
      "local_runtime_test.cc.*LocalRuntime::spawn_local: a LocalRuntime belongs to the thread");
}

TEST(R55, DestroyingItOnAnotherThreadIsFatal) {
  EXPECT_DEATH(
      {
        std::optional<LocalRuntime> rt(make());
        std::thread([&rt] { rt.reset(); }).join();
      },
      "a LocalRuntime belongs to the thread");
}

TEST(R22, AMultiThreadRuntimeCannotBeLocal) {
  EXPECT_DEATH(static_cast<void>(Builder::new_multi_thread().build_local()),
               "local_runtime_test.cc.*only a current_thread runtime can belong to one thread");
}

}  // namespace
}  // namespace weft
