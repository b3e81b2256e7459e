// Models of the batch semaphore, which Mutex, RwLock, Semaphore and the bounded channel stand on.
//
// Spec: LM-32; SY-12 .. SY-21. Protocol: sync/internal/batch_semaphore.h, pairings [S1] and [S2].
//
// Explored: the fast path against the queue, permits given to waiters, cancelled waiters before and
// after they were served, closing, what is visible to whom, and a semaphore destroyed by the task
// that was served last while the releaser is still inside. Bodies with two threads are exhausted,
// those with three are bounded by two preemptions, the batches of tokio's suite by one.
//
// Not shown: more than three threads; counts near kMaxPermits; budgets.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/loom/atomic.h>
#include <weft/sync/semaphore.h>

namespace weft::loom_test {
namespace {

using sync::Semaphore;

TEST(LM32, OnePermitIsMutualExclusion) {
  model([] {
    Semaphore semaphore(1);
    Checked value(0);
    const auto add = [&] {
      const auto permit = block_on(semaphore.acquire());
      value.set(value.get() + 1);
    };
    Thread other(add);
    add();
    other.join();
    expect(value.get() == 2, "an update is lost");
    expect(semaphore.available_permits() == 1, "the permit is not back");
  });
}

TEST(LM32, NeverMoreHoldersThanPermits) {
  model(bounded(2, 3), [] {
    Semaphore semaphore(2);
    loom::Atomic<int> active{0};
    const auto use = [&] {
      const auto permit = block_on(semaphore.acquire());
      // relaxed: the number alone is of interest.
      expect(active.fetch_add(1, std::memory_order_relaxed) < 2, "three hold two permits");
      active.fetch_sub(1, std::memory_order_relaxed);  // relaxed: as above
    };
    Thread first(use);
    Thread second(use);
    use();
    first.join();
    second.join();
    expect(semaphore.available_permits() == 2, "permits are lost");
  });
}

// The waiter sees what preceded the release, however it learns of its permit.
TEST(LM32, AWaiterSeesWhatPrecededTheRelease) {
  model([] {
    Semaphore semaphore(0);
    CountingTask task;
    Checked value(0);
    Polled wait(semaphore.acquire());
    Thread releaser([&] {
      value.set(1);
      semaphore.add_permits(1);
    });
    bool is_done = wait.poll(task);
    if (!is_done) is_done = wait.poll(task);
    if (is_done) expect(value.get() == 1, "the value from before the release is not visible");
    releaser.join();
    if (is_done) return;
    expect(task.was_woken(), "the release woke nobody");
    expect(wait.poll(task), "woken without a permit");
  });
}

// The permit is taken by the fast path, and the count may be the same as long ago.
TEST(LM32, TryAcquireIsMutualExclusion) {
  model([] {
    Semaphore semaphore(1);
    Checked value(0);
    const auto try_twice = [&] {
      for (int i = 0; i < 2; ++i) {
        const auto permit = semaphore.try_acquire();
        if (permit) value.set(value.get() + 1);
      }
    };
    Thread other(try_twice);
    try_twice();
    other.join();
    expect(semaphore.available_permits() == 1, "the permit is not back");
  });
}

// The same against a request that queues: the permit may have been taken and given back between its
// look and its exchange.
TEST(LM32, AcquireAgainstTwoTries) {
  model([] {
    Semaphore semaphore(1);
    CountingTask task;
    Checked value(0);
    Thread other([&] {
      for (int i = 0; i < 2; ++i) {
        const auto permit = semaphore.try_acquire();
        if (permit) value.set(value.get() + 1);
      }
    });
    {
      Polled wait(semaphore.acquire());
      if (wait.poll(task)) {
        const auto permit = wait.take();
        value.set(value.get() + 1);
      }
    }
    other.join();
    expect(semaphore.available_permits() == 1, "the permit is not back");
  });
}

// A permit that is forgotten is as exclusive as one that is held.
TEST(LM32, ForgettingIsMutualExclusion) {
  model([] {
    Semaphore semaphore(1);
    Checked value(0);
    Thread other([&] {
      const auto permit = semaphore.try_acquire();
      if (permit) value.set(value.get() + 1);
    });
    if (semaphore.forget_permits(1) == 1) value.set(value.get() + 1);
    other.join();
  });
}

// What a releaser could not give to waiters goes to the count, and publishes there as well.
TEST(LM32, PermitsLeftOverByTheQueuePublish) {
  model([] {
    Semaphore semaphore(0);
    CountingTask task;
    Checked value(0);
    Polled wait(semaphore.acquire());
    expect(!wait.poll(task), "a permit out of nothing");
    Thread releaser([&] {
      value.set(1);
      semaphore.add_permits(2);
    });
    if (semaphore.try_acquire()) expect(value.get() == 1, "the value is not visible");
    releaser.join();
    expect(task.was_woken() && wait.poll(task), "the waiter was not served");
  });
}

TEST(LM32, WhoFindsItClosedSeesWhatPreceded) {
  model([] {
    Semaphore semaphore(1);
    Checked value(0);
    Thread closer([&] {
      value.set(1);
      semaphore.close();
    });
    const auto permit = semaphore.try_acquire();
    if (!permit) expect(value.get() == 1, "what preceded close() is not visible");
    closer.join();
  });
}

TEST(LM32, WhoAsksWhetherItIsClosedSeesWhatPreceded) {
  model([] {
    Semaphore semaphore(1);
    Checked value(0);
    Thread closer([&] {
      value.set(1);
      semaphore.close();
    });
    if (semaphore.is_closed()) expect(value.get() == 1, "what preceded close() is not visible");
    closer.join();
  });
}

TEST(LM32, CloseEndsAllWaits) {
  model(bounded(2, std::nullopt), [] {
    Semaphore semaphore(0);
    Checked value(0);
    const auto wait = [&] {
      const auto permit = block_on(semaphore.acquire());
      expect(!permit.has_value(), "a permit out of nothing");
      expect(value.get() == 1, "what preceded close() is not visible");
    };
    Thread first(wait);
    Thread second(wait);
    value.set(1);
    semaphore.close();
    first.join();
    second.join();
  });
}

// A waiter whose semaphore is closed may go away while close() still has it in its own list.
TEST(LM32, AWaiterLeavesWhileItIsClosed) {
  model([] {
    Semaphore semaphore(0);
    CountingTask tasks[4];
    std::optional<Polled<decltype(semaphore.acquire())>> waits[4];
    for (int i = 0; i < 4; ++i) {
      waits[i].emplace(semaphore.acquire());
      expect(!waits[i]->poll(tasks[i]), "a permit out of nothing");
    }
    Thread closer([&] { semaphore.close(); });
    waits[3].reset();
    closer.join();
    for (int i = 0; i < 3; ++i) {
      expect(tasks[i].was_woken(), "a waiter was not told that the semaphore closed");
      expect(waits[i]->poll(tasks[i]) && !waits[i]->take(), "a closed semaphore has permits");
    }
  });
}

TEST(LM32, AcquireReleaseAndCloseAtOnce) {
  model(bounded(2, std::nullopt), [] {
    Semaphore semaphore(1);
    const auto use = [&] {
      const auto permit = block_on(semaphore.acquire());
      static_cast<void>(permit.has_value());
    };
    Thread first(use);
    Thread second(use);
    semaphore.close();
    first.join();
    second.join();
    expect(semaphore.available_permits() == 1, "the permit is lost");
  });
}

// Waiters that are destroyed give back what they were given, whole or in part.
TEST(LM32, CancelledWaitersGiveBackTheirPermits) {
  model(bounded(2, 3), [] {
    Semaphore semaphore(0);
    CountingTask tasks[2];
    const auto poll_and_cancel = [&](CountingTask& task) {
      Polled one(semaphore.acquire());
      Polled two(semaphore.acquire_many(2));
      static_cast<void>(one.poll(task));
      static_cast<void>(two.poll(task));
    };
    Thread first([&] { poll_and_cancel(tasks[0]); });
    Thread second([&] { poll_and_cancel(tasks[1]); });
    semaphore.add_permits(4);
    first.join();
    second.join();
    expect(semaphore.available_permits() == 4, "permits are lost");
    expect(semaphore.try_acquire_many(4).has_value(), "permits cannot be had");
  });
}

// SY-19, SY-30: what a waiter had been given goes on when it is destroyed before it could look.
TEST(LM32, ADestroyedGrantGoesToTheNextWaiter) {
  model([] {
    Semaphore semaphore(0);
    CountingTask tasks[2];
    std::optional<Polled<decltype(semaphore.acquire())>> first(semaphore.acquire());
    Polled second(semaphore.acquire());
    expect(!first->poll(tasks[0]) && !second.poll(tasks[1]), "a permit out of nothing");
    Thread releaser([&] { semaphore.add_permits(1); });
    first.reset();
    releaser.join();
    expect(tasks[1].was_woken(), "the permit stopped at a waiter that is gone");
    expect(second.poll(tasks[1]), "woken without a permit");
  });
}

// SY-15: who comes later does not overtake the queue, whatever is free for a moment.
TEST(LM32, NobodyOvertakesAWaiter) {
  model(bounded(2, std::nullopt), [] {
    Semaphore semaphore(0);
    CountingTask tasks[2];
    Polled big(semaphore.acquire_many(2));
    expect(!big.poll(tasks[0]), "permits out of nothing");
    Thread first([&] { semaphore.add_permits(1); });
    Thread second([&] { semaphore.add_permits(1); });
    {
      Polled small(semaphore.acquire());
      expect(!small.poll(tasks[1]) || tasks[0].was_woken(), "the queue was overtaken");
    }
    expect(!semaphore.try_acquire().has_value(), "the queue was overtaken");
    first.join();
    second.join();
    expect(tasks[0].was_woken() && big.poll(tasks[0]), "the oldest waiter was not served");
  });
}

// SY-6: a wait that goes on in another task wakes that task.
TEST(LM32, TheTaskThatPolledLastIsWoken) {
  model([] {
    Semaphore semaphore(0);
    CountingTask before;
    CountingTask after;
    Polled wait(semaphore.acquire());
    expect(!wait.poll(before), "a permit out of nothing");
    Thread releaser([&] { semaphore.add_permits(1); });
    const bool is_done = wait.poll(after);
    releaser.join();
    if (is_done) return;
    expect(after.was_woken(), "the task that polled last was not woken");
    expect(wait.poll(after), "woken without a permit");
  });
}

TEST(LM32, BatchesOfDifferentSizes) {
  model(bounded(1, 2), [] {
    Semaphore semaphore(10);
    loom::Atomic<std::uint32_t> active{0};
    const auto use = [&] {
      for (const std::uint32_t count : {4u, 10u, 8u}) {
        const auto permit = block_on(semaphore.acquire_many(count));
        // relaxed: the number alone is of interest.
        expect(active.fetch_add(count, std::memory_order_relaxed) + count <= 10,
               "more permits are out than there are");
        active.fetch_sub(count, std::memory_order_relaxed);  // relaxed: as above
      }
    };
    Thread other(use);
    use();
    other.join();
    expect(semaphore.available_permits() == 10, "permits are lost");
  });
}

TEST(LM32, ReleaseDuringAcquire) {
  model([] {
    Semaphore semaphore(10);
    std::optional held(*semaphore.try_acquire_many(8));
    Thread other([&] { const auto permit = block_on(semaphore.acquire_many(4)); });
    held.reset();
    other.join();
    expect(semaphore.available_permits() == 10, "permits are lost");
  });
}

TEST(LM32, AddTakeAndForgetAtOnce) {
  model([] {
    Semaphore semaphore(2);
    std::size_t forgotten = 0;
    Thread adds([&] { semaphore.add_permits(3); });
    Thread forgets([&] { forgotten = semaphore.forget_permits(2); });
    auto taken = semaphore.try_acquire_many(2);
    adds.join();
    forgets.join();
    const std::size_t held = taken ? 2 : 0;
    expect(semaphore.available_permits() + forgotten + held == 5, "permits do not add up");
  });
}

// SY-21: taking and forgetting permits publish as well, and looking at the count acquires.
TEST(LM32, EveryChangeOfTheCountPublishes) {
  model([] {
    Semaphore semaphore(2);
    Checked value(0);
    Thread taker([&] {
      value.set(1);
      semaphore.try_acquire()->forget();
    });
    if (semaphore.available_permits() == 1) expect(value.get() == 1, "the value is not visible");
    taker.join();
  });
  model([] {
    Semaphore semaphore(1);
    Checked value(0);
    Thread forgetter([&] {
      value.set(1);
      static_cast<void>(semaphore.forget_permits(1));
    });
    if (!semaphore.try_acquire()) expect(value.get() == 1, "the value is not visible");
    forgetter.join();
  });
  model([] {
    Semaphore semaphore(1);
    Checked value(0);
    Thread taker([&] {
      value.set(1);
      if (auto taken = semaphore.try_acquire()) taken->forget();
    });
    if (semaphore.forget_permits(1) == 0) expect(value.get() == 1, "the value is not visible");
    taker.join();
  });
  model([] {
    Semaphore semaphore(0);
    Checked value(0);
    Thread adder([&] {
      value.set(1);
      semaphore.add_permits(1);
    });
    if (semaphore.forget_permits(1) == 1) expect(value.get() == 1, "the value is not visible");
    adder.join();
  });
}

// The task that was served may destroy the semaphore while the releaser has not left it yet.
TEST(LM32, TheServedTaskDestroysTheSemaphore) {
  model([] {
    auto* const semaphore = checker::make<Semaphore>(0u);
    Thread releaser([=] { semaphore->add_permits(1); });
    block_on(semaphore->acquire())->forget();
    checker::free(semaphore);
    releaser.join();
  });
}

}  // namespace
}  // namespace weft::loom_test
