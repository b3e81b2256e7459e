// oneTBB's arenas beside weft.

#include <weft/runtime/executors/tbb_executor.h>

#include <atomic>
#include <optional>

#include <gtest/gtest.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/on.h>
#include <weft/runtime/runtime.h>

namespace weft::bridge_test {
namespace {

using test_support::Event;
using test_support::on_every_kind;

// The place in an arena that this thread has.
constexpr int kNone = tbb::task_arena::not_initialized;
int place() { return tbb::this_task_arena::current_thread_index(); }

TEST(R183, ATbbArenaExecutes) {
  on_every_kind([](runtime::Runtime& rt) {
    tbb::task_arena arena(2, 0);
    arena.initialize();
    const int sum = rt.block_on(on(runtime::tbb_executor(arena), []() -> Task<int> {
      EXPECT_NE(place(), kNone);
      std::atomic<int> total{0};
      // Runs in the arena whose thread calls it.
      tbb::parallel_for(1, 101, [&total](int n) { total += n; });
      co_await yield_now();
      EXPECT_NE(place(), kNone);
      co_return total.load();
    }()));
    EXPECT_EQ(sum, 5050);
  });
}

TEST(R151, ThreadsOfATbbArenaSpawn) {
  on_every_kind([](runtime::Runtime& rt) {
    tbb::task_arena arena(2, 0);
    Event is_spawned;
    std::optional<JoinHandle<int>> spawned;
    arena.enqueue([&] {
      spawned.emplace(rt.handle().spawn([]() -> Task<int> { co_return 3; }));
      is_spawned.set();
    });
    is_spawned.wait();
    EXPECT_EQ(rt.block_on(*spawned).value(), 3);
  });
}

}  // namespace
}  // namespace weft::bridge_test
