// multi_thread runtimes that are destroyed with work in flight.
//
// What has to hold: the destructor returns, every task has ended exactly once (its frame is gone,
// and so is its memory once the handles and wakers are), and who spawns or wakes at that moment is
// answered. Explored as in multi_thread_loom.cc, without the watch.

#include <optional>
#include <utility>

#include <tests/loom/scheduler/event.h>
#include <tests/loom/support/model_kernel.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>

namespace weft::loom_test {
namespace {

Task<void> wait_for(Event* event, int times) { co_await event->fired(times); }

Task<void> fire(Event* event) {
  event->fire();
  co_return;
}

// Counts the frames that it lives in.
class Alive {
 public:
  // relaxed: read when all threads have ended.
  explicit Alive(loom::Atomic<int>& count) : count_(&count) {
    count_->fetch_add(1, std::memory_order_relaxed);
  }
  Alive(Alive&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  Alive& operator=(Alive&&) = delete;
  ~Alive() {
    if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  loom::Atomic<int>* count_;
};

Task<void> hold_until(Alive, Event* event) { co_await event->fired(); }

TEST(LM7, ABlockingJobNotifiesATaskWhileTheRuntimeEnds) {
  runtime_model(bounded(1, 2), [] {
    Event event;
    loom::Atomic<int> alive{0};
    {
      runtime::Runtime rt = make_runtime(workers(2));
      static_cast<void>(rt.spawn(hold_until(Alive(alive), &event)));
      static_cast<void>(rt.handle().spawn_blocking([&event] { event.fire(); }));
    }
    expect(alive.unsync_load() == 0, "a frame outlived its runtime");
  });
}

TEST(LM7, ABlockingJobNotifiesATaskWhileTheRuntimeEndsInRandomOrders) {
  runtime_model(sampled(20'000), [] {
    Event event;
    Event answer;
    loom::Atomic<int> alive{0};
    {
      runtime::Runtime rt = make_runtime(workers(2));
      static_cast<void>(rt.spawn(hold_until(Alive(alive), &event)));
      static_cast<void>(rt.spawn(hold_until(Alive(alive), &answer)));
      static_cast<void>(rt.handle().spawn_blocking([&] {
        event.fire();
        answer.fire();
      }));
    }
    expect(alive.unsync_load() == 0, "a frame outlived its runtime");
  });
}

TEST(LM8, TasksAreWokenByAThreadAndByATaskWhileTheRuntimeEnds) {
  runtime_model(bounded(1, 2), [] {
    Event from_thread;
    Event from_task;
    loom::Atomic<int> alive{0};
    loom::Thread foreign;
    {
      runtime::Runtime rt = make_runtime(workers(2));
      static_cast<void>(rt.spawn(hold_until(Alive(alive), &from_thread)));
      static_cast<void>(rt.spawn(hold_until(Alive(alive), &from_task)));
      static_cast<void>(rt.spawn(fire, &from_task));
      foreign = start([&] { from_thread.fire(); });
    }
    foreign.join();
    expect(alive.unsync_load() == 0, "a frame outlived its runtime");
  });
}

// One task and the foreign thread: small enough for a preemption more. The wake-up may come when
// the runtime is gone.
TEST(R41, AForeignThreadWakesATaskWhileTheRuntimeEnds) {
  runtime_model(bounded(2, 3), [] {
    Event event;
    loom::Atomic<int> alive{0};
    loom::Thread foreign;
    {
      runtime::Runtime rt = make_runtime(workers(1));
      static_cast<void>(rt.spawn(hold_until(Alive(alive), &event)));
      foreign = start([&] { event.fire(); });
    }
    foreign.join();
    expect(alive.unsync_load() == 0, "a frame outlived its runtime");
  });
}

TEST(LM10, TasksSpawnedBeforeAndAfterTheEndAreCancelled) {
  runtime_model(bounded(2, 3), [] {
    Event never;
    {
      std::optional<runtime::Runtime> rt(make_runtime(workers(2)));
      const runtime::Handle handle = rt->handle();
      JoinHandle<void> before = handle.spawn(wait_for(&never, 1));
      rt.reset();
      JoinHandle<void> after = handle.spawn(wait_for(&never, 1));
      expect(before.is_finished(), "a task has not ended although its runtime has");
      expect(after.is_finished(), "a task that was refused has not ended");
      for (JoinHandle<void>* joined : {&before, &after}) {
        const JoinResult<void> result = runtime::block_on_this_thread(*joined);
        expect(!result && result.error().is_cancelled(), "a task that never ran is not cancelled");
      }
    }
  });
}

// Whether it is before or after the closing of the queue, the spawn is answered: by running the
// task or by cancelling it.
TEST(R40, AForeignThreadSpawnsWhileTheRuntimeEnds) {
  runtime_model(bounded(2, 3), [] {
    Event done;
    loom::Thread foreign;
    bool ran = false;
    bool finished = false;
    {
      runtime::Runtime rt = make_runtime(workers(1));
      foreign = start([&, handle = rt.handle()] {
        const JoinResult<void> result = runtime::block_on_this_thread(handle.spawn(fire, &done));
        finished = true;
        ran = result.has_value();
      });
    }
    foreign.join();
    expect(finished, "a spawn during the end was not answered");
    expect(ran == (done.times() == 1), "the handle does not tell whether the task ran");
  });
}

// A destructor in a cancelled frame wakes another task of the same runtime.
struct FireInDestructor {
  explicit FireInDestructor(Event& fired) : event(&fired) {}
  FireInDestructor(FireInDestructor&& other) noexcept
      : event(std::exchange(other.event, nullptr)) {}
  FireInDestructor& operator=(FireInDestructor&&) = delete;
  ~FireInDestructor() {
    if (event != nullptr) event->fire();
  }
  Event* event;
};

Task<void> hold_both(FireInDestructor, Event* own) { co_await own->fired(); }

TEST(R43, DestructorsOfTwoTasksWakeEachOtherAtTheEnd) {
  runtime_model(bounded(1, 2), [] {
    Event first;
    Event second;
    {
      runtime::Runtime rt = make_runtime(workers(2));
      static_cast<void>(rt.spawn(hold_both(FireInDestructor(second), &first)));
      static_cast<void>(rt.spawn(hold_both(FireInDestructor(first), &second)));
    }
  });
}

}  // namespace
}  // namespace weft::loom_test
