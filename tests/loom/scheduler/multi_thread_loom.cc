// Whole multi_thread runtimes at work: spawning, stealing, waking, joining, yielding.
//
// The runtime is the real one, from Builder to destructor, over the modelled kernel
// (support/model_kernel.h). Explored: every interleaving with no more preemptions than the model
// names, first for the quick level, then for the full one; the runtime's construction is not
// explored. What is too large for that is also sampled, and says so in its name ("in random
// orders"). The watch timer never expires, so a wake-up that only the watch would make up for is a
// deadlock here. Every model ends with the runtime's destruction, which joins all threads, and with
// no frame left.
//
// Not explored: more than two workers; I/O events (tests/loom/driver).

#include <optional>
#include <utility>

#include <tests/loom/scheduler/event.h>
#include <tests/loom/support/model_kernel.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::loom_test {
namespace {

Task<void> fire(Event* event) {
  event->fire();
  co_return;
}

Task<void> wait_for(Event* event, int times) { co_await event->fired(times); }

Task<void> spawn_one(Event* done) {
  static_cast<void>(spawn(fire, done));
  co_return;
}

TEST(LM2, TwoTasksSpawnOneEach) {
  runtime_model(bounded(0, 1), [] {
    Event done;
    {
      runtime::Runtime rt = make_runtime(workers(2));
      static_cast<void>(rt.spawn(spawn_one, &done));
      static_cast<void>(rt.spawn(spawn_one, &done));
      rt.block_on(wait_for(&done, 2));
    }
  });
}

Task<int> answer() { co_return 42; }

Task<int> join(JoinHandle<int> handle) {
  JoinResult<int> result = co_await std::move(handle);
  co_return result.has_value() ? *result : -1;
}

TEST(LM5, AHandleIsAwaited) {
  runtime_model(bounded(2, 3), [] {
    {
      runtime::Runtime rt = make_runtime(workers(1));
      expect(rt.block_on(join(rt.spawn(answer))) == 42, "the output was lost");
    }
  });
}

Task<void> poll_once_and_drop(JoinHandle<int> handle, Event* done) {
  std::optional<JoinHandle<int>> held(std::move(handle));
  co_await poll_fn([&held](Context& cx) -> Poll<> {
    auto awaiter = held->operator co_await();
    static_cast<void>(awaiter.node().poll(cx));
    return Poll<>();
  });
  held.reset();
  done->fire();
}

TEST(LM5, AHandleIsPolledOnceAndDropped) {
  runtime_model(bounded(2, 3), [] {
    Event done;
    {
      runtime::Runtime rt = make_runtime(workers(1));
      static_cast<void>(rt.spawn(poll_once_and_drop(rt.spawn(answer), &done)));
      rt.block_on(wait_for(&done, 1));
    }
  });
}

Task<void> yield_twice() {
  co_await yield_now();
  co_await yield_now();
}

TEST(LM6, TheRootIsWokenByAForeignThreadWhileATaskYields) {
  runtime_model(bounded(2, 3), [] {
    Event woken;
    {
      runtime::Runtime rt = make_runtime(workers(1));
      loom::Thread foreign = start([&] { woken.fire(); });
      static_cast<void>(rt.spawn(yield_twice));
      rt.block_on(wait_for(&woken, 1));
      foreign.join();
    }
  });
}

// Each is fired by the root and by the other's task.
Task<void> notify_other(Event* own, Event* other, Event* done) {
  other->fire();
  co_await own->fired(2);
  done->fire();
}

TEST(LM9, TwoTasksAreNotifiedTwiceEach) {
  runtime_model(bounded(0, 1), [] {
    Event first;
    Event second;
    Event done;
    {
      runtime::Runtime rt = make_runtime(workers(2));
      static_cast<void>(rt.spawn(notify_other(&first, &second, &done)));
      static_cast<void>(rt.spawn(notify_other(&second, &first, &done)));
      first.fire();
      second.fire();
      rt.block_on(wait_for(&done, 2));
    }
  });
}

TEST(LM9, TwoTasksAreNotifiedTwiceEachInRandomOrders) {
  runtime_model(sampled(20'000), [] {
    Event first;
    Event second;
    Event done;
    {
      runtime::Runtime rt = make_runtime(workers(2));
      static_cast<void>(rt.spawn(notify_other(&first, &second, &done)));
      static_cast<void>(rt.spawn(notify_other(&second, &first, &done)));
      first.fire();
      second.fire();
      rt.block_on(wait_for(&done, 2));
    }
  });
}

Task<void> count_polls_around_a_yield(unsigned* polls, Event* done) {
  const unsigned before = zero_timeout_polls();
  co_await yield_now();
  *polls = zero_timeout_polls() - before;
  done->fire();
}

// One worker, so that the thread is the same; and no maintenance in between, whose polls are not
// the yield's.
TEST(LM11, AYieldPollsTheDriverOnce) {
  runtime_model(bounded(2, 3), [] {
    unsigned polls = 0;
    Event done;
    {
      runtime::Runtime rt = make_runtime(workers(1).event_interval(61));
      static_cast<void>(rt.spawn(count_polls_around_a_yield(&polls, &done)));
      rt.block_on(wait_for(&done, 1));
    }
    expect(polls == 1, "not one turn of the driver between a yield and the next resume");
  });
}

Task<void> join_unit(JoinHandle<void> handle) {
  JoinResult<void> result = co_await std::move(handle);
  expect(result.has_value(), "a task that ended by itself is reported as cancelled");
}

// What one worker has queued another one takes: three tasks spawned by a task, of which one waits
// for the others.
Task<void> spawn_three(Event* done) {
  static_cast<void>(spawn(fire, done));
  static_cast<void>(spawn(fire, done));
  static_cast<void>(spawn(fire, done));
  co_await done->fired(3);
}

TEST(R36, TasksThatATaskSpawnsAllRun) {
  runtime_model(bounded(0, 1), [] {
    Event done;
    {
      runtime::Runtime rt = make_runtime(workers(2));
      rt.block_on(join_unit(rt.spawn(spawn_three, &done)));
    }
  });
}

}  // namespace
}  // namespace weft::loom_test
