// Models of RemotePoll: the owner, the executor's call and wakers, against each other.
//
// Spec: R-166. Protocol: runtime/executors/remote_poll.h, pairings [RP1] .. [RP4].
//
// Explored to the end: one call at a time, as the protocol has it, on a thread of its own; an owner
// that polls, waits, or goes; and one or two threads that wake. What is polled stands in a Cell, so
// that two that are at it at once are found; the object itself is in memory of the checker, which
// finds one that is freed too early, twice or never.
//
// Not explored: what a poll finds on its thread (the unit tests do), and executors themselves.

#include <optional>
#include <source_location>
#include <utility>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/executors/remote_poll.h>
#include <weft/runtime/ref_counted.h>

namespace weft::loom_test {
namespace {

using internal::RemoteCall;
using internal::RemotePoll;
using Next = RemotePoll::Next;

// The owner, what it lets be polled, and its task.
struct Owner {
  Owner(CountingTask& own, int complete_after) : task(own), polls_until_complete(complete_after) {}
  ~Owner() {
    const bool may_go = remote->close();
    expect(may_go, "the owner went while a call ran");
  }

  Next next() { return next(task); }
  Next next(CountingTask& polling) {
    Context cx(polling.waker());
    return remote->next(cx, this, &poll_thing, std::source_location::current());
  }
  bool stop() {
    Context cx(task.waker());
    return remote->stop(cx);
  }
  // Submits what next() has asked for.
  RemoteCall call() { return RemoteCall(*remote); }
  Waker waker() { return Waker::adopt(RefPtr<RemotePoll>(*remote).release()); }

  static bool poll_thing(void* thing, Context&) noexcept {
    Owner& self = *static_cast<Owner*>(thing);
    // relaxed: wake-ups publish it, or do not.
    self.seen.set(self.events.load(std::memory_order_relaxed));
    return self.polls.replace(self.polls.get() + 1) + 1 == self.polls_until_complete;
  }

  CountingTask& task;  // outlives who may be waking it
  const int polls_until_complete;
  Checked polls{0};
  Checked seen{0};              // the events that the last poll saw
  loom::Atomic<int> events{0};  // what wake-ups are about
  RefPtr<RemotePoll> remote = RemotePoll::create();
};

constexpr int kNever = 1000;

TEST(R166, GoingAgainstAQueuedCall) {
  model([] {
    CountingTask task;
    std::optional<Owner> owner(std::in_place, task, kNever);
    expect(owner->next() == Next::kSubmit, "the first poll does not submit");
    Thread executor([call = owner->call()]() mutable { call(); });
    if (!owner->stop()) {
      executor.join();
      expect(task.was_woken(), "nobody said that the call had ended");
      expect(owner->stop(), "it has ended and still runs");
      owner->polls.set(0);
      owner.reset();
      return;
    }
    // Ours alone, whatever the call does now.
    owner->polls.set(0);
    owner.reset();
    executor.join();
  });
}

TEST(R166, CompletionAgainstTheOwnersPolls) {
  model([] {
    CountingTask task;
    std::optional<Owner> owner(std::in_place, task, 1);
    expect(owner->next() == Next::kSubmit, "the first poll does not submit");
    Thread executor([call = owner->call()]() mutable { call(); });
    bool is_complete = owner->next() == Next::kComplete || owner->next() == Next::kComplete;
    if (!is_complete) {
      executor.join();
      expect(task.was_woken(), "nobody said that it was complete");
      expect(owner->next() == Next::kComplete, "woken and not complete");
    }
    expect(owner->polls.get() == 1, "what the poll did is not visible");
    owner.reset();  // while the call may still be waking
    if (is_complete) executor.join();
  });
}

TEST(R166, WakeUpsAgainstACall) {
  model(bounded(3, std::nullopt), [] {
    CountingTask task;
    Owner owner(task, kNever);
    const auto wake = [&owner, waker = owner.waker()] {
      // relaxed: the wake-up is what publishes it.
      owner.events.fetch_add(1, std::memory_order_relaxed);
      waker.wake();
    };
    {
      expect(owner.next() == Next::kSubmit, "the first poll does not submit");
      Thread executor([call = owner.call()]() mutable { call(); });
      Thread first(wake);
      Thread second(wake);
      executor.join();
      if (owner.next() == Next::kSubmit) owner.call()();
      first.join();
      second.join();
    }
    while (owner.next() == Next::kSubmit) owner.call()();
    expect(owner.seen.get() == 2, "a wake-up was lost");
  });
}

// Nobody looks again but for a wake-up of the task.
TEST(R166, AWakeUpReachesTheTask) {
  model([] {
    CountingTask task;
    Owner owner(task, kNever);
    {
      expect(owner.next() == Next::kSubmit, "the first poll does not submit");
      Thread executor([call = owner.call()]() mutable { call(); });
      Thread other([&owner, waker = owner.waker()] {
        owner.events.fetch_add(1, std::memory_order_relaxed);  // relaxed: as above
        waker.wake();
      });
      executor.join();
      other.join();
    }
    if (task.was_woken()) {
      expect(owner.next() == Next::kSubmit, "woken for nothing");
      owner.call()();
    }
    expect(owner.seen.get() == 1, "neither seen nor woken for");
  });
}

// Also if that is another one than before.
TEST(R166, AWakeUpReachesTheTaskThatPolledLast) {
  model([] {
    CountingTask before;
    CountingTask task;
    Owner owner(before, kNever);
    expect(owner.next() == Next::kSubmit, "the first poll does not submit");
    owner.call()();
    Thread other([waker = owner.waker()] { waker.wake(); });
    const Next next = owner.next(task);
    other.join();
    if (next == Next::kWait) expect(task.was_woken(), "the wake-up was lost");
    if (next == Next::kSubmit) owner.call()();
  });
}

TEST(R166, CompletionAgainstAWakeUp) {
  model([] {
    CountingTask task;
    std::optional<Owner> owner(std::in_place, task, 1);
    expect(owner->next() == Next::kSubmit, "the first poll does not submit");
    Thread executor([call = owner->call()]() mutable { call(); });
    Thread other([waker = owner->waker()] { waker.wake(); });
    executor.join();
    expect(task.wake_count() == 1, "not woken once");
    expect(owner->next() == Next::kComplete, "not complete");
    owner.reset();  // the other may still have its waker
    other.join();
  });
}

TEST(R166, ADroppedCallAgainstTheOwnersPolls) {
  model([] {
    CountingTask task;
    Owner owner(task, kNever);
    expect(owner.next() == Next::kSubmit, "the first poll does not submit");
    Thread executor([call = std::optional(owner.call())]() mutable { call.reset(); });
    const bool is_complete = owner.next() == Next::kComplete;
    executor.join();
    if (!is_complete) expect(task.was_woken(), "nobody said that the call was dropped");
    expect(owner.next() == Next::kComplete, "dropped and still waiting");
    expect(owner.remote->was_dropped(), "dropped and does not know");
    expect(owner.polls.get() == 0, "polled though dropped");
  });
}

// What was taken back does not come in place of what was submitted later, be it called or dropped.
TEST(R166, AnOldCallAgainstANewOne) {
  model([] {
    CountingTask task;
    Owner owner(task, 1);
    expect(owner.next() == Next::kSubmit, "the first poll does not submit");
    RemoteCall old = owner.call();
    expect(owner.stop(), "nothing ran");
    Thread late([call = std::move(old)]() mutable { call(); });
    expect(owner.next() == Next::kSubmit, "what was taken back is not submitted again");
    expect(owner.polls.get() == 0, "the old call polled");
    {
      RemoteCall call = owner.call();
      call();
    }
    expect(owner.next() == Next::kComplete, "not complete");
    late.join();
    expect(owner.polls.get() == 1, "polled twice");
  });
}

TEST(R166, AnOldCallThatIsDroppedAgainstANewOne) {
  model([] {
    CountingTask task;
    Owner owner(task, 1);
    expect(owner.next() == Next::kSubmit, "the first poll does not submit");
    RemoteCall old = owner.call();
    expect(owner.stop(), "nothing ran");
    Thread late([call = std::optional(std::move(old))]() mutable { call.reset(); });
    expect(owner.next() == Next::kSubmit, "what was taken back is not submitted again");
    owner.call()();
    late.join();
    expect(owner.next() == Next::kComplete && !owner.remote->was_dropped(), "dropped by the old");
  });
}

}  // namespace
}  // namespace weft::loom_test
