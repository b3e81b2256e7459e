// block_in_place: a core that is handed over, taken back, or found by the end of the runtime.
//
// One worker but for one model, so that everything depends on the hand-over: whoever has the core,
// or finds it in its cell, goes on with it, and exactly one does. Explored as in
// multi_thread_loom.cc, without the watch.

#include <utility>

#include <tests/loom/scheduler/event.h>
#include <tests/loom/support/model_kernel.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::loom_test {
namespace {

Task<void> wait_for(Event* event, int times) { co_await event->fired(times); }

Task<void> fire(Event* event) {
  event->fire();
  co_return;
}

Task<void> block_for_nothing() {
  block_in_place([] {});
  co_return;
}

Task<void> block_and_fire(Event* event, bool yields) {
  block_in_place([event] { event->fire(); });
  if (yields) co_await yield_now();
}

Task<void> nothing() { co_return; }

TEST(LM1, TheRuntimeEndsDuringAHandOver) {
  runtime_model(bounded(2, 3), [] {
    {
      runtime::Runtime rt = make_runtime(workers(1));
      static_cast<void>(rt.spawn(block_for_nothing));
      static_cast<void>(rt.spawn(nothing));
    }
  });
}

void only_blocking(bool yields) {
  Event done;
  {
    runtime::Runtime rt = make_runtime(workers(1));
    static_cast<void>(rt.spawn(block_and_fire(&done, yields)));
    rt.block_on(wait_for(&done, 1));
  }
}

TEST(LM3, ABlockInPlaceSignals) {
  runtime_model(bounded(1, 2), [] { only_blocking(false); });
}
TEST(LM3, ABlockInPlaceSignalsAndYields) {
  runtime_model(bounded(1, 2), [] { only_blocking(true); });
}

void blocking_and_regular(bool yields) {
  Event blocked;
  Event counted;
  {
    runtime::Runtime rt = make_runtime(workers(1));
    static_cast<void>(rt.spawn(block_and_fire(&blocked, yields)));
    for (int i = 0; i < 3; ++i) static_cast<void>(rt.spawn(fire, &counted));
    rt.block_on(wait_for(&counted, 3));
    rt.block_on(wait_for(&blocked, 1));
  }
}

TEST(LM4, ThreeTasksCountBesideABlockInPlace) {
  runtime_model(bounded(0, 1), [] { blocking_and_regular(false); });
}
TEST(LM4, ThreeTasksCountBesideABlockInPlaceThatYields) {
  runtime_model(bounded(0, 1), [] { blocking_and_regular(true); });
}
TEST(LM4, ThreeTasksCountBesideABlockInPlaceInRandomOrders) {
  runtime_model(sampled(10'000), [] { blocking_and_regular(true); });
}

// What is blocked on needs the core's next holder: the task in the LIFO slot is moved to where that
// one finds it.
Task<void> block_on_a_task_of_the_slot(Event* event, Event* done) {
  static_cast<void>(spawn(fire, event));
  block_in_place([event] { runtime::Handle::current().block_on(wait_for(event, 1)); });
  done->fire();
  co_return;
}

TEST(R94, WhatIsBlockedOnRunsOnTheNextHolder) {
  runtime_model(bounded(1, 2), [] {
    Event event;
    Event done;
    {
      runtime::Runtime rt = make_runtime(workers(1));
      static_cast<void>(rt.spawn(block_on_a_task_of_the_slot(&event, &done)));
      rt.block_on(wait_for(&done, 1));
    }
  });
}

// If no thread is free to take the core, another worker steals that task.
TEST(R94, WhatIsBlockedOnIsStolenIfNobodyTakesTheCore) {
  runtime_model(bounded(0, 1), [] {
    Event event;
    Event done;
    Event end;
    {
      runtime::Runtime rt = make_runtime(workers(2).max_blocking_threads(1));
      static_cast<void>(
          rt.spawn_blocking([&end, handle = rt.handle()] { handle.block_on(wait_for(&end, 1)); }));
      static_cast<void>(rt.spawn(block_on_a_task_of_the_slot(&event, &done)));
      rt.block_on(wait_for(&done, 1));
      end.fire();
    }
  });
}

// The core is taken while the thread blocks, and the thread's task goes to wait afterwards, for
// what never comes: who ends the runtime has to learn that the task is idle now.
Task<void> block_and_wait(Event* never) {
  block_in_place([] {});
  co_await never->fired(1);
}

TEST(R38, ATaskGoesIdleOnAThreadWithoutACoreWhileTheRuntimeEnds) {
  runtime_model(bounded(2, 3), [] {
    Event never;
    runtime::Runtime rt = make_runtime(workers(1));
    static_cast<void>(rt.spawn(block_and_wait(&never)));
  });
}

// What the thread blocks on is released by the end of a task that nobody runs any more: whoever
// takes the core has to cancel it, however far the end of the runtime has got when it is handed
// off. A thread to take it is refused to nobody then, neither by a pool that is ending nor by its
// limit.
class Fires {
 public:
  explicit Fires(Event* event) noexcept : event_(event) {}
  Fires(Fires&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  ~Fires() {
    if (event_ != nullptr) event_->fire();
  }

 private:
  Event* event_;
};

Task<void> hold(Fires) { co_return; }
Task<void> hold_for_ever(Fires, Event* never) { co_await never->fired(1); }

void block_until(Event* ended) {
  block_in_place([ended] { runtime::Handle::current().block_on(wait_for(ended, 1)); });
}

Task<void> block_on_what_is_queued(Event* ended, Fires) {
  static_cast<void>(spawn(hold, Fires(ended)));
  block_until(ended);
  co_return;
}

TEST(R94, TheRuntimeEndsWhileATaskBlocksOnOneBehindIt) {
  runtime_model(bounded(2, 3), [] {
    Event ended;
    runtime::Runtime rt = make_runtime(workers(1));
    static_cast<void>(rt.spawn(block_on_what_is_queued, &ended, Fires(nullptr)));
  });
}

Task<void> block_on_what_waits(Event* ended, Event* never) {
  static_cast<void>(spawn(hold_for_ever, Fires(ended), never));
  block_until(ended);
  co_return;
}

TEST(R94, TheRuntimeEndsWhileATaskBlocksOnOneThatWaitsForEver) {
  runtime_model(bounded(2, 3), [] {
    Event never;
    Event ended;
    runtime::Runtime rt = make_runtime(workers(1));
    static_cast<void>(rt.spawn(block_on_what_waits(&ended, &never)));
  });
}

TEST(R94, TheRuntimeEndsWhileTheCoreWaitsForAThreadAtTheLimit) {
  runtime_model(bounded(2, 3), [] {
    Event ended;
    Event also_ended;
    runtime::Runtime rt = make_runtime(workers(1).max_blocking_threads(1));
    static_cast<void>(rt.spawn_blocking(
        [&also_ended, handle = rt.handle()] { handle.block_on(wait_for(&also_ended, 1)); }));
    static_cast<void>(rt.spawn(block_on_what_is_queued, &ended, Fires(&also_ended)));
  });
}

}  // namespace
}  // namespace weft::loom_test
