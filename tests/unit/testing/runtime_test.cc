// block_on and PausedRuntime.

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/handle.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/assertions.h>
#include <weft/testing/block_on.h>
#include <weft/testing/harness.h>
#include <weft/testing/paused_runtime.h>
#include <weft/time/sleep.h>

namespace weft::test {
namespace {

using namespace std::chrono_literals;

TEST(TE6, BlockOnRunsAnAwaitableWithEverythingEnabled) {
  const int value = test::block_on([]() -> Task<int> {
    co_await time::sleep(1ms);
    auto child = weft::spawn([]() -> Task<int> { co_return 3; });
    const auto joined = co_await child;
    co_return joined.value();
  }());
  EXPECT_EQ(value, 3);
  EXPECT_FALSE(runtime::Handle::try_current().has_value());
}

TEST(TE6, BlockOnThrowsWhatTheAwaitableThrows) {
  EXPECT_THROW(test::block_on([]() -> Task<> {
                 throw std::runtime_error("no");
                 co_return;
               }()),
               std::runtime_error);
}

TEST(TE8, APausedRuntimesClockMovesWhenItIsTold) {
  PausedRuntime runtime;
  EXPECT_EQ(runtime.elapsed(), 0ns);
  auto sleep = test::spawn(time::sleep(1h));
  assert_pending(sleep.poll());
  runtime.advance(1h - 1ns);
  assert_pending(sleep.poll());
  runtime.advance(1ns);
  EXPECT_TRUE(sleep.is_woken());
  assert_ready(sleep.poll());
  EXPECT_EQ(runtime.elapsed(), 1h);
  EXPECT_EQ(time::Clock::now(), runtime.at(1h));
}

TEST(TE10, APausedRuntimeJumpsToTheNextTimer) {
  PausedRuntime runtime;
  runtime.block_on(time::sleep(24h));
  EXPECT_EQ(runtime.elapsed(), 24h);
}

TEST(TE11, WithASeedAPausedRuntimeRepeatsItself) {
  const auto run = [] {
    PausedRuntime runtime(runtime::RngSeed::from_bytes("seed"));
    return runtime.block_on([]() -> Task<std::vector<std::size_t>> {
      std::vector<std::size_t> winners;
      for (int i = 0; i < 50; ++i) {
        const auto won = co_await select(time::sleep(1ms), time::sleep(1ms), time::sleep(1ms));
        winners.push_back(won.index());
      }
      co_return winners;
    }());
  };
  const auto first = run();
  EXPECT_EQ(first, run());
  EXPECT_NE(first, std::vector<std::size_t>(50, first[0]));
}

}  // namespace
}  // namespace weft::test
