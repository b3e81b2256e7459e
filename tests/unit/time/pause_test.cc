#include <weft/time/pause.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/paused_runtime.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/instant.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::MockTask;
using test_support::PausedRuntime;
using test_support::Polled;

TEST(TM5, PausingIsForRuntimesWithOneThread) {
  EXPECT_DEATH(
      {
        runtime::Runtime rt = test_support::multi_thread(1);
        const auto entered = rt.enter();
        pause();
      },
      "pause_test\\.cc:[0-9]+: time::pause: this runtime has several threads");
}

TEST(TM5, OutsideARuntimeAllThreeAreFatal) {
  EXPECT_DEATH(pause(), "pause_test\\.cc:[0-9]+: time::pause: there is no reactor running");
  EXPECT_DEATH(resume(), "pause_test\\.cc:[0-9]+: time::resume: there is no reactor running");
  MockTask task;
  EXPECT_DEATH(Polled(advance(1s)).poll(task),
               "pause_test\\.cc:[0-9]+: time::advance: there is no reactor running");
}

TEST(TM5, ResumedTimeGoesOnFromTheFrozenValue) {
  PausedRuntime rt;
  rt.advance(1h);
  resume();
  EXPECT_GE(rt.now(), 1h);
  EXPECT_LT(rt.now(), 2h);
  pause();
  const nanoseconds now = rt.now();
  EXPECT_EQ(rt.now(), now);
}

TEST(TM5, AdvanceJumpsWhenItIsAwaited) {
  PausedRuntime rt;
  Advance hour = advance(1h);
  EXPECT_EQ(rt.now(), 0s);
  rt->block_on(hour);
  EXPECT_EQ(rt.now(), 1h);
}

TEST(TM5, AdvanceYieldsOnce) {
  PausedRuntime rt;
  MockTask task;
  Polled hour(advance(1h));
  EXPECT_FALSE(hour.poll(task));
  EXPECT_EQ(rt.now(), 1h);
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(hour.poll(task));
  EXPECT_EQ(rt.now(), 1h);
}

TEST(TM5, AllTimersPassedBecomeDueTogether) {
  PausedRuntime rt;
  MockTask task;
  Polled first(sleep(10ms));
  Polled last(sleep(1h));
  EXPECT_FALSE(first.poll(task));
  EXPECT_FALSE(last.poll(task));
  rt.advance(2h);
  EXPECT_EQ(task.wake_count(), 2);
}

TEST(TM6, StartPausedStandsStillUntilSomethingSleeps) {
  PausedRuntime rt;
  rt.run([]() -> Task<> { co_await yield_now(); });
  EXPECT_EQ(rt.now(), 0s);
}

TEST(TM7, WithNothingElseToDoTimeJumpsToTheNextTimer) {
  PausedRuntime rt;
  const auto before = std::chrono::steady_clock::now();
  rt->block_on(sleep(1000h));
  EXPECT_EQ(rt.now(), 1000h);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1h);
}

TEST(TM10, WhileATaskIsReadyNothingAdvances) {
  PausedRuntime rt;
  rt.run([&rt]() -> Task<> {
    bool woke_up = false;
    auto sleeper = spawn([&woke_up]() -> Task<> {
      co_await sleep(1ms);
      woke_up = true;
    });
    for (int i = 0; i < 1000; ++i) co_await yield_now();
    EXPECT_FALSE(woke_up);
    EXPECT_EQ(rt.now(), 0s);
    static_cast<void>(co_await std::move(sleeper));
    EXPECT_EQ(rt.now(), 1ms);
  });
}

TEST(TM58, AnAdvanceLeavesLaterTimersPending) {
  PausedRuntime rt;
  MockTask task;
  Polled slept(sleep(5ms));
  EXPECT_FALSE(slept.poll(task));
  rt.advance(4ms);
  EXPECT_FALSE(slept.poll(task));
  rt.advance(1ms);
  EXPECT_TRUE(slept.poll(task));
}

TEST(TM58, AdvancesOfLessThanAMillisecondAddUp) {
  PausedRuntime rt;
  MockTask task;
  Polled slept(sleep(1ms));
  EXPECT_FALSE(slept.poll(task));
  for (int i = 1; i <= 3; ++i) {
    rt.advance(250us);
    EXPECT_FALSE(slept.poll(task));
    EXPECT_EQ(rt.now(), i * 250us);
  }
  rt.advance(250us);
  EXPECT_TRUE(slept.poll(task));
}

TEST(TM58, AnAdvanceAcrossTheDeadlineWakes) {
  PausedRuntime rt;
  MockTask task;
  Polled slept(sleep(1ms));
  EXPECT_FALSE(slept.poll(task));
  rt.advance(250us);
  EXPECT_FALSE(slept.poll(task));
  rt.advance(1500us);
  EXPECT_TRUE(slept.poll(task));
}

TEST(TM58, AdvancesAreExact) {
  PausedRuntime rt;
  rt.advance(51'592us);
  EXPECT_EQ(rt.now(), 51'592us);
  rt.advance(3'141'592us);
  EXPECT_EQ(rt.now(), 51'592us + 3'141'592us);
}

TEST(TM58, MisuseNamesTheCallersLine) {
  PausedRuntime rt;
  EXPECT_DEATH(pause(), "pause_test\\.cc:[0-9]+: time::pause: the clock is paused already");
  resume();
  EXPECT_DEATH(resume(), "pause_test\\.cc:[0-9]+: time::resume: the clock is not paused");
  MockTask task;
  EXPECT_DEATH(Polled(advance(1s)).poll(task),
               "pause_test\\.cc:[0-9]+: time::advance: the clock is not paused");
}

TEST(TM58, AResetInAnotherRuntimeKeepsTheTicksOfTheFirst) {
  PausedRuntime first;
  first.advance(1ms);
  PausedRuntime second;  // its ticks begin elsewhere
  second.advance(300us);
  const auto entered = first->enter();
  MockTask task;
  Sleep slept = sleep(1ms);
  EXPECT_FALSE(Polled(slept).poll(task));
  const Instant start = Clock::now();
  {
    const auto in_second = second->enter();
    slept.reset(start + 2ms);
  }
  first->block_on(slept);
  EXPECT_EQ(Clock::now() - start, 2ms);
}

TEST(TE8, OnlyTheRuntimesOwnClockIsConcerned) {
  PausedRuntime rt;
  rt.advance(100h);
  EXPECT_LT(std::chrono::steady_clock::now(), Clock::to_steady(Clock::now()) - 99h);
  PausedRuntime other;
  EXPECT_LT(Clock::to_steady(Clock::now()), std::chrono::steady_clock::now() + 1h);
  other.advance(1h);
  EXPECT_EQ(other.now(), 1h);
}

TEST(TE9, TimersPassedAreDueButNotWaitedFor) {
  PausedRuntime rt;
  rt.run([]() -> Task<> {
    Sleep first = sleep(10ms);
    Sleep second = sleep(20ms);
    auto both = spawn(
        [](Sleep& one, Sleep& two) -> Task<> {
          co_await one;
          co_await two;
        },
        std::ref(first), std::ref(second));
    co_await yield_now();
    co_await advance(1h);
    static_cast<void>(co_await std::move(both));
    EXPECT_TRUE(first.is_elapsed());
    EXPECT_TRUE(second.is_elapsed());
  });
  EXPECT_EQ(rt.now(), 1h);
}

TEST(TE10, TimeJumpsOnlyWhenNothingElseIsToDo) {
  PausedRuntime rt;
  rt.run([&rt]() -> Task<> {
    auto job = spawn_blocking([] {});
    auto ready = spawn([]() -> Task<> { co_await yield_now(); });
    static_cast<void>(co_await std::move(ready));
    EXPECT_EQ(rt.now(), 0s);
    static_cast<void>(co_await std::move(job));
    EXPECT_EQ(rt.now(), 0s);
    co_await sleep(1h);
    EXPECT_EQ(rt.now(), 1h);
  });
}

// Which of two sleeps that end together wins, again and again.
std::vector<std::size_t> winners(std::byte seed) {
  const std::array<std::byte, 1> bytes{seed};
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .enable_all()
                            .start_paused(true)
                            .rng_seed(runtime::RngSeed::from_bytes(bytes))
                            .build()
                            .value();
  std::vector<std::size_t> won;
  auto body = [&won]() -> Task<> {
    for (int i = 0; i < 100; ++i) {
      const auto winner = co_await select(sleep(1ms), sleep(1ms));
      won.push_back(winner.index());
    }
  };
  rt.block_on(body());
  return won;
}

TEST(TE11, ASeededRunIsTheSameEachTime) {
  EXPECT_EQ(winners(std::byte{1}), winners(std::byte{1}));
  EXPECT_NE(winners(std::byte{1}), winners(std::byte{2}));
}

// A blocking job of which the test decides when it ends.
Task<> block_under_timeout(bool await_first, bool fail) {
  auto job = spawn_blocking([fail] {
    if (fail) throw std::runtime_error("the job failed");
  });
  if (await_first) co_await yield_now();
  auto result = co_await timeout(15s, std::move(job));
  EXPECT_TRUE(result.has_value()) << "the timeout fired while the job was running";
  if (result) {
    EXPECT_EQ(result->has_value(), !fail);
  }
}

TEST(TM61, ATimeoutAroundABlockingJobDoesNotFire) {
  for (const bool await_first : {false, true}) {
    for (const bool fail : {false, true}) {
      PausedRuntime rt;
      rt->block_on(block_under_timeout(await_first, fail));
      EXPECT_EQ(rt.now(), 0s);
    }
  }
}

TEST(TM61, AJobThatNobodyAwaitsHoldsTheClockToo) {
  PausedRuntime rt;
  test_support::Event may_end;
  bool has_ended = false;
  rt.run([&]() -> Task<> {
    auto job = spawn_blocking([&] {
      may_end.wait();
      has_ended = true;
    });
    auto sleeper = spawn([&]() -> Task<> {
      co_await sleep(1ms);
      EXPECT_TRUE(has_ended);
    });
    co_await yield_now();
    EXPECT_EQ(rt.now(), 0s);
    may_end.set();
    static_cast<void>(co_await std::move(sleeper));
    static_cast<void>(co_await std::move(job));
  });
}

}  // namespace
}  // namespace weft::time
