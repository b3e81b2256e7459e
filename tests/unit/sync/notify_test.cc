#include <weft/sync/notify.h>

#include <deque>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/wake_hook.h>
#include <weft/runtime/coop.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::WakeHook;

using Wait = Polled<Notified>;

TEST(SY40, AtMostOnePermitIsStored) {
  Notify notify;
  for (int i = 0; i < 3; ++i) notify.notify_one();
  MockTask task;
  EXPECT_TRUE(Wait(notify.notified()).poll(task));
  EXPECT_FALSE(Wait(notify.notified()).poll(task));
}

TEST(SY41, AStoredPermitCompletesTheWaitAtOnce) {
  Notify notify;
  notify.notify_one();
  MockTask task;
  Wait wait(notify.notified());
  EXPECT_TRUE(wait.poll(task));
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(SY41, WithoutAPermitItQueues) {
  Notify notify;
  MockTask task;
  Wait wait(notify.notified());
  EXPECT_FALSE(wait.poll(task));
  EXPECT_FALSE(task.take_woken());
  EXPECT_EQ(task.waker_ref_count(), 2);
}

TEST(SY42, NotifyOneWakesTheOldest) {
  Notify notify;
  MockTask first, second;
  Wait a(notify.notified()), b(notify.notified());
  ASSERT_FALSE(a.poll(first));
  ASSERT_FALSE(b.poll(second));
  notify.notify_one();
  EXPECT_TRUE(first.take_woken());
  EXPECT_FALSE(second.take_woken());
  EXPECT_TRUE(a.poll(first));
  EXPECT_FALSE(b.poll(second));
  notify.notify_one();
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(b.poll(second));
}

TEST(SY42, NotifyOneWithAWaiterStoresNoPermit) {
  Notify notify;
  MockTask task;
  Wait wait(notify.notified());
  ASSERT_FALSE(wait.poll(task));
  notify.notify_one();
  EXPECT_TRUE(wait.poll(task));
  EXPECT_FALSE(Wait(notify.notified()).poll(task));
}

TEST(SY43, NotifyLastWakesTheNewest) {
  Notify notify;
  MockTask first, second;
  Wait a(notify.notified()), b(notify.notified());
  ASSERT_FALSE(a.poll(first));
  ASSERT_FALSE(b.poll(second));
  notify.notify_last();
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(b.poll(second));
}

TEST(SY43, NotifyLastWithNobodyWaitingStoresAPermit) {
  Notify notify;
  notify.notify_last();
  MockTask task;
  EXPECT_TRUE(Wait(notify.notified()).poll(task));
}

TEST(SY44, NotifyWaitersWakesAllAndStoresNothing) {
  Notify notify;
  MockTask first, second;
  Wait a(notify.notified()), b(notify.notified());
  ASSERT_FALSE(a.poll(first));
  ASSERT_FALSE(b.poll(second));
  notify.notify_waiters();
  EXPECT_TRUE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(a.poll(first));
  EXPECT_TRUE(b.poll(second));
  EXPECT_FALSE(Wait(notify.notified()).poll(first));
}

TEST(SY44, NotifyWaitersKeepsAStoredPermit) {
  Notify notify;
  notify.notify_one();
  notify.notify_waiters();
  MockTask task;
  EXPECT_TRUE(Wait(notify.notified()).poll(task));
}

TEST(SY45, NotifyWaitersReachesWhatExistsAndWasNeverPolled) {
  Notify notify;
  Wait wait(notify.notified());
  notify.notify_waiters();
  MockTask task;
  EXPECT_TRUE(wait.poll(task));
}

TEST(SY45, NotifyOneDoesNotReachWhatWasNeverPolled) {
  Notify notify;
  MockTask task;
  Wait unpolled(notify.notified());
  Wait waiting(notify.notified());
  ASSERT_FALSE(waiting.poll(task));
  notify.notify_one();
  EXPECT_TRUE(waiting.poll(task));
  EXPECT_FALSE(unpolled.poll(task));
}

TEST(SY46, EnableQueuesWithoutWaiting) {
  Notify notify;
  Notified enabled = notify.notified();
  EXPECT_FALSE(enabled.enable());
  MockTask other;
  Wait later(notify.notified());
  ASSERT_FALSE(later.poll(other));
  notify.notify_one();
  EXPECT_FALSE(other.take_woken());
  EXPECT_TRUE(enabled.enable());
  MockTask task;
  Polled wait(enabled);
  EXPECT_TRUE(wait.poll(task));
}

TEST(SY46, EnableConsumesAPermit) {
  Notify notify;
  notify.notify_one();
  Notified enabled = notify.notified();
  EXPECT_TRUE(enabled.enable());
  MockTask task;
  EXPECT_FALSE(Wait(notify.notified()).poll(task));
}

TEST(SY46, EnableSeesABroadcastSinceCreation) {
  Notify notify;
  Notified enabled = notify.notified();
  notify.notify_waiters();
  EXPECT_TRUE(enabled.enable());
}

TEST(SY46, EnableAfterSuspensionIsFalseUnlessNotified) {
  Notify notify;
  MockTask task;
  Notified notified = notify.notified();
  Polled wait(notified);
  ASSERT_FALSE(wait.poll(task));
  EXPECT_FALSE(notified.enable());
  notify.notify_one();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(notified.enable());
}

TEST(SY47, ACompletedWaitStaysComplete) {
  Notify notify;
  notify.notify_one();
  MockTask task;
  Notified notified = notify.notified();
  for (int i = 0; i < 3; ++i) {
    Polled wait(notified);
    EXPECT_TRUE(wait.poll(task));
  }
}

TEST(SY47, ANotifiedAwaitedAgainKeepsItsPlace) {
  Notify notify;
  MockTask first, second;
  Notified notified = notify.notified();
  {
    Polled lost(notified);  // a select that went the other way
    ASSERT_FALSE(lost.poll(first));
  }
  Wait other(notify.notified());
  ASSERT_FALSE(other.poll(second));
  notify.notify_one();
  EXPECT_FALSE(second.take_woken());
  Polled again(notified);
  EXPECT_TRUE(again.poll(first));
}

TEST(SY48, NoWaiterLagsBehindAnotherOfTheSameBroadcast) {
  constexpr int kWaiters = 70;  // three batches
  struct State {
    std::deque<Wait> waits;
    MockTask task;
    int seen = 0;
  } state;
  Notify notify;
  WakeHook hook([&s = state] {
    // Called for the first waiter: all others must already count as notified.
    if (s.seen++ != 0) return;
    for (std::size_t i = 1; i < s.waits.size(); ++i) EXPECT_TRUE(s.waits[i].poll(s.task)) << i;
  });
  const Waker waker = hook.waker();
  Context cx(waker);
  for (int i = 0; i < kWaiters; ++i) {
    state.waits.emplace_back(notify.notified());
    ASSERT_FALSE(state.waits.back().poll(cx));
  }
  notify.notify_waiters();
  EXPECT_GE(state.seen, 1);
}

TEST(SY48, AWaiterMayGoAwayInTheMiddleOfABroadcast) {
  constexpr int kWaiters = 70;
  struct State {
    std::deque<std::optional<Wait>> waits;
    bool done = false;
  } state;
  Notify notify;
  WakeHook hook([&s = state] {
    if (std::exchange(s.done, true)) return;
    for (std::size_t i = 1; i < s.waits.size(); ++i) s.waits[i].reset();
  });
  const Waker waker = hook.waker();
  Context cx(waker);
  for (int i = 0; i < kWaiters; ++i) {
    state.waits.emplace_back().emplace(notify.notified());
    ASSERT_FALSE(state.waits.back()->poll(cx));
  }
  notify.notify_waiters();
  EXPECT_TRUE(state.done);
  // Nothing was stored or forwarded by those that left.
  MockTask task;
  EXPECT_FALSE(Wait(notify.notified()).poll(task));
}

TEST(SY49, ABroadcastDoesNotReachWhatWasCreatedAfterItBegan) {
  constexpr int kWaiters = 40;
  struct State {
    Notify notify;
    std::deque<Wait> waits;
    std::optional<Wait> late;
    MockTask task;
  } state;
  WakeHook hook([&s = state] {
    if (s.late) return;
    s.late.emplace(s.notify.notified());
    EXPECT_FALSE(s.late->poll(s.task));
  });
  const Waker waker = hook.waker();
  Context cx(waker);
  for (int i = 0; i < kWaiters; ++i) {
    state.waits.emplace_back(state.notify.notified());
    ASSERT_FALSE(state.waits.back().poll(cx));
  }
  state.notify.notify_waiters();
  ASSERT_TRUE(state.late);
  EXPECT_FALSE(state.task.take_woken());
  EXPECT_FALSE(state.late->poll(state.task));
  state.notify.notify_waiters();
  EXPECT_TRUE(state.late->poll(state.task));
}

TEST(SY50, ABroadcastIsPreferredToAPermit) {
  Notify notify;
  Wait wait(notify.notified());
  notify.notify_one();
  notify.notify_waiters();
  MockTask task;
  EXPECT_TRUE(wait.poll(task));
  // The permit is still there.
  EXPECT_TRUE(Wait(notify.notified()).poll(task));
}

TEST(SY51, ADestroyedNotifyOneGoesToTheNextOldest) {
  Notify notify;
  MockTask tasks[3];
  std::deque<Wait> waits;
  for (MockTask& task : tasks) ASSERT_FALSE(waits.emplace_back(notify.notified()).poll(task));
  notify.notify_one();
  ASSERT_TRUE(tasks[0].take_woken());
  waits[0].cancel();
  EXPECT_TRUE(tasks[1].take_woken());
  EXPECT_FALSE(tasks[2].take_woken());
  EXPECT_TRUE(waits[1].poll(tasks[1]));
}

TEST(SY51, ADestroyedNotifyLastGoesToTheNextNewest) {
  Notify notify;
  MockTask tasks[3];
  std::deque<std::optional<Wait>> waits;
  for (MockTask& task : tasks) {
    waits.emplace_back().emplace(notify.notified());
    ASSERT_FALSE(waits.back()->poll(task));
  }
  notify.notify_last();
  ASSERT_TRUE(tasks[2].take_woken());
  waits[2].reset();
  EXPECT_FALSE(tasks[0].take_woken());
  EXPECT_TRUE(tasks[1].take_woken());
  EXPECT_TRUE(waits[1]->poll(tasks[1]));
}

TEST(SY51, WithNobodyElseItBecomesAPermit) {
  Notify notify;
  MockTask task;
  {
    Wait wait(notify.notified());
    ASSERT_FALSE(wait.poll(task));
    notify.notify_one();
  }
  EXPECT_TRUE(Wait(notify.notified()).poll(task));
}

TEST(SY51, ADestroyedBroadcastForwardsNothing) {
  Notify notify;
  MockTask task;
  {
    Wait wait(notify.notified());
    ASSERT_FALSE(wait.poll(task));
    notify.notify_waiters();
  }
  EXPECT_FALSE(Wait(notify.notified()).poll(task));
}

TEST(SY52, ThePermitAfterABroadcastSurvivesTheBroadcastWaiter) {
  Notify notify;
  MockTask task;
  {
    Wait wait(notify.notified());
    ASSERT_FALSE(wait.poll(task));
    notify.notify_waiters();
    notify.notify_one();
  }
  EXPECT_TRUE(Wait(notify.notified()).poll(task));
}

TEST(SY53, TheOwnedFormKeepsTheNotifyAlive) {
  auto notify = std::make_shared<Notify>();
  std::weak_ptr<Notify> observer = notify;
  MockTask task;
  std::optional<Polled<OwnedNotified>> wait;
  wait.emplace(Notify::notified_owned(std::move(notify)));
  ASSERT_FALSE(wait->poll(task));
  ASSERT_FALSE(observer.expired());
  observer.lock()->notify_one();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(wait->poll(task));
  wait.reset();
  EXPECT_TRUE(observer.expired());
}

TEST(SY54, WakingCannotThrow) {
  // A wake-up that could throw would leave the rest of a broadcast undone.
  static_assert(noexcept(std::declval<Waker>().wake()));
  static_assert(noexcept(std::declval<const Waker&>().wake()));
  static_assert(noexcept(std::declval<Notify&>().notify_waiters()));
  static_assert(std::is_same_v<decltype(WakeOps::wake), void (*)(Wakeable*) noexcept>);
}

TEST(SY55, EnablingBeforeTheTestLosesNoConsumer) {
  // Two consumers of a queue, two sends in a row before either runs.
  Notify notify;
  int items = 0;
  MockTask tasks[2];
  Notified waits[2] = {notify.notified(), notify.notified()};
  for (Notified& wait : waits) {
    EXPECT_FALSE(wait.enable());
    ASSERT_EQ(items, 0);  // the test for emptiness, after enable()
  }
  for (int i = 0; i < 2; ++i) {
    ++items;
    notify.notify_one();
  }
  for (int i = 0; i < 2; ++i) {
    Polled wait(waits[i]);
    EXPECT_TRUE(wait.poll(tasks[i]));
    --items;
  }
  EXPECT_EQ(items, 0);
}

}  // namespace
}  // namespace weft::sync
