#include <weft/time/sleep.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/paused_runtime.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::MockTask;
using test_support::PausedRuntime;
using test_support::Polled;

constexpr nanoseconds kYear = 365 * 24h;

// How long `co_await sleep(duration)` takes on a paused clock.
nanoseconds time_taken(nanoseconds duration) {
  PausedRuntime rt;
  rt->block_on(sleep(duration));
  return rt.now();
}

runtime::Runtime without_timers() {
  return runtime::Builder::new_current_thread().enable_io().build().value();
}

TEST(TM3, SleepingBeyondTheClocksRangeIsThirtyYears) {
  PausedRuntime rt;
  EXPECT_EQ(sleep(nanoseconds::max()).deadline(), rt.at(30 * kYear));
}

TEST(TM11, MakingOneWithoutTimersIsFatal) {
  runtime::Runtime rt = without_timers();
  const auto entered = rt.enter();
  EXPECT_DEATH(static_cast<void>(sleep(1s)), "sleep_test\\.cc:[0-9]+: .*timers are disabled");
  EXPECT_DEATH(static_cast<void>(sleep_until(Clock::now())), "sleep_test.*enable_time");
}

TEST(TM11, OneMadeWithoutARuntimeBindsWhereItIsFirstPolled) {
  Sleep outside = sleep(1h);
  PausedRuntime rt;
  outside.reset(rt.at(5ms));
  rt->block_on(outside);
  EXPECT_EQ(rt.now(), 5ms);
}

TEST(TM11, PollingOneWithoutAnyRuntimeIsFatal) {
  MockTask task;
  EXPECT_DEATH(Polled(sleep(1s)).poll(task), "sleep_test\\.cc:[0-9]+: .*no reactor running");
}

TEST(TM11, IsLazyUntilFirstPolled) {
  PausedRuntime rt;
  Sleep slept = sleep(5ms);
  rt.advance(5ms);
  EXPECT_FALSE(slept.is_elapsed());
  Sleep moved = std::move(slept);
  MockTask task;
  EXPECT_TRUE(Polled(moved).poll(task));
  EXPECT_TRUE(moved.is_elapsed());
}

TEST(TM12, OnCompletionTheDeadlineHasPassed) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const Instant deadline = Clock::now() + 2ms;
      co_await sleep_until(deadline);
      EXPECT_GE(Clock::now(), deadline);
    }());
  });
}

TEST(TM12, DeadlinesAreRoundedUpToMilliseconds) {
  EXPECT_EQ(time_taken(1ms), 1ms);
  EXPECT_EQ(time_taken(1ms + 1ns), 2ms);
  EXPECT_EQ(time_taken(1999us), 2ms);
}

TEST(TM13, ZeroSleepsCompleteAtOnce) {
  PausedRuntime rt;
  rt.run([]() -> Task<> {
    for (int i = 0; i < 1000; ++i) co_await sleep(0ns);
  });
  EXPECT_EQ(rt.now(), 0s);
  MockTask task;
  EXPECT_TRUE(Polled(sleep(0ns)).poll(task));
  EXPECT_TRUE(Polled(sleep(-1h)).poll(task));
  EXPECT_TRUE(Polled(sleep_until(rt.at(0s))).poll(task));
}

TEST(TM13, APastDeadlineCompletesAtTheFirstResume) {
  PausedRuntime rt;
  rt.advance(10ms);
  MockTask task;
  EXPECT_TRUE(Polled(sleep_until(rt.at(9ms))).poll(task));
}

TEST(TM13, LessThanAMillisecondIsOne) { EXPECT_EQ(time_taken(1ns), 1ms); }

TEST(TM14, TheLongestSleepsStayPending) {
  PausedRuntime rt;
  MockTask task;
  Polled longest(sleep(nanoseconds::max()));
  Polled nearly(sleep(nanoseconds::max() - 1ms));
  EXPECT_FALSE(longest.poll(task));
  EXPECT_FALSE(nearly.poll(task));
  rt.advance(29 * kYear);
  EXPECT_FALSE(longest.poll(task));
  EXPECT_FALSE(nearly.poll(task));
}

TEST(TM15, TellsTheDeadline) {
  PausedRuntime rt;
  Sleep slept = sleep(5ms + 3ns);
  EXPECT_EQ(slept.deadline(), rt.at(5ms + 3ns));
  slept.reset(rt.at(7ms));
  EXPECT_EQ(slept.deadline(), rt.at(7ms));
}

TEST(TM15, ElapsedMeansFiredNotPast) {
  PausedRuntime rt;
  Sleep slept = sleep(5ms);
  rt.advance(6ms);
  EXPECT_FALSE(slept.is_elapsed());
  rt->block_on(slept);
  EXPECT_TRUE(slept.is_elapsed());
}

TEST(TM16, ResetMovesTheDeadlineEitherWay) {
  for (const nanoseconds deadline : {nanoseconds(3ms), nanoseconds(300ms)}) {
    PausedRuntime rt;
    MockTask task;
    Sleep slept = sleep(50ms);
    EXPECT_FALSE(Polled(slept).poll(task));
    slept.reset(rt.at(deadline));
    rt->block_on(slept);
    EXPECT_EQ(rt.now(), deadline);
  }
}

TEST(TM16, ResetAfterCompletionMakesItPendingAgain) {
  PausedRuntime rt;
  Sleep slept = sleep(5ms);
  rt->block_on(slept);
  slept.reset(rt.at(5ms + 600s));
  EXPECT_FALSE(slept.is_elapsed());
  MockTask task;
  EXPECT_FALSE(Polled(slept).poll(task));
  rt->block_on(slept);
  EXPECT_EQ(rt.now(), 5ms + 600s);
}

TEST(TM16, ResetWakesOnlyIfTheNewDeadlineHasPassed) {
  PausedRuntime rt;
  rt.advance(10ms);
  MockTask task;
  Sleep slept = sleep(5ms);
  EXPECT_FALSE(Polled(slept).poll(task));
  slept.reset(rt.at(12ms));
  EXPECT_FALSE(task.take_woken());
  slept.reset(rt.at(10ms));
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(Polled(slept).poll(task));
}

TEST(TM17, ACompletedSleepTakesAUnitOfBudget) {
  PausedRuntime rt;
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < Budget::kUnits; ++i) EXPECT_TRUE(Polled(sleep(0ns)).poll(task, budget));
  EXPECT_FALSE(task.take_woken());
  EXPECT_FALSE(Polled(sleep(0ns)).poll(task, budget));
  EXPECT_TRUE(task.take_woken());  // to be polled again
}

TEST(TM17, APendingSleepTakesNone) {
  PausedRuntime rt;
  MockTask task;
  Budget budget = Budget::initial();
  Sleep slept = sleep(1ms);
  for (int i = 0; i < 2 * Budget::kUnits; ++i) EXPECT_FALSE(Polled(slept).poll(task, budget));
  EXPECT_TRUE(budget.has_remaining());
}

TEST(TM18, ATaskOfAnotherRuntimeMayDestroyIt) {
  PausedRuntime rt;
  MockTask task;
  auto slept = std::make_unique<Sleep>(sleep(1ms));
  EXPECT_FALSE(Polled(*slept).poll(task));
  runtime::Runtime other = test_support::multi_thread(1);
  auto destroyer = other.spawn([&slept]() -> Task<> {
    slept.reset();
    co_return;
  });
  EXPECT_TRUE(other.block_on(destroyer).has_value());
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(TM19, AwaitingOneOfARuntimeThatEndedThrows) {
  std::optional<PausedRuntime> ended(std::in_place);
  MockTask task;
  Sleep polled = sleep(1ms);
  Sleep unpolled = sleep(1ms);
  EXPECT_FALSE(Polled(polled).poll(task));
  ended.reset();
  EXPECT_TRUE(task.take_woken());
  PausedRuntime rt;
  EXPECT_THROW(rt->block_on(polled), RuntimeGone);
  EXPECT_THROW(rt->block_on(unpolled), RuntimeGone);
  EXPECT_TRUE(polled.is_elapsed());
}

TEST(TM20, KeepsToTheRuntimeItWasMadeIn) {
  PausedRuntime first;
  MockTask task;
  Sleep slept = sleep(1ms);
  const Instant target = Clock::now() + 2ms;
  PausedRuntime second;
  EXPECT_FALSE(Polled(slept).poll(task));
  slept.reset(target);
  second.advance(1h);
  EXPECT_FALSE(Polled(slept).poll(task));
  first.advance(2ms);
  EXPECT_TRUE(Polled(slept).poll(task));
}

TEST(TM37, ASleepIsOneCacheLine) { EXPECT_EQ(sizeof(Sleep), 64U); }

#ifdef __clang__
constexpr bool kIsClang = true;
#else
constexpr bool kIsClang = false;
#endif

Task<> sleep_once() { co_await sleep(1s); }

TEST(TM37, ASleepingTaskFitsInto256Bytes) {
  weft::internal::FrameHeader* const header = std::move(sleep_once()).release();
  // g++ 12 keeps a little more in a frame, more yet without optimization.
  constexpr unsigned kLimit = kIsClang ? 256 : 272;
  EXPECT_LE(header->block_size, kLimit);
  weft::internal::destroy_frame<void>(header);
}

TEST(TM37, MovingOneThatIsRegisteredIsFatal) {
  PausedRuntime rt;
  MockTask task;
  Sleep slept = sleep(1ms);
  EXPECT_FALSE(Polled(slept).poll(task));
  EXPECT_DEATH(static_cast<void>(Sleep(std::move(slept))),
               "a timer was moved after it had been polled");
}

TEST(TM46, ARootThatNeverRestsStillSeesItsSleep) {
  test_support::current_thread().block_on([]() -> Task<> {
    Sleep slept = sleep(10ms);
    slept.reset(slept.deadline());
    while (!slept.is_elapsed()) co_await yield_now();
  }());
}

TEST(TM57, LevelZeroAndItsWrap) {
  for (const auto ms : {0, 1, 5, 10, 60, 63, 64, 65}) {
    EXPECT_EQ(time_taken(std::chrono::milliseconds(ms)), std::chrono::milliseconds(ms));
  }
  PausedRuntime rt;
  rt.run([]() -> Task<> {
    co_await sleep(5ms);
    co_await sleep(60ms);
  });
  EXPECT_EQ(rt.now(), 65ms);
}

TEST(TM57, YearsAreExact) {
  EXPECT_EQ(time_taken(5 * kYear), 5 * kYear);
  PausedRuntime rt;
  rt.run([]() -> Task<> {
    for (int i = 0; i < 5; ++i) co_await sleep(kYear);
    co_await sleep(10 * kYear);
  });
  EXPECT_EQ(rt.now(), 15 * kYear);
}

TEST(TM57, ResetIntoThePastIsReadyAtTheNextResume) {
  PausedRuntime rt;
  rt.advance(100ms);
  MockTask task;
  Sleep slept = sleep(40ms);
  EXPECT_FALSE(Polled(slept).poll(task));
  slept.reset(rt.at(60ms));
  EXPECT_TRUE(Polled(slept).poll(task));
}

TEST(TM57, AHugeSleepDoesNotDisturbATinyOne) {
  PausedRuntime rt;
  MockTask task;
  Polled huge(sleep(nanoseconds(INT64_MAX / 10)));
  EXPECT_FALSE(huge.poll(task));
  rt->block_on(sleep(1ns));
  EXPECT_EQ(rt.now(), 1ms);
  EXPECT_FALSE(huge.poll(task));
}

// The instants at which sleeps of random length end, in order.
std::vector<nanoseconds> trace_of_random_sleeps(unsigned seed) {
  PausedRuntime rt;
  std::vector<nanoseconds> trace;
  std::mt19937 random(seed);
  for (int i = 0; i < 10'000; ++i) {
    const nanoseconds duration = std::chrono::microseconds(random() % 10'000'000);
    auto detached = rt->spawn([&rt, &trace, duration]() -> Task<> {
      co_await sleep(duration);
      trace.push_back(rt.now() * 100 + duration % 100);
    });
  }
  rt->block_on(sleep(11s));
  return trace;
}

TEST(TM7, TenThousandRandomSleepsGiveTheSameTraceEachTime) {
  const auto trace = trace_of_random_sleeps(7);
  EXPECT_EQ(trace.size(), 10'000U);
  EXPECT_EQ(trace, trace_of_random_sleeps(7));
  EXPECT_NE(trace, trace_of_random_sleeps(8));
}

}  // namespace
}  // namespace weft::time
