// Models of OnceCell, SetOnce and Barrier, and of the wait queue and the lock that they and the
// channels stand on.
//
// Spec: LM-32; SY-56, SY-101, SY-112 .. SY-114. Protocols: sync/internal/wait_queue.h ([WQ1]),
// sync/internal/shared_lock.h ([SL1]), sync/once_cell.h ([OC1]), sync/set_once.h ([SO1]),
// sync/barrier.h ([BA1]).
//
// Explored: two threads to the end, three with two preemptions. wake_all() works in batches of 2
// here instead of 32.
//
// Not shown: initialisers that suspend more than once.

#include <mutex>
#include <optional>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/loom/atomic.h>
#include <weft/sync/barrier.h>
#include <weft/sync/internal/shared_lock.h>
#include <weft/sync/internal/wait_queue.h>
#include <weft/sync/once_cell.h>
#include <weft/sync/set_once.h>

namespace weft::loom_test {
namespace {

using sync::Barrier;
using sync::OnceCell;
using sync::SetOnce;
using sync::internal::SharedLock;
using sync::internal::WaitQueue;

// --- WaitQueue

// The law of use: arm and look again, against change and wake.
TEST(LM32, TheQueueWakesOrTheWaiterSees) {
  model([] {
    WaitQueue queue;
    loom::Atomic<int> condition{0};
    CountingTask task;
    Thread changer([&] {
      condition.fetch_add(1, std::memory_order_seq_cst);
      queue.wake_all();
    });
    {
      WaitQueue::Waiter waiter(queue);
      Context cx(task.waker());
      waiter.arm(cx);
      const bool has_seen = condition.load(std::memory_order_seq_cst) != 0;
      changer.join();
      expect(has_seen || task.was_woken(), "neither seen nor woken");
    }
  });
}

// SY-6: it arms again for another task, or for the same one.
TEST(LM32, TheTaskThatArmedLastIsWoken) {
  model([] {
    WaitQueue queue;
    loom::Atomic<int> condition{0};
    CountingTask tasks[2];
    Thread changer([&] {
      condition.fetch_add(1, std::memory_order_seq_cst);
      queue.wake_all();
    });
    {
      WaitQueue::Waiter waiter(queue);
      for (CountingTask& task : tasks) {
        Context cx(task.waker());
        waiter.arm(cx);
      }
      const bool has_seen = condition.load(std::memory_order_seq_cst) != 0;
      changer.join();
      expect(has_seen || tasks[1].was_woken(), "neither seen nor woken");
    }
  });
}

// A waiter goes away while it is woken; the memory is its own at once.
TEST(LM32, AWaiterLeavesTheQueueMeanwhile) {
  model([] {
    WaitQueue queue;
    CountingTask tasks[4];
    std::optional<WaitQueue::Waiter> waiters[4];
    for (int i = 0; i < 4; ++i) {
      waiters[i].emplace(queue);
      Context cx(tasks[i].waker());
      waiters[i]->arm(cx);
    }
    Thread waker([&] { queue.wake_all(); });
    waiters[0].reset();
    waiters[3].reset();
    waker.join();
    for (int i : {1, 2}) expect(tasks[i].was_woken(), "a waiter was left out");
  });
}

// --- SharedLock

TEST(SY101, ReadersAndWritersExcludeEachOther) {
  model(bounded(2, std::nullopt), [] {
    SharedLock lock;
    Checked value(0);
    const auto read = [&] {
      lock.lock_shared();
      static_cast<void>(value.get());
      lock.unlock_shared();
    };
    Thread reader(read);
    Thread writer([&] {
      const std::lock_guard guard(lock);
      value.set(value.get() + 1);
    });
    {
      const std::lock_guard guard(lock);
      value.set(value.get() + 1);
    }
    reader.join();
    writer.join();
    expect(value.get() == 2, "an update is lost");
  });
}
TEST(SY101, TwoReadersAndAWriter) {
  model(bounded(2, std::nullopt), [] {
    SharedLock lock;
    Checked value(0);
    const auto read = [&] {
      lock.lock_shared();
      static_cast<void>(value.get());
      lock.unlock_shared();
    };
    Thread first(read);
    Thread second(read);
    {
      const std::lock_guard guard(lock);
      value.set(1);
    }
    first.join();
    second.join();
  });
}

// --- OnceCell

// A leaf that is ready when it is first polled, and makes a value.
class Make {
 public:
  explicit Make(int value) : value_(value) {}
  class Node : public Leaf {
   public:
    explicit Node(int value) : value_(value) {}
    bool poll(Context&) noexcept { return true; }
    Checked take() { return Checked(value_); }

   private:
    int value_;
  };
  LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(value_); }

 private:
  int value_;
};

TEST(LM32, OneInitialiserRuns) {
  model([] {
    OnceCell<Checked> cell;
    int runs = 0;
    const auto get = [&] {
      const Checked& value = block_on(cell.get_or_init([&] {
        ++runs;
        return Make(7);
      }));
      expect(value.get() == 7, "the value is not visible");
    };
    Thread other(get);
    get();
    other.join();
    expect(runs == 1, "initialised twice");
  });
}

// SY-112: an initialisation that is given up goes to the next waiter.
TEST(LM32, AnInitialiserThatGoesLeavesItToTheNext) {
  model([] {
    OnceCell<Checked> cell;
    CountingTask task;
    Thread other([&] {
      const Checked& value = block_on(cell.get_or_init([] { return Make(7); }));
      expect(value.get() == 7, "the value is not visible");
    });
    {
      struct Never : Leaf {
        bool poll(Context&) noexcept { return false; }
        Checked take() { return Checked(0); }
      };
      struct Wait {
        LeafAwaiter<Never> operator co_await() const noexcept { return LeafAwaiter<Never>(); }
      };
      Polled init(cell.get_or_init([] { return Wait(); }));
      static_cast<void>(init.poll(task));
    }
    other.join();
    expect(cell.get() != nullptr, "nobody initialised it");
  });
}

TEST(LM32, TheCellIsSetOnce) {
  model([] {
    OnceCell<Checked> cell;
    int set = 0;
    const auto try_set = [&](int value) {
      auto result = cell.set(Checked(value));
      if (result) ++set;
      if (!result && result.error().is_already_initialized()) {
        expect(cell.get() != nullptr && cell.get()->get() != value, "set and not visible");
      }
    };
    Thread other([&] { try_set(1); });
    try_set(2);
    other.join();
    expect(set == 1 && cell.get() != nullptr, "set twice, or never");
  });
}

// SY-113: who knows that there is a value is not told that it is being made.
TEST(LM32, ASetCellIsNotBeingMade) {
  model([] {
    OnceCell<Checked> cell;
    Thread setter([&] { static_cast<void>(cell.set(Checked(7))); });
    if (cell.initialized()) {
      auto result = cell.set(Checked(8));
      expect(!result && result.error().is_already_initialized(), "made again though it is there");
    }
    setter.join();
  });
}

TEST(LM32, TheCellsReaderSeesTheValue) {
  model([] {
    OnceCell<Checked> cell;
    Thread setter([&] { static_cast<void>(cell.set(Checked(7))); });
    if (const Checked* value = cell.get()) expect(value->get() == 7, "the value is not visible");
    setter.join();
  });
}

// --- SetOnce

TEST(LM32, SetAgainstWait) {
  model([] {
    SetOnce<Checked> cell;
    Thread setter([&] { expect(cell.set(Checked(7)).has_value(), "refused the first value"); });
    expect(block_on(cell.wait()).get() == 7, "the value is not visible");
    setter.join();
  });
}
TEST(LM32, TwoSets) {
  model([] {
    SetOnce<Checked> cell;
    int refused = 0;
    const auto set = [&](int value) {
      auto result = cell.set(Checked(value));
      if (result) return;
      ++refused;
      expect(result.error().value.get() == value, "another value is given back");
      expect(cell.get()->get() != value, "refused and stored");
    };
    Thread other([&] { set(1); });
    set(2);
    other.join();
    expect(refused == 1, "set twice, or never");
  });
}
TEST(LM32, AWaitForTheValueGoesAway) {
  model([] {
    SetOnce<Checked> cell;
    CountingTask task;
    Thread setter([&] { static_cast<void>(cell.set(Checked(7))); });
    {
      Polled wait(cell.wait());
      if (wait.poll(task)) expect(wait.take().get() == 7, "the value is not visible");
    }
    setter.join();
    expect(cell.get()->get() == 7, "the value is lost");
  });
}
TEST(LM32, SetOnceReaderSeesTheValue) {
  model([] {
    SetOnce<Checked> cell;
    Thread setter([&] { static_cast<void>(cell.set(Checked(7))); });
    if (const Checked* value = cell.get()) expect(value->get() == 7, "the value is not visible");
    setter.join();
  });
}

// --- Barrier

TEST(SY56, OneLeaderAndAllSeeAll) {
  model(bounded(2, 3), [] {
    Barrier barrier(3);
    Checked values[3] = {Checked(0), Checked(0), Checked(0)};
    int leaders = 0;
    const auto meet = [&](int i) {
      values[i].set(1);
      if (block_on(barrier.wait()).is_leader()) ++leaders;
      for (const Checked& value : values) expect(value.get() == 1, "a value is not visible");
    };
    Thread first([&] { meet(0); });
    Thread second([&] { meet(1); });
    meet(2);
    first.join();
    second.join();
    expect(leaders == 1, "not one leader");
  });
}
TEST(SY56, ItIsReusableAtOnce) {
  model(bounded(3, std::nullopt), [] {
    Barrier barrier(2);
    int leaders = 0;
    const auto meet_twice = [&] {
      for (int i = 0; i < 2; ++i) {
        if (block_on(barrier.wait()).is_leader()) ++leaders;
      }
    };
    Thread other(meet_twice);
    meet_twice();
    other.join();
    expect(leaders == 2, "not one leader a generation");
  });
}

}  // namespace
}  // namespace weft::loom_test
