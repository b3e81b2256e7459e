// The state word: waking against running, suspending and completing.
//
// Explored: a worker that runs a task, against one or two threads that wake it, by value or by
// reference, before, during and after its polls; wakers that are cloned in a poll and used before
// it ends; a task that has put itself aside. In each, what the waker's thread wrote before waking
// is seen by a later poll, the frame is touched by one thread at a time, and the block goes exactly
// when the last reference does. The worker takes the task from a queue that orders no more than a
// queue has to.
//
// Not explored: more than two wakers; the scheduler around the task (tests/loom/scheduler).

#include <utility>

#include <tests/loom/support/model.h>
#include <tests/loom/task/state_task.h>
#include <weft/loom/atomic.h>

namespace weft::loom_test {
namespace {

// What a task waits for. Only the state word publishes it.
class Event {
 public:
  // relaxed: a wake-up follows, whose job the ordering is.
  void set() { happened_.store(true, std::memory_order_relaxed); }
  // relaxed: the task was woken.
  bool is_set() const { return happened_.load(std::memory_order_relaxed); }

 private:
  loom::Atomic<bool> happened_{false};
};

// A detached task that ends once `event` is set, and its worker.
struct Waiting {
  Event event;
  StateTask* task = StateTask::create();
  int polls = 0;
  bool ended = false;

  // Without `detached` the caller drops the JoinHandle: the task's memory stays until then.
  explicit Waiting(bool detached = true) {
    task->push();
    if (detached) task->drop_join(/*unpublished=*/true);
  }

  // What the worker does with its queue, once.
  bool work() {
    if (!task->pop()) return false;
    ++polls;
    task->poll([&](std::uint32_t&) { return ended = event.is_set(); });
    return true;
  }
  void drain() {
    while (!ended && work()) continue;
    expect(ended, "a wake-up was lost");
  }
};

TEST(R109, AWakeByValueIsSeenByALaterPoll) {
  model([] {
    Waiting waiting;
    Waker waker = waiting.task->waker();
    loom::Thread other = start([&] {
      waiting.event.set();
      std::move(waker).wake();
    });
    waiting.work();
    if (!waiting.ended) waiting.work();
    other.join();
    waiting.drain();
    expect(waiting.polls <= 2, "one wake-up has made two polls");
  });
}

TEST(R109, AWakeByReferenceIsSeenByALaterPoll) {
  model([] {
    Waiting waiting;
    const Waker waker = waiting.task->waker();
    loom::Thread other = start([&, held = waker] {
      waiting.event.set();
      held.wake();
    });
    waiting.work();
    if (!waiting.ended) waiting.work();
    other.join();
    waiting.drain();
    expect(waiting.polls <= 2, "one wake-up has made two polls");
  });
}

// Both wake; the task ends when it has seen both.
TEST(R109, TwoWakesAreSeenThoughOneFindsTheOtherThere) {
  model(bounded(2, 3), [] {
    Event second;
    Waiting waiting;
    const auto work = [&] {
      if (waiting.ended || !waiting.task->pop()) return false;
      waiting.task->poll([&](std::uint32_t&) {
        return waiting.ended = waiting.event.is_set() && second.is_set();
      });
      return true;
    };
    Waker first_waker = waiting.task->waker();
    Waker second_waker = waiting.task->waker();
    loom::Thread first = start([&] {
      waiting.event.set();
      std::move(first_waker).wake();
    });
    loom::Thread other = start([&] {
      second.set();
      second_waker.wake();
      second_waker = Waker();
    });
    work();
    work();
    first.join();
    other.join();
    while (work()) continue;
    expect(waiting.ended, "a wake-up was lost");
  });
}

// Suspended by one worker and run by another, with nothing between them but the waker.
TEST(R109, ATaskThatOneWorkerSuspendedIsRunByAnother) {
  bool moved = false;
  model(bounded(2, 4), [&] {
    Waiting waiting(/*detached=*/false);
    Waker waker = waiting.task->waker();
    bool first_worked = false;
    loom::Thread first = start([&] { first_worked = waiting.work(); });
    loom::Thread waking = start([&] {
      waiting.event.set();
      std::move(waker).wake();
    });
    moved |= waiting.work() && first_worked;
    first.join();
    waking.join();
    waiting.drain();
    waiting.task->drop_join(/*unpublished=*/false);
  });
  EXPECT_TRUE(moved);
}

// The poll makes a waker that another thread uses at once: the count goes below zero.
TEST(R108, AWakerClonedInAPollMayBeUsedUpBeforeThePollEnds) {
  model([] {
    Waiting waiting;
    loom::Atomic<Wakeable*> given{nullptr};
    loom::Thread other = start([&] {
      Wakeable* const target = given.exchange(nullptr, std::memory_order_acquire);
      if (target == nullptr) return;
      waiting.event.set();
      Waker::adopt(target).wake();
    });
    const auto poll = [&](std::uint32_t& clones) {
      if (waiting.ended = waiting.event.is_set(); waiting.ended) return true;
      ++clones;
      Wakeable* const waker = waiting.task->adopt().release_target();
      const Waker unused = Waker::adopt(given.exchange(waker, std::memory_order_acq_rel));
      return false;
    };
    expect(waiting.task->pop(), "a new task is queued");
    waiting.task->poll(poll);
    if (waiting.task->pop()) waiting.task->poll(poll);
    other.join();
    while (!waiting.ended) {
      // Nobody took the waker: wake it here.
      if (Wakeable* const target = given.exchange(nullptr, std::memory_order_acquire)) {
        waiting.event.set();
        Waker::adopt(target).wake();
      }
      expect(waiting.task->pop(), "a wake-up was lost");
      waiting.task->poll(poll);
    }
  });
}

// The last waker goes while the task starts, suspends and completes.
TEST(R108, TheLastWakerIsDroppedWhileTheTaskRuns) {
  model([] {
    Waiting waiting;
    Waker waker = waiting.task->waker();
    loom::Thread other = start([dropped = std::move(waker)]() mutable { dropped = Waker(); });
    waiting.event.set();
    waiting.work();
    other.join();
    expect(waiting.ended, "a queued task was not run");
  });
}

TEST(R108, TheBlockGoesWithTheLastOfTwoWakersAndTheTask) {
  model([] {
    Waiting waiting;
    Waker one = waiting.task->waker();
    Waker two = one;
    loom::Thread first = start([dropped = std::move(one)]() mutable { dropped = Waker(); });
    loom::Thread second = start([woken = std::move(two)]() mutable { std::move(woken).wake(); });
    waiting.event.set();
    waiting.work();
    first.join();
    second.join();
    expect(waiting.ended, "a queued task was not run");
  });
}

// A task that yields stays RUNNING; what wakes it meanwhile is absorbed by its next poll.
TEST(R109, AWakeOfATaskThatWasPutAsideIsAbsorbed) {
  model([] {
    Waiting waiting;
    Waker waker = waiting.task->waker();
    loom::Thread other = start([&] {
      waiting.event.set();
      std::move(waker).wake();
    });
    StateTask& task = *waiting.task;
    expect(task.pop(), "a new task is queued");
    task.poll_and_put_aside();
    task.poll([&](std::uint32_t&) { return waiting.ended = waiting.event.is_set(); });
    other.join();
    waiting.drain();
  });
}

}  // namespace
}  // namespace weft::loom_test
