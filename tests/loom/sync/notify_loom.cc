// Models of Notify.
//
// Spec: LM-30; SY-40 .. SY-52. Protocol: sync/notify.h, pairings [N1] and [N2].
//
// Explored: notify_one() and notify_waiters() against waiters that poll, enable, are destroyed, or
// are made meanwhile. A broadcast works through its waiters in batches, of 2 here instead of 32.
// Bodies with two threads are exhausted, most with three bounded by two preemptions.
//
// Not shown: the count of broadcasts wrapping around; more than three threads.

#include <optional>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/loom/atomic.h>
#include <weft/sync/notify.h>

namespace weft::loom_test {
namespace {

using sync::Notified;
using sync::Notify;
using Wait = std::optional<Polled<Notified>>;

TEST(LM30, NotifyOneReachesTheWaiter) {
  model([] {
    Notify notify;
    Checked value(0);
    Thread notifier([&] {
      value.set(1);
      notify.notify_one();
    });
    block_on(notify.notified());
    expect(value.get() == 1, "what preceded the notification is not visible");
    notifier.join();
  });
}

// The permit of one notifier stored over that of another: what both wrote is visible.
TEST(LM30, APermitOverAPermitPublishesBoth) {
  model(bounded(2, 3), [] {
    Notify notify;
    Checked values[2] = {Checked(0), Checked(0)};
    loom::Atomic<int> notified{0};
    const auto write_and_notify = [&](int i) {
      values[i].set(1);
      notify.notify_one();
      notified.fetch_add(1, std::memory_order_relaxed);  // relaxed: Notify shall publish
    };
    Thread first([&] { write_and_notify(0); });
    Thread second([&] { write_and_notify(1); });
    CountingTask task;
    if (notified.load(std::memory_order_relaxed) == 2) {  // relaxed: as above
      Polled wait(notify.notified());
      expect(wait.poll(task), "the permit is lost");
      expect(values[0].get() == 1 && values[1].get() == 1, "a notifier's write is lost");
    }
    first.join();
    second.join();
  });
}

TEST(LM30, ABroadcastReachesEveryWaiter) {
  model(bounded(2, std::nullopt), [] {
    Notify notify;
    Checked value(0);
    Notified early = notify.notified();
    Notified another = notify.notified();
    const auto wait = [&](Notified& notified) {
      block_on(notified);
      expect(value.get() == 1, "what preceded the notification is not visible");
    };
    Thread first([&] { wait(early); });
    Thread second([&] { wait(another); });
    value.set(1);
    notify.notify_waiters();
    first.join();
    second.join();
  });
}

TEST(LM30, BroadcastAndOneAtOnce) {
  model(bounded(2, 3), [] {
    Notify notify;
    Notified early = notify.notified();
    Thread all([&] { notify.notify_waiters(); });
    Thread one([&] { notify.notify_one(); });
    block_on(early);
    all.join();
    one.join();
  });
}

TEST(LM30, AChainOfNotifications) {
  model(bounded(2, 3), [] {
    Notify notify;
    const auto relay = [&] {
      block_on(notify.notified());
      notify.notify_one();
    };
    Thread first(relay);
    Thread second(relay);
    notify.notify_one();
    first.join();
    second.join();
    block_on(notify.notified());
  });
}

// SY-51: a waiter that was notified and is destroyed passes it on, to a waiter or to the future.
TEST(LM30, ADestroyedWaiterPassesItOn) {
  model([] {
    Notify notify;
    CountingTask tasks[2];
    Wait first(notify.notified());
    Polled second(notify.notified());
    expect(!first->poll(tasks[0]) && !second.poll(tasks[1]), "notified by nobody");
    Thread notifier([&] { notify.notify_one(); });
    first.reset();
    notifier.join();
    expect(tasks[1].was_woken(), "the notification stopped at a waiter that is gone");
    expect(second.poll(tasks[1]), "woken without a notification");
  });
}
TEST(LM30, ADestroyedWaiterPassesItOnToWhoWaitedLast) {
  model([] {
    Notify notify;
    CountingTask tasks[3];
    Wait waits[3];
    for (int i = 0; i < 3; ++i) {
      waits[i].emplace(notify.notified());
      expect(!waits[i]->poll(tasks[i]), "notified by nobody");
    }
    Thread notifier([&] { notify.notify_last(); });
    waits[2].reset();
    notifier.join();
    expect(tasks[1].was_woken() && !tasks[0].was_woken(), "not passed on to who waited last");
    expect(waits[1]->poll(tasks[1]), "woken without a notification");
  });
}
TEST(LM30, ADestroyedWaiterLeavesAPermit) {
  model(bounded(2, std::nullopt), [] {
    Notify notify;
    CountingTask task;
    Thread waiter([&] {
      Polled wait(notify.notified());
      static_cast<void>(wait.poll(task));
    });
    Thread notifier([&] { notify.notify_one(); });
    waiter.join();
    notifier.join();
    // It may have been consumed: then the waiter was complete. Once more, after it.
    notify.notify_one();
    block_on(notify.notified());
  });
}

// The notifier saw a waiter, which has left when it gets the lock: a permit is stored there too.
TEST(LM30, APermitStoredUnderTheLockPublishes) {
  model([] {
    Notify notify;
    CountingTask task;
    Checked value(0);
    Wait early(notify.notified());
    expect(!early->poll(task), "notified by nobody");
    Thread notifier([&] {
      value.set(1);
      notify.notify_one();
    });
    early.reset();
    {
      Polled next(notify.notified());
      if (next.poll(task)) expect(value.get() == 1, "the value is not visible");
    }
    notifier.join();
  });
}

// SY-52, SY-44: a broadcast takes nothing from a permit, and is forwarded by nobody.
TEST(LM30, ABroadcastKeepsThePermit) {
  model([] {
    Notify notify;
    CountingTask task;
    Wait early(notify.notified());
    expect(!early->poll(task), "notified by nobody");
    Thread notifier([&] {
      notify.notify_waiters();
      notify.notify_one();
    });
    early.reset();
    notifier.join();
    CountingTask late;
    Polled wait(notify.notified());
    expect(wait.poll(late), "the permit is lost");
    Polled next(notify.notified());
    expect(!next.poll(late), "one permit was consumed twice");
  });
}

// SY-50: who is satisfied by a broadcast leaves the permit alone.
TEST(LM30, ABroadcastCostsNoPermit) {
  model([] {
    Notify notify;
    CountingTask task;
    Notified early = notify.notified();
    Thread notifier([&] { notify.notify_waiters(); });
    notify.notify_one();
    notifier.join();
    {
      Polled wait(early);
      expect(wait.poll(task), "neither the broadcast nor the permit was seen");
    }
    Polled next(notify.notified());
    expect(next.poll(task), "the permit was consumed by who had been reached by a broadcast");
  });
}

// SY-48: of two that were there before a broadcast, none lags behind the other; polled or enabled
// in any combination.
void check_poll_consistency(bool enable_first, bool enable_second) {
  model([=] {
    Notify notify;
    Notified first = notify.notified();
    Notified second = notify.notified();
    Thread notifier([&] { notify.notify_waiters(); });
    if (enable_first) first.enable();
    if (enable_second) second.enable();
    CountingTask task;
    {
      Polled first_wait(first);
      Polled second_wait(second);
      const bool is_first_done = first_wait.poll(task);
      if (is_first_done) expect(second_wait.poll(task), "two waiters disagree on a broadcast");
    }
    notifier.join();
  });
}
TEST(LM30, WaitersAgreeOnABroadcastPolledOnly) { check_poll_consistency(false, false); }
TEST(LM30, WaitersAgreeOnABroadcastFirstEnabled) { check_poll_consistency(true, false); }
TEST(LM30, WaitersAgreeOnABroadcastSecondEnabled) { check_poll_consistency(false, true); }
TEST(LM30, WaitersAgreeOnABroadcastBothEnabled) { check_poll_consistency(true, true); }

// The same while the broadcast has unlocked between two batches.
void check_agreement_across_batches(bool first_before_last) {
  model([=] {
    Notify notify;
    CountingTask tasks[4];
    Wait waits[4];
    for (int i = 0; i < 4; ++i) {
      waits[i].emplace(notify.notified());
      expect(!waits[i]->poll(tasks[i]), "notified by nobody");
    }
    Thread notifier([&] { notify.notify_waiters(); });
    const int before = first_before_last ? 0 : 3;
    const int after = 3 - before;
    if (waits[before]->poll(tasks[before])) {
      expect(waits[after]->poll(tasks[after]), "two waiters disagree on a broadcast");
    }
    notifier.join();
    for (int i : {1, 2}) {
      expect(tasks[i].was_woken() && waits[i]->poll(tasks[i]), "a waiter was left out");
    }
  });
}
TEST(LM30, WaitersAgreeAcrossBatchesFromTheFront) { check_agreement_across_batches(true); }
TEST(LM30, WaitersAgreeAcrossBatchesFromTheBack) { check_agreement_across_batches(false); }

// A waiter of a later batch goes away meanwhile; the others are reached all the same.
TEST(LM30, AWaiterLeavesDuringABroadcast) {
  model([] {
    Notify notify;
    CountingTask tasks[4];
    Wait waits[4];
    for (int i = 0; i < 4; ++i) {
      waits[i].emplace(notify.notified());
      expect(!waits[i]->poll(tasks[i]), "notified by nobody");
    }
    Thread notifier([&] { notify.notify_waiters(); });
    waits[2].reset();
    notifier.join();
    for (int i : {0, 1, 3}) {
      expect(tasks[i].was_woken() && waits[i]->poll(tasks[i]), "a waiter was left out");
    }
  });
}

// SY-49: one broadcast never ends two waits that follow each other.
TEST(LM30, TwoWaitsNeedTwoBroadcasts) {
  model(bounded(2, 3), [] {
    Notify notify;
    CountingTask tasks[3];
    Wait others[3];
    for (int i = 0; i < 3; ++i) {
      others[i].emplace(notify.notified());
      expect(!others[i]->poll(tasks[i]), "notified by nobody");
    }
    CountingTask task;
    Notified first = notify.notified();
    Thread notifier([&] { notify.notify_waiters(); });
    {
      Polled wait(first);
      if (wait.poll(task)) {
        CountingTask late;
        Polled next(notify.notified());
        expect(!next.poll(late), "one broadcast ended two waits");
      }
    }
    notifier.join();
  });
}

// SY-42: a broadcast stays visible under later changes of the word that others make.
TEST(LM30, ABroadcastIsSeenThroughLaterChanges) {
  model(bounded(3, std::nullopt), [] {
    Notify notify;
    Checked value(0);
    CountingTask tasks[2];
    Notified early = notify.notified();
    Thread notifier([&] {
      value.set(1);
      notify.notify_waiters();
    });
    Thread passer([&] {
      Polled wait(notify.notified());
      static_cast<void>(wait.poll(tasks[0]));
    });
    {
      Polled wait(early);
      if (wait.poll(tasks[1])) expect(value.get() == 1, "the value is not visible");
    }
    notifier.join();
    passer.join();
  });
}

// SY-55: two messages, two consumers that register before they look.
TEST(LM30, AQueueWithEnableLosesNobody) {
  model(bounded(1, 2), [] {
    Notify notify;
    loom::Atomic<int> messages{0};
    const auto consume = [&] {
      for (;;) {
        Notified notified = notify.notified();
        notified.enable();
        int seen = messages.load(std::memory_order_acquire);
        while (seen > 0) {
          if (messages.compare_exchange_strong(seen, seen - 1, std::memory_order_acq_rel)) return;
        }
        block_on(notified);
      }
    };
    Thread first(consume);
    Thread second(consume);
    for (int i = 0; i < 2; ++i) {
      messages.fetch_add(1, std::memory_order_acq_rel);
      notify.notify_one();
    }
    first.join();
    second.join();
  });
}

// SY-6.
TEST(LM30, TheTaskThatPolledLastIsWoken) {
  model([] {
    Notify notify;
    CountingTask before;
    CountingTask after;
    Polled wait(notify.notified());
    expect(!wait.poll(before), "notified by nobody");
    Thread notifier([&] { notify.notify_one(); });
    const bool is_done = wait.poll(after);
    notifier.join();
    if (is_done) return;
    expect(after.was_woken() && wait.poll(after), "the task that polled last was not woken");
  });
}

// The task that was notified may destroy the Notify while the notifier has not left it yet.
void check_destruction(bool is_enabled) {
  model([=] {
    auto* const notify = checker::make<Notify>();
    CountingTask task;
    std::optional<Notified> wait(notify->notified());
    if (is_enabled) wait->enable();
    Thread notifier([=] { notify->notify_waiters(); });
    Context cx(task.waker());
    const bool is_done = wait->poll(cx);
    if (!is_done) notifier.join();
    wait.reset();
    checker::free(notify);
    if (is_done) notifier.join();
  });
}
TEST(LM30, TheNotifiedTaskDestroysTheNotify) { check_destruction(true); }
TEST(LM30, ATaskThatNeverWaitedDestroysTheNotify) { check_destruction(false); }

}  // namespace
}  // namespace weft::loom_test
