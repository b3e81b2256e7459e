// A million timers alive at the same time.

#include <chrono>
#include <cstddef>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/paused_runtime.h>
#include <tests/support/scale.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/time/delay_queue.h>
#include <weft/time/sleep.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test_support::MockTask;
using test_support::PausedRuntime;
using test_support::Polled;

constexpr std::size_t kTimers = test_support::scaled(1'000'000);

// From a millisecond to half a minute: three levels of the wheel, and many timers in a millisecond.
milliseconds some_duration(std::mt19937& random) {
  return milliseconds(1 + random() % (1U << (random() % 16)));
}

// True if the sleep ended exactly when it should.
Task<bool> sleep_exactly(milliseconds duration) {
  const Instant end = Clock::now() + duration;
  co_await sleep(duration);
  co_return Clock::now() == end;
}

TEST(TM12, EachOfAMillionTasksSleepsUntilItsOwnMillisecond) {
  PausedRuntime rt;
  std::mt19937 random(1);
  std::vector<JoinHandle<bool>> sleeping;
  sleeping.reserve(kTimers);
  for (std::size_t i = 0; i < kTimers; ++i) {
    sleeping.push_back(rt->spawn(sleep_exactly(some_duration(random))));
  }
  const auto exact = rt.run([&]() -> Task<std::size_t> {
    std::size_t count = 0;
    for (auto& handle : sleeping) {
      const auto joined = co_await handle;
      count += joined.value_or(false);
    }
    co_return count;
  });
  EXPECT_EQ(exact, kTimers);
}

TEST(TM18, AMillionRegisteredTimersAreDestroyedWithoutATrace) {
  PausedRuntime rt;
  MockTask task;
  std::mt19937 random(2);
  {
    std::vector<std::unique_ptr<Sleep>> sleeps;
    sleeps.reserve(kTimers);
    for (std::size_t i = 0; i < kTimers; ++i) {
      sleeps.push_back(std::make_unique<Sleep>(sleep(some_duration(random))));
      ASSERT_FALSE(Polled(*sleeps.back()).poll(task));
    }
    EXPECT_EQ(task.waker_ref_count(), static_cast<int>(kTimers) + 1);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  rt.advance(24h);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(T50, AMillionDeadlinesComeOutInOrder) {
  PausedRuntime rt;
  std::mt19937 random(3);
  DelayQueue<std::size_t> queue;
  for (std::size_t i = 0; i < kTimers; ++i) queue.insert(i, some_duration(random));
  const auto in_order = rt.run([&]() -> Task<std::size_t> {
    std::size_t count = 0;
    Instant last;
    while (auto expired = co_await queue.next()) {
      count += expired->deadline >= last && expired->deadline == Clock::now();
      last = expired->deadline;
    }
    co_return count;
  });
  EXPECT_EQ(in_order, kTimers);
}

}  // namespace
}  // namespace weft::time
