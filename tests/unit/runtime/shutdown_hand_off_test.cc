// block_in_place while its runtime shuts down: the core goes on, so that what the thread waits for
// can end.

#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <pthread.h>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <weft/base/sys.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::Event;

// Sets the event when it is destroyed.
auto sets(Event& event) {
  return test_support::OnDestroy([&event] { event.set(); });
}
using Sets = decltype(sets(std::declval<Event&>()));

// A task that is destroyed while it is queued, or while it waits for ever.
Task<> hold(Sets) { co_return; }
Task<> hold_for_ever(Sets, AsyncEvent& never) { co_await never.wait(); }

// A runtime of `workers`, and how it comes to its end.
class Ending {
 public:
  Ending(unsigned workers, unsigned blocking_threads = 8) {
    rt_ = Builder::new_multi_thread()
              .worker_threads(workers)
              .max_blocking_threads(blocking_threads)
              .thread_keep_alive(1h)
              .on_thread_stop([this] { thread_ended_.set(); })
              .build()
              .value();
  }

  Runtime& rt() { return *rt_; }

  // Leaves a thread that has nothing to do, and ends when the pool begins to refuse jobs.
  void leave_idle_thread() {
    EXPECT_TRUE(rt_->block_on(rt_->spawn_blocking([] {})).has_value());
  }
  // In a task: until then.
  void wait_until_pool_ends() { thread_ended_.wait(); }

  void destroy() { rt_.reset(); }

 private:
  Event thread_ended_;
  std::optional<Runtime> rt_;
};

TEST(R94, CoreIsHandedOffAlsoAfterShutdownHasBegun) {
  Event running;
  Event destroyed;
  Ending ending(1);
  ending.leave_idle_thread();
  auto task = ending.rt().spawn([&]() -> Task<> {
    (void)spawn(hold(sets(destroyed)));  // queued behind this one
    running.set();
    ending.wait_until_pool_ends();
    block_in_place([&] { destroyed.wait(); });
    co_return;
  });
  running.wait();
  ending.destroy();
  EXPECT_TRUE(destroyed.is_set());
}

TEST(R94, NextHolderCancelsWhatWasSuspended) {
  AsyncEvent never;
  Event running;
  Event destroyed;
  Ending ending(1);
  ending.leave_idle_thread();
  (void)ending.rt().spawn(hold_for_ever(sets(destroyed), never));
  ending.rt().block_on(never.until_waiting(1));
  (void)ending.rt().spawn([&]() -> Task<> {
    running.set();
    ending.wait_until_pool_ends();
    block_in_place([&] { destroyed.wait(); });
    co_return;
  });
  running.wait();
  ending.destroy();
  EXPECT_TRUE(destroyed.is_set());
}

TEST(R94, JoiningATaskOfAnEndingRuntimeSaysCancelled) {
  Event running;
  Event destroyed;
  std::atomic<bool> cancelled{false};
  Ending ending(1);
  ending.leave_idle_thread();
  (void)ending.rt().spawn([&]() -> Task<> {
    auto queued = spawn(hold(sets(destroyed)));
    running.set();
    ending.wait_until_pool_ends();
    block_in_place([&] { cancelled = Handle::current().block_on(queued).error().is_cancelled(); });
    co_return;
  });
  running.wait();
  ending.destroy();
  EXPECT_TRUE(cancelled);
}

// The thread's task goes on without a core, and to its next suspension.
TEST(R94, TaskThatHasHandedOffItsCoreIsCancelledWhereItSuspendsNext) {
  AsyncEvent never;
  Event running;
  Event destroyed;
  Event cancelled;
  std::atomic<bool> went_on{false};
  Ending ending(1);
  ending.leave_idle_thread();
  (void)ending.rt().spawn([&]() -> Task<> {
    const auto guard = sets(cancelled);
    (void)spawn(hold(sets(destroyed)));
    running.set();
    ending.wait_until_pool_ends();
    block_in_place([&] { destroyed.wait(); });
    went_on = true;
    co_await never.wait();
  });
  running.wait();
  ending.destroy();
  EXPECT_TRUE(went_on);
  EXPECT_TRUE(cancelled.is_set());
}

// Each of two workers waits for what is queued behind the other.
TEST(R94, TwoWorkersMayBothBlock) {
  Event running[2];
  Event spawned[2];
  Event destroyed[2];
  Ending ending(2);
  ending.leave_idle_thread();
  for (int i = 0; i < 2; ++i) {
    (void)ending.rt().spawn([&, i]() -> Task<> {
      running[i].set();
      running[1 - i].wait();
      (void)spawn(hold(sets(destroyed[i])));  // in the LIFO slot, which is not stolen from
      spawned[i].set();
      ending.wait_until_pool_ends();
      block_in_place([&, i] { destroyed[1 - i].wait(); });
      co_return;
    });
  }
  spawned[0].wait();
  spawned[1].wait();
  ending.destroy();
  EXPECT_TRUE(destroyed[0].is_set() && destroyed[1].is_set());
}

// What a frame's destructor blocks on may be behind it in the queue that is being cancelled.
TEST(R94, DestructorMayBlockInPlaceForTheOneBehindIt) {
  Event running;
  Event destroyed;
  Ending ending(1);
  ending.leave_idle_thread();
  auto blocks = test_support::OnDestroy([&] { block_in_place([&] { destroyed.wait(); }); });
  using Blocks = decltype(blocks);
  (void)ending.rt().spawn(
      [&](Blocks held) -> Task<> {
        (void)spawn(hold(sets(destroyed)));
        // In the LIFO slot, and so in front.
        (void)spawn([](Blocks) -> Task<> { co_return; }(std::move(held)));
        running.set();
        ending.wait_until_pool_ends();
        co_return;
      },
      std::move(blocks));
  running.wait();
  ending.destroy();
  EXPECT_TRUE(destroyed.is_set());
}

TEST(R94, CoreThatWaitsForAThreadAtTheLimitGetsOneFromShutdown) {
  Event handed_off;
  Event occupied;
  Event destroyed;
  Ending ending(1, 1);
  (void)ending.rt().spawn_blocking([&] {
    occupied.set();
    destroyed.wait();
  });
  occupied.wait();
  (void)ending.rt().spawn([&]() -> Task<> {
    (void)spawn(hold(sets(destroyed)));
    block_in_place([&] {
      handed_off.set();
      destroyed.wait();
    });
    co_return;
  });
  handed_off.wait();
  EXPECT_FALSE(destroyed.is_set()) << "there was a thread beyond the limit";
  ending.destroy();
  EXPECT_TRUE(destroyed.is_set());
}

// Then the core stays where it is, and the job that was to take it finds that out.
TEST(R96, WithoutAThreadToTakeTheCoreItsOwnerEndsTheWorker) {
  Event running;
  Event destroyed;
  std::atomic<bool> was_waiting{false};
  Ending ending(1);
  ending.leave_idle_thread();
  (void)ending.rt().spawn([&]() -> Task<> {
    (void)spawn(hold(sets(destroyed)));
    running.set();
    ending.wait_until_pool_ends();
    sys::Table table;
    table.pthread_create = [](pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) {
      return EAGAIN;
    };
    const sys::TableScope no_threads(table);
    block_in_place([&] { was_waiting = !destroyed.is_set(); });
    co_return;
  });
  running.wait();
  ending.destroy();
  EXPECT_TRUE(was_waiting);
  EXPECT_TRUE(destroyed.is_set());
}

// --- The other ways to end

// What threads use that outlive the runtime.
struct LeftBehind {
  Event running;
  Event begun;
  Event destroyed;
  Event all_stopped;
  std::atomic<int> stopped{0};

  Task<> block() {
    (void)spawn(hold(sets(destroyed)));
    running.set();
    begun.wait();
    block_in_place([this] { destroyed.wait(); });
    co_return;
  }
};

template <class F>
void end_without_waiting(F&& end) {
  const auto shared = std::make_shared<LeftBehind>();
  {
    Runtime rt = Builder::new_multi_thread()
                     .worker_threads(1)
                     .on_thread_stop([shared] {
                       if (++shared->stopped == 2) shared->all_stopped.set();
                     })
                     .build()
                     .value();
    (void)rt.spawn(shared->block());
    shared->running.wait();
    end(rt);
  }
  EXPECT_EQ(shared->stopped, 0);
  shared->begun.set();
  // The worker's thread, and the one that its core was handed to.
  shared->all_stopped.wait();
  EXPECT_TRUE(shared->destroyed.is_set());
}

TEST(R94, CoreIsHandedOffAlsoAfterShutdownBackground) {
  end_without_waiting([](Runtime& rt) { rt.shutdown_background(); });
}

TEST(R94, CoreIsHandedOffAlsoAfterShutdownTimeoutHasGivenUp) {
  end_without_waiting([](Runtime& rt) { rt.shutdown_timeout(1ms); });
}

}  // namespace
}  // namespace weft::runtime
