// Whole runtimes that are dumped by another thread.
//
// Spec: R-150; runtime/dump/dump_walk.h.
//
// What has to hold: a task that is dumped goes on when it is woken; a runtime that ends while one
// of its tasks is held does not forget it, and its destructor returns. The protocol of one task's
// word is explored further in task/task_dump_loom.cc.

#include <tests/loom/scheduler/event.h>
#include <tests/loom/support/model_kernel.h>
#include <weft/runtime/dump/dump_walk.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/yield_now.h>

namespace weft::loom_test {
namespace {

Task<int> wait_for(Event* event) {
  co_await event->fired();
  co_return 1;
}

std::size_t count_tasks(const runtime::Handle& handle) {
  internal::DumpWalk walk(handle.scheduler());
  while (!walk.step()) continue;
  return walk.finish().tasks().size();
}

TEST(R150, ADumpedTaskGoesOnWhenItIsWoken) {
  runtime_model(bounded(1, 2), [] {
    Event event;
    runtime::Runtime rt = make_runtime(current_thread());
    JoinHandle<int> handle = rt.spawn(wait_for(&event));
    loom::Thread dumping = start([&] { count_tasks(rt.handle()); });
    loom::Thread waking = start([&] { event.fire(); });
    const JoinResult<int> result = rt.block_on(handle);
    expect(result && *result == 1, "the task did not run to its end");
    dumping.join();
    waking.join();
  });
}

TEST(R150, ARuntimeOfOneThreadEndsWhileItIsDumped) {
  runtime_model(bounded(2, 3), [] {
    Event never;
    loom::Thread dumping;
    {
      runtime::Runtime rt = make_runtime(current_thread());
      JoinHandle<int> handle = rt.spawn(wait_for(&never));
      // Polled once, so that it is idle.
      rt.block_on([]() -> Task<> { co_await yield_now(); }());
      dumping = start([copy = rt.handle()] { count_tasks(copy); });
    }
    dumping.join();
  });
}

TEST(R150, ARuntimeOfWorkersEndsWhileItIsDumped) {
  runtime_model(bounded(1, 2), [] {
    Event never;
    loom::Thread dumping;
    {
      runtime::Runtime rt = make_runtime(workers(1));
      static_cast<void>(rt.spawn(wait_for(&never)));
      dumping = start([copy = rt.handle()] { count_tasks(copy); });
    }
    dumping.join();
  });
}

}  // namespace
}  // namespace weft::loom_test
