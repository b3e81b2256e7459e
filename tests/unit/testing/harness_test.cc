#include <weft/testing/harness.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/threads.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/sync/mpsc.h>
#include <weft/sync/mutex.h>
#include <weft/sync/notify.h>
#include <weft/sync/once_cell.h>
#include <weft/testing/assertions.h>
#include <weft/testing/stream_mock.h>

namespace weft::test {
namespace {

TEST(TE1, PollIsOneStepAndYieldsWhatCoAwaitYields) {
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  auto recv = spawn(receiver.recv());
  EXPECT_TRUE(recv.poll().is_pending());
  ASSERT_TRUE(sender.try_send(7));
  const Poll<std::optional<int>> polled = recv.poll();
  ASSERT_TRUE(polled.is_ready());
  EXPECT_EQ(*polled, 7);
}

TEST(TE1, IsWokenSpeaksOfTheTimeSinceTheLastPoll) {
  sync::Notify notify;
  auto wait = spawn(notify.notified());
  EXPECT_FALSE(wait.is_woken());
  EXPECT_TRUE(wait.poll().is_pending());
  EXPECT_FALSE(wait.is_woken());
  notify.notify_one();
  EXPECT_TRUE(wait.is_woken());
  EXPECT_TRUE(wait.is_woken());
  EXPECT_EQ(wait.wake_count(), 1);
  EXPECT_TRUE(wait.poll().is_ready());
  EXPECT_FALSE(wait.is_woken());
}

TEST(TE1, TheCountOfWakersShowsALeak) {
  sync::Notify notify;
  {
    auto wait = spawn(notify.notified());
    EXPECT_EQ(wait.waker_ref_count(), 1);
    EXPECT_TRUE(wait.poll().is_pending());
    EXPECT_EQ(wait.waker_ref_count(), 2);
    notify.notify_one();
    EXPECT_TRUE(wait.poll().is_ready());
    EXPECT_EQ(wait.waker_ref_count(), 1);
  }
  MockTask task;
  std::optional<Waker> kept = task.waker();
  EXPECT_EQ(task.waker_ref_count(), 2);
  kept.reset();
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(TE1, DestroyingItCancelsTheAwaitable) {
  sync::Mutex<int> mutex(1);
  auto held = mutex.try_lock();
  {
    auto lock = spawn(mutex.lock());
    EXPECT_TRUE(lock.poll().is_pending());
  }
  held.reset();
  EXPECT_TRUE(mutex.try_lock().has_value());
}

TEST(TE1, ALentAwaitableSurvives) {
  sync::Notify notify;
  auto notified = notify.notified();
  {
    auto wait = spawn(notified);
    EXPECT_TRUE(wait.poll().is_pending());
  }
  notify.notify_one();
  EXPECT_TRUE(spawn(notified).poll().is_ready());
}

TEST(TE1, ATaskIsRunStepByStep) {
  sync::Notify notify;
  int steps = 0;
  auto run = spawn([](sync::Notify& n, int& count) -> Task<int> {
    ++count;
    co_await n.notified();
    ++count;
    co_return 5;
  }(notify, steps));
  EXPECT_EQ(steps, 0);
  EXPECT_TRUE(run.poll().is_pending());
  EXPECT_EQ(steps, 1);
  notify.notify_one();
  const auto polled = run.poll();
  ASSERT_TRUE(polled.is_ready());
  EXPECT_EQ(*polled, 5);
  EXPECT_EQ(steps, 2);
}

TEST(TE1, ItMayBeMovedBeforeItIsPolled) {
  sync::Notify notify;
  auto first = spawn(notify.notified());
  auto second = std::move(first);
  EXPECT_TRUE(second.poll().is_pending());
  notify.notify_one();
  EXPECT_TRUE(second.is_woken());
  EXPECT_TRUE(second.poll().is_ready());
}

TEST(TE1, WhatTheAwaitableThrowsComesOut) {
  auto thrower = spawn([]() -> Task<int> {
    throw std::runtime_error("no");
    co_return 0;
  }());
  EXPECT_THROW(static_cast<void>(thrower.poll()), std::runtime_error);
}

TEST(TE1, AReferenceIsYieldedAsOne) {
  sync::OnceCell<int> cell;
  auto init = spawn(cell.get_or_init([]() -> Task<int> { co_return 3; }));
  const auto polled = init.poll();
  ASSERT_TRUE(polled.is_ready());
  EXPECT_EQ(&polled->get(), cell.get());
}

TEST(TE1, PollingAfterTheEndIsFatal) {
  sync::Notify notify;
  notify.notify_one();
  auto wait = spawn(notify.notified());
  EXPECT_TRUE(wait.poll().is_ready());
  EXPECT_DEATH(static_cast<void>(wait.poll()), "harness_test\\.cc:[0-9]+: .*ready already");
}

TEST(TE1, EnterGivesAContext) {
  auto [sender, receiver] = sync::mpsc::channel<int>(1);
  MockTask task;
  const bool is_pending = task.enter([&](Context& cx) {
    auto recv = receiver.recv();
    auto awaiter = recv.operator co_await();
    const bool pending = !awaiter.node().poll(cx);
    EXPECT_TRUE(cx.has_budget());
    return pending;
  });
  EXPECT_TRUE(is_pending);
  task.waker().wake();
  EXPECT_TRUE(task.is_woken());
  task.enter([](Context&) {});
  EXPECT_FALSE(task.is_woken());
}

TEST(TE1, PollWithTakesTheCallersContext) {
  sync::Mutex<int> mutex(1);
  auto lock = spawn(mutex.lock());
  MockTask other;
  other.enter([&](Context& cx) {
    Budget budget = Budget::initial();
    while (budget.has_remaining()) budget.spend();
    cx.swap_budget(&budget);
    EXPECT_TRUE(lock.poll_with(cx).is_pending());
  });
  EXPECT_TRUE(other.is_woken());
  EXPECT_FALSE(lock.is_woken());
  EXPECT_TRUE(lock.poll().is_ready());
}

TEST(TE1, PollUntilIdleRepeatsWhileItIsWoken) {
  int polls = 0;
  auto stepping = spawn(poll_fn([&polls](Context& cx) -> Poll<int> {
    if (++polls == 10) return polls;
    cx.waker().wake();
    return kPending;
  }));
  const auto polled = stepping.poll_until_idle();
  ASSERT_TRUE(polled.is_ready());
  EXPECT_EQ(*polled, 10);
}

TEST(TE1, PollUntilIdleStopsWhenNobodyWakes) {
  int polls = 0;
  auto waiting = spawn(poll_fn([&polls](Context& cx) -> Poll<void> {
    if (++polls < 3) cx.waker().wake();
    return kPending;
  }));
  EXPECT_TRUE(waiting.poll_until_idle().is_pending());
  EXPECT_EQ(polls, 3);
}

TEST(TE1, PollUntilIdleGivesUpAfter150Polls) {
  int polls = 0;
  auto spinning = spawn(poll_fn([&polls](Context& cx) -> Poll<void> {
    ++polls;
    cx.waker().wake();
    return kPending;
  }));
  EXPECT_THROW(static_cast<void>(spinning.poll_until_idle()), AssertionFailed);
  EXPECT_EQ(polls, 150);
}

TEST(TE1, AStreamIsPolledValueByValue) {
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  struct Values {
    sync::mpsc::Receiver<int> receiver;
    auto next() { return receiver.recv(); }
  };
  auto values = spawn(Values{std::move(receiver)});
  EXPECT_TRUE(values.poll_next().is_pending());
  ASSERT_TRUE(sender.try_send(1));
  EXPECT_TRUE(values.is_woken());
  assert_ready_eq(values.poll_next(), std::optional<int>(1));
  EXPECT_TRUE(values.poll_next().is_pending());
  values.cancel_next();
  ASSERT_TRUE(sender.try_send(2));
  assert_ready_eq(values.poll_next(), std::optional<int>(2));
  {
    auto last = std::move(sender);
  }
  assert_ready_eq(values.poll_next(), std::optional<int>());
  EXPECT_EQ(values.waker_ref_count(), 1);
}

TEST(TE1, ItMayBeWokenFromAnyThread) {
  MockTask task;
  test_support::run_threads(4, [waker = task.waker()](int) {
    for (int i = 0; i < 100; ++i) Waker(waker).wake();
  });
  EXPECT_EQ(task.wake_count(), 400);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(TE1, AWakerMayOutliveItsTask) {
  std::optional<Waker> waker;
  {
    MockTask task;
    waker = task.waker();
  }
  waker->wake();
  waker.reset();
}

}  // namespace
}  // namespace weft::test
