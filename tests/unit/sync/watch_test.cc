#include <weft/sync/watch.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/threads.h>
#include <tests/support/tracked.h>
#include <weft/sync/internal/shared_lock.h>
#include <weft/sync/internal/thread_wait.h>

namespace weft::sync::watch {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::Tracked;

template <class A>
auto now(A&& awaitable) {
  MockTask task;
  Polled wait(std::forward<A>(awaitable));
  EXPECT_TRUE(wait.poll(task));
  return wait.take();
}

template <class A>
bool is_pending(A&& awaitable) {
  MockTask task;
  Polled wait(std::forward<A>(awaitable));
  return !wait.poll(task);
}

TEST(SY102, ASenderMayBeMadeWithoutAReceiver) {
  Sender<int> tx(1);
  EXPECT_TRUE(tx.is_closed());
  EXPECT_FALSE(tx.send(2).has_value());
  Receiver<int> rx = tx.subscribe();
  EXPECT_EQ(*rx.borrow(), 1);
  ASSERT_TRUE(tx.send(3).has_value());
  EXPECT_TRUE(now(rx.changed()).has_value());
}

TEST(SY101, WritersExcludeReadersAndEachOther) {
  sync::internal::SharedLock lock;
  int value = 0;
  test_support::run_threads(4, [&](int thread) {
    for (int i = 0; i < 2000; ++i) {
      if (thread == 0) {
        lock.lock();
        ++value;
        lock.unlock();
      } else {
        lock.lock_shared();
        const int seen = value;
        EXPECT_EQ(value, seen);
        lock.unlock_shared();
      }
    }
  });
  EXPECT_EQ(value, 2000);
}

TEST(SY102, TheInitialValueCountsAsSeen) {
  auto [tx, rx] = channel(1);
  EXPECT_EQ(rx.has_changed(), false);
  EXPECT_TRUE(is_pending(rx.changed()));
  ASSERT_TRUE(tx.send(2));
  Receiver<int> late = tx.subscribe();
  EXPECT_EQ(late.has_changed(), false);
  EXPECT_EQ(*late.borrow(), 2);
}

TEST(SY102, ACopyHasSeenWhatItsOriginalHas) {
  auto [tx, rx] = channel(1);
  ASSERT_TRUE(tx.send(2));
  Receiver<int> unseen = rx;
  EXPECT_EQ(unseen.has_changed(), true);
  (void)unseen.borrow_and_update();
  Receiver<int> seen = unseen;
  EXPECT_EQ(seen.has_changed(), false);
  EXPECT_EQ(rx.has_changed(), true);
}

TEST(SY103, BorrowShowsTheValueAndMarksNothing) {
  auto [tx, rx] = channel<std::string>("one");
  ASSERT_TRUE(tx.send("two"));
  {
    Ref<std::string> value = rx.borrow();
    EXPECT_EQ(*value, "two");
    EXPECT_EQ(value->size(), 3u);
    EXPECT_TRUE(value.has_changed());
  }
  EXPECT_EQ(rx.has_changed(), true);
  {
    Ref<std::string> value = rx.borrow_and_update();
    EXPECT_TRUE(value.has_changed());
  }
  EXPECT_EQ(rx.has_changed(), false);
  EXPECT_FALSE(rx.borrow().has_changed());
  EXPECT_EQ(*tx.borrow(), "two");
}

TEST(SY104, ChangedWaitsForAnUnseenValueAndMarksIt) {
  auto [tx, rx] = channel(1);
  MockTask task;
  Polled changed(rx.changed());
  ASSERT_FALSE(changed.poll(task));
  ASSERT_TRUE(tx.send(2));
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(changed.poll(task));
  EXPECT_TRUE(changed.take());
  EXPECT_EQ(rx.has_changed(), false);
  EXPECT_TRUE(is_pending(rx.changed()));
}

TEST(SY104, AnUnseenValueComesBeforeTheEnd) {
  auto [tx, rx] = channel(1);
  ASSERT_TRUE(tx.send(2));
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_EQ(rx.has_changed(), Err(RecvError()));
  EXPECT_TRUE(now(rx.changed()));
  EXPECT_FALSE(now(rx.changed()));
}

TEST(SY104, TheEndWakesWhoWaits) {
  auto [tx, rx] = channel(1);
  MockTask task;
  Polled changed(rx.changed());
  ASSERT_FALSE(changed.poll(task));
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(changed.poll(task));
  EXPECT_EQ(changed.take(), Err(RecvError()));
}

TEST(SY104, ADestroyedChangedMarksNothing) {
  auto [tx, rx] = channel(1);
  MockTask task;
  {
    Polled changed(rx.changed());
    ASSERT_FALSE(changed.poll(task));
    ASSERT_TRUE(tx.send(2));
    ASSERT_TRUE(changed.poll(task));
  }
  EXPECT_EQ(rx.has_changed(), true);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(SY105, MarkingByHand) {
  auto [tx, rx] = channel(1);
  rx.mark_changed();
  rx.mark_changed();
  EXPECT_EQ(rx.has_changed(), true);
  EXPECT_TRUE(now(rx.changed()));
  EXPECT_EQ(rx.has_changed(), false);
  ASSERT_TRUE(tx.send(2));
  rx.mark_unchanged();
  EXPECT_EQ(rx.has_changed(), false);
}

TEST(SY106, WaitForLooksAtTheCurrentValueFirst) {
  auto [tx, rx] = channel(1);
  {
    auto found = now(rx.wait_for([](const int& value) { return value == 1; }));
    ASSERT_TRUE(found);
    EXPECT_EQ(**found, 1);
    EXPECT_FALSE(found->has_changed());
  }
  ASSERT_TRUE(tx.send(2));
  MockTask task;
  Polled waiting(rx.wait_for([](const int& value) { return value >= 3; }));
  ASSERT_FALSE(waiting.poll(task));
  EXPECT_EQ(rx.has_changed(), false);  // it looked at 2
  ASSERT_TRUE(tx.send(3));
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(waiting.poll(task));
  auto found = waiting.take();
  ASSERT_TRUE(found);
  EXPECT_EQ(**found, 3);
  EXPECT_TRUE(found->has_changed());
}

TEST(SY106, ASpuriousWakeLooksAtNothingTwice) {
  auto [tx, rx] = channel(1);
  int looks = 0;
  MockTask task;
  Polled waiting(rx.wait_for([&](const int&) { return ++looks > 10; }));
  for (int i = 0; i < 5; ++i) ASSERT_FALSE(waiting.poll(task));
  EXPECT_EQ(looks, 1);
}

TEST(SY106, TheLastValueIsTestedOnceMoreAfterTheEnd) {
  auto [tx, rx] = channel(1);
  MockTask task;
  Polled waiting(rx.wait_for([](const int& value) { return value == 2; }));
  ASSERT_FALSE(waiting.poll(task));
  ASSERT_TRUE(tx.send(2));
  {
    Sender<int> gone = std::move(tx);
  }
  ASSERT_TRUE(waiting.poll(task));
  EXPECT_TRUE(waiting.take());
}

TEST(SY106, TheEndIsAnErrorOnlyIfTheLastValueFails) {
  auto [tx, rx] = channel(1);
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_TRUE(now(rx.wait_for([](const int& value) { return value == 1; })));
  EXPECT_FALSE(now(rx.wait_for([](const int& value) { return value == 2; })));
}

TEST(SY106, WhatThePredicateThrowsComesOutAfterUnlocking) {
  auto [tx, rx] = channel(1);
  MockTask task;
  Polled waiting(rx.wait_for([](const int&) -> bool { throw std::runtime_error("no"); }));
  ASSERT_TRUE(waiting.poll(task));
  EXPECT_TRUE(tx.send(2));  // the lock is free
  EXPECT_THROW((void)waiting.take(), std::runtime_error);
}

TEST(SY107, SendWithoutReceiversStoresNothing) {
  auto [tx, rx] = channel(1);
  {
    Receiver<int> gone = std::move(rx);
  }
  auto refused = tx.send(2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().value, 2);
  EXPECT_EQ(*tx.borrow(), 1);
  EXPECT_EQ(tx.send_replace(3), 1);
  tx.send_modify([](int& value) { ++value; });
  EXPECT_EQ(*tx.borrow(), 4);
}

TEST(SY107, SendIfModifiedWakesOnlyIfItSaysSo) {
  auto [tx, rx] = channel(1);
  MockTask task;
  Polled changed(rx.changed());
  ASSERT_FALSE(changed.poll(task));
  EXPECT_FALSE(tx.send_if_modified([](int& value) {
    value = 5;
    return false;
  }));
  EXPECT_FALSE(task.take_woken());
  EXPECT_EQ(rx.has_changed(), false);
  EXPECT_EQ(*rx.borrow(), 5);
  EXPECT_TRUE(tx.send_if_modified([](int& value) {
    value = 6;
    return true;
  }));
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(changed.poll(task));
}

TEST(SY108, AThrowingModifyTellsNobodyAndUnlocks) {
  auto [tx, rx] = channel(1);
  MockTask task;
  Polled changed(rx.changed());
  ASSERT_FALSE(changed.poll(task));
  EXPECT_THROW(tx.send_modify([](int& value) {
    value = 9;
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_FALSE(task.take_woken());
  EXPECT_EQ(rx.has_changed(), false);
  EXPECT_EQ(*rx.borrow(), 9);
  EXPECT_TRUE(tx.send(10));
  EXPECT_TRUE(task.take_woken());
}

TEST(SY109, VersionAndValueBelongTogether) {
  auto [tx, rx] = channel(0);
  constexpr int kValues = 3000;
  test_support::run_threads(2, [&, &sender = tx, &receiver = rx](int thread) {
    if (thread == 0) {
      for (int i = 1; i <= kValues; ++i) ASSERT_TRUE(sender.send(i));
      return;
    }
    int last = 0;
    while (last != kValues) {
      ASSERT_TRUE(sync::internal::wait_on_thread(receiver.changed()));
      const int value = *receiver.borrow_and_update();
      EXPECT_GE(value, last);
      last = value;
    }
  });
}

TEST(SY110, OnlyTheLatestValueCounts) {
  auto [tx, rx] = channel(1);
  for (int i = 2; i < 10; ++i) ASSERT_TRUE(tx.send(i));
  {
    Sender<int> gone = std::move(tx);
  }
  ASSERT_TRUE(now(rx.changed()));
  EXPECT_EQ(*rx.borrow_and_update(), 9);
  EXPECT_FALSE(now(rx.changed()));
}

TEST(SY111, ClosedCompletesWithoutReceiversAndMayReopen) {
  auto [tx, rx] = channel(1);
  Receiver<int> other = rx;
  EXPECT_EQ(tx.receiver_count(), 2u);
  MockTask task;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(task));
  {
    Receiver<int> gone = std::move(rx);
  }
  EXPECT_FALSE(task.take_woken());
  {
    Receiver<int> gone = std::move(other);
  }
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(tx.is_closed());
  Receiver<int> back = tx.subscribe();
  EXPECT_FALSE(tx.is_closed());
  EXPECT_FALSE(closed.poll(task));
  {
    Receiver<int> gone = std::move(back);
  }
  EXPECT_TRUE(closed.poll(task));
}

TEST(SY111, OnlyTheLastSenderEndsTheChannel) {
  auto [tx, rx] = channel(1);
  Sender<int> other = tx;
  EXPECT_EQ(tx.sender_count(), 2u);
  EXPECT_TRUE(tx.same_channel(other));
  EXPECT_TRUE(rx.same_channel(Receiver<int>(rx)));
  MockTask task;
  Polled changed(rx.changed());
  ASSERT_FALSE(changed.poll(task));
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_FALSE(task.take_woken());
  {
    Sender<int> gone = std::move(other);
  }
  EXPECT_TRUE(task.take_woken());
}

TEST(SY111, TheValueLivesUntilAllHandlesAreGone) {
  Tracked::Count alive;
  {
    auto [tx, rx] = channel(Tracked(alive, 1));
    {
      Sender<Tracked> gone = std::move(tx);
    }
    EXPECT_EQ(rx.borrow()->value(), 1);
    EXPECT_EQ(alive.count(), 1);
  }
  EXPECT_EQ(alive.count(), 0);
}

TEST(SY8, WatchWaitsTakeBudget) {
  auto [tx, rx] = channel(1);
  Sender<int> lonely = tx;
  MockTask task;
  Budget budget = Budget::initial();
  int completed = 0;
  for (int i = 0; i < Budget::kUnits + 6; ++i) {
    rx.mark_changed();
    if (i % 2 == 0) {
      if (Polled changed(rx.changed()); changed.poll(task, budget)) ++completed;
    } else {
      Polled found(rx.wait_for([](const int&) { return true; }));
      if (found.poll(task, budget)) ++completed;
    }
  }
  EXPECT_EQ(completed, Budget::kUnits);
  {
    Receiver<int> gone = std::move(rx);
  }
  EXPECT_FALSE(Polled(tx.closed()).poll(task, budget));
}

}  // namespace
}  // namespace weft::sync::watch
