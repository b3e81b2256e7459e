// Threads that are attached to a multi_thread runtime: how they come, go, and meet its end.
//
// What has to hold: who leaves takes nothing along, neither a task, nor a wake-up that others
// relied on it for, nor the driver; a request to leave reaches a thread that is about to sleep; and
// the end of the runtime comes to every thread that is attached, or is about to be, and to every
// task. The request is what a std::stop_callback does in a program. Explored as in
// multi_thread_loom.cc, without the watch: whatever is left to it is a deadlock.

#include <chrono>
#include <optional>
#include <utility>

#include <tests/loom/scheduler/event.h>
#include <tests/loom/support/model_kernel.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/scheduler/attached_thread.h>
#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/spawn.h>
#include <weft/time/sleep.h>

namespace weft::loom_test {
namespace {

using internal::AttachedThread;
using internal::MultiThread;
using internal::Worker;

Task<void> wait_for(Event* event, int times) { co_await event->fired(times); }

Task<void> fire(Event* event) {
  event->fire();
  co_return;
}

Task<void> spawn_two(Event* done) {
  static_cast<void>(spawn(fire, done));
  static_cast<void>(spawn(fire, done));
  co_return;
}

MultiThread& scheduler_of(const runtime::Runtime& rt) {
  // SAFETY(cast): every runtime here is made by workers(), which builds multi_thread ones.
  return static_cast<MultiThread&>(rt.handle().scheduler());
}

// Null if the runtime is ending.
Worker* reserve(MultiThread& scheduler) {
  const Result<Worker*> worker = scheduler.attached().reserve(std::source_location::current());
  expect(worker.has_value(), "the modelled kernel is out of descriptors");
  return *worker;
}

// Lends the calling thread until somebody asks `worker` to leave.
void lend(MultiThread& scheduler, Worker& worker) {
  AttachedThread self(scheduler, worker, std::source_location::current());
  self.run(std::source_location::current());
}

// Lends it, and runs `other` meanwhile on another thread.
template <class F>
void lend_while(const runtime::Runtime& rt, F other) {
  MultiThread& scheduler = scheduler_of(rt);
  Worker& worker = *reserve(scheduler);
  loom::Thread thread = start([&] { other(worker); });
  lend(scheduler, worker);
  thread.join();
}

TEST(R165, ARequestToLeaveReachesWhoGoesToSleep) {
  runtime_model(bounded(2, 3), [] {
    runtime::Runtime rt = make_runtime(workers(1));
    lend_while(rt, [](Worker& worker) { worker.ask_to_leave(); });
  });
}

// The worker steals from the queue that is handed over, or is woken for it.
TEST(R165, QueuedTasksAreStolenOrHandedOver) {
  runtime_model(bounded(1, 2), [] {
    Event done;
    runtime::Runtime rt = make_runtime(workers(1));
    static_cast<void>(rt.spawn(spawn_two, &done));
    lend_while(rt, [](Worker& worker) { worker.ask_to_leave(); });
    rt.block_on(wait_for(&done, 2));
  });
}
TEST(R165, QueuedTasksAreStolenOrHandedOverInRandomOrders) {
  runtime_model(sampled(20'000), [] {
    Event done;
    runtime::Runtime rt = make_runtime(workers(2));
    static_cast<void>(rt.spawn(spawn_two, &done));
    lend_while(rt, [](Worker& worker) { worker.ask_to_leave(); });
    rt.block_on(wait_for(&done, 2));
  });
}

// The attached thread is woken for the task, or searches, so that nobody else is woken; and then it
// is asked to leave.
TEST(R165, ASearchThatOthersReliedOnIsPassedOn) {
  runtime_model(bounded(1, 2), [] {
    Event done;
    runtime::Runtime rt = make_runtime(workers(1));
    lend_while(rt, [&](Worker& worker) {
      static_cast<void>(rt.spawn(fire, &done));
      worker.ask_to_leave();
    });
    rt.block_on(wait_for(&done, 1));
  });
}

Task<void> sleep_a_moment() { co_await time::sleep(std::chrono::milliseconds(1)); }

// Whoever waited in the driver: afterwards somebody does.
TEST(R165, TheDriverIsNotLeftAlone) {
  runtime_model(bounded(1, 2), [] {
    runtime::Runtime rt = make_runtime(workers(1).enable_time());
    JoinHandle<void> sleeper = rt.spawn(sleep_a_moment);
    lend_while(rt, [](Worker& worker) { worker.ask_to_leave(); });
    expect(rt.block_on(std::move(sleeper)).has_value(), "the sleeper was cancelled");
  });
}

Task<void> block_on_a_task_of_the_slot(Event* event, Event* done) {
  static_cast<void>(spawn(fire, event));
  block_in_place([event] { runtime::Handle::current().block_on(wait_for(event, 1)); });
  done->fire();
  co_return;
}

TEST(R165, WhatIsBlockedOnRunsOnAnotherWorker) {
  runtime_model(bounded(1, 2), [] {
    Event event;
    Event done;
    runtime::Runtime rt = make_runtime(workers(1));
    static_cast<void>(rt.spawn(block_on_a_task_of_the_slot(&event, &done)));
    lend_while(rt, [](Worker& worker) { worker.ask_to_leave(); });
    rt.block_on(wait_for(&done, 1));
  });
}

// --- Against the end of the runtime

// A thread attaches, or comes too late.
TEST(R165, TheRuntimeEndsWhileAThreadAttaches) {
  runtime_model(bounded(2, 3), [] {
    Event never;
    loom::Thread lent;
    {
      runtime::Runtime rt = make_runtime(workers(1));
      static_cast<void>(rt.spawn(wait_for(&never, 1)));
      lent = start([keep = RefPtr<MultiThread>(scheduler_of(rt))] {
        if (Worker* const worker = reserve(*keep); worker != nullptr) lend(*keep, *worker);
      });
    }
    lent.join();
  });
}

// It leaves as one of the others, or as one of those that stop.
TEST(R165, TheRuntimeEndsWhileAThreadLeaves) {
  runtime_model(bounded(1, 2), [] {
    Event never;
    std::optional<runtime::Runtime> rt(make_runtime(workers(1)));
    static_cast<void>(rt->spawn(wait_for(&never, 1)));
    const RefPtr<MultiThread> keep(scheduler_of(*rt));
    Worker& worker = *reserve(*keep);
    loom::Thread ends = start([&] {
      worker.ask_to_leave();
      rt.reset();
    });
    lend(*keep, worker);
    ends.join();
  });
}

Task<void> block_for_nothing() {
  block_in_place([] {});
  co_return;
}

// Its core is laid down, or handed to another thread because it is too late for that.
TEST(R165, TheRuntimeEndsWhileALentThreadBlocksInPlace) {
  runtime_model(bounded(1, 2), [] {
    std::optional<runtime::Runtime> rt(make_runtime(workers(1)));
    const RefPtr<MultiThread> keep(scheduler_of(*rt));
    static_cast<void>(rt->spawn(block_for_nothing));
    Worker& worker = *reserve(*keep);
    loom::Thread ends = start([&] { rt.reset(); });
    lend(*keep, worker);
    ends.join();
  });
}

}  // namespace
}  // namespace weft::loom_test
