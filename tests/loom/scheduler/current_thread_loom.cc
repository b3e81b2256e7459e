// current_thread runtimes: who drives, who wakes the driver, and the end.
//
// The runtime is the real one over the modelled kernel (support/model_kernel.h). Explored: every
// interleaving with no more preemptions than the model names, first for the quick level, then for
// the full one. Time passes only on the paused clock of LM-21.

#include <chrono>
#include <optional>
#include <utility>

#include <tests/loom/scheduler/event.h>
#include <tests/loom/support/model_kernel.h>
#include <weft/loom/cell.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/instant.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft::loom_test {
namespace {

Task<void> wait_for(Event* event, int times) { co_await event->fired(times); }

Task<void> fire(Event* event) {
  event->fire();
  co_return;
}

Task<void> nothing() { co_return; }

// Ready at the second poll; wakes itself at the first.
auto woken_once(int* polls) {
  return poll_fn([polls](Context& cx) -> Poll<> {
    if (++*polls >= 2) return Poll<>();
    cx.waker().wake();
    return kPending;
  });
}

// Two polls are the root's own; a third and a fourth may come from taking over the core.
TEST(LM16, ThreeThreadsBlockOnOneRuntime) {
  runtime_model(bounded(2, 3), [] {
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      const auto block = [&rt] {
        int polls = 0;
        rt.block_on(woken_once(&polls));
        expect(polls <= 4, "a root was resumed more often than four times");
      };
      loom::Thread second = start(block);
      loom::Thread third = start(block);
      block();
      second.join();
      third.join();
    }
  });
}

// The one that drives leaves; the other one, whose root waits for a task, has to take over.
TEST(R47, WhoWaitsForTheCoreTakesItOver) {
  runtime_model(bounded(2, 3), [] {
    Event done;
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      loom::Thread other = start([&] { rt.block_on(wait_for(&done, 1)); });
      static_cast<void>(rt.block_on(rt.spawn(fire, &done)));
      other.join();
    }
  });
}

// The same if the one that drives has done nothing for it: only that it leaves wakes the other.
TEST(R47, WhoWaitsForTheCoreIsToldThatItIsFree) {
  runtime_model(bounded(2, 3), [] {
    {
      runtime::Runtime rt = make_runtime(current_thread());
      loom::Thread other = start([&] { static_cast<void>(rt.block_on(rt.spawn(nothing))); });
      rt.block_on(nothing());
      other.join();
    }
  });
}

Task<void> yield_and_fire(int times, Event* event) {
  for (int i = 0; i < times; ++i) co_await yield_now();
  event->fire();
}

TEST(LM17, ATaskThatYieldsCausesNoPollsOfTheRoot) {
  runtime_model(exhaustive(), [] {
    Event event;
    int polls = 0;
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      static_cast<void>(rt.spawn(yield_and_fire(24, &event)));
      rt.block_on(poll_fn([&](Context& cx) -> Poll<> {
        ++polls;
        expect(polls <= 2, "the root was resumed for nothing");
        return event.poll(cx, 1);
      }));
    }
  });
}

Task<void> count_polls_around_a_yield(unsigned* polls) {
  const unsigned before = zero_timeout_polls();
  co_await yield_now();
  *polls = zero_timeout_polls() - before;
}

TEST(LM11, AYieldOnOneThreadPollsTheDriverOnce) {
  runtime_model(exhaustive(), [] {
    unsigned polls = 0;
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      static_cast<void>(rt.block_on(rt.spawn(count_polls_around_a_yield(&polls))));
    }
    expect(polls == 1, "not one turn of the driver between a yield and the next resume");
  });
}

TEST(R52, AForeignThreadWakesTheRoot) {
  runtime_model(bounded(3, std::nullopt), [] {
    Event event;
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      loom::Thread foreign = start([&] { event.fire(); });
      rt.block_on(wait_for(&event, 1));
      foreign.join();
    }
  });
}

// What a thread did before it woke the root is visible to the root's next poll.
TEST(R52, TheRootSeesWhatPrecededItsWakeUp) {
  runtime_model(bounded(3, std::nullopt), [] {
    loom::Cell<int> data(0);
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      loom::Thread foreign;
      int polls = 0;
      rt.block_on(poll_fn([&](Context& cx) -> Poll<> {
        if (++polls > 1) {
          expect(data.with([](int value) { return value; }) == 1, "woken before it was visible");
          return Poll<>();
        }
        foreign = start([&data, root = cx.waker()]() mutable {
          data.with_mut([](int& value) { value = 1; });
          std::move(root).wake();
        });
        return kPending;
      }));
      foreign.join();
    }
  });
}

TEST(R51, AForeignThreadWakesATask) {
  runtime_model(bounded(3, 4), [] {
    Event event;
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      loom::Thread foreign = start([&] { event.fire(); });
      static_cast<void>(rt.block_on(rt.spawn(wait_for(&event, 1))));
      foreign.join();
    }
  });
}

TEST(R51, AForeignThreadSpawns) {
  runtime_model(bounded(3, 4), [] {
    Event event;
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      loom::Thread foreign =
          start([&, handle = rt.handle()] { static_cast<void>(handle.spawn(fire, &event)); });
      rt.block_on(wait_for(&event, 1));
      foreign.join();
    }
  });
}

// Woken, or spawned, by a foreign thread while the runtime is destroyed.
TEST(R42, AForeignThreadWakesATaskDuringTheEnd) {
  runtime_model(bounded(3, 4), [] {
    Event event;
    loom::Thread foreign;
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      static_cast<void>(rt.spawn(wait_for(&event, 1)));
      static_cast<void>(rt.block_on(rt.spawn([]() -> Task<void> { co_return; })));
      foreign = start([&] { event.fire(); });
    }
    foreign.join();
  });
}

TEST(R40, AForeignThreadSpawnsOnOneThreadDuringTheEnd) {
  runtime_model(bounded(3, 4), [] {
    Event done;
    loom::Thread foreign;
    {
      const runtime::Runtime rt = make_runtime(current_thread());
      foreign = start([&, handle = rt.handle()] {
        const JoinResult<void> result = runtime::block_on_this_thread(handle.spawn(fire, &done));
        expect(!result && result.error().is_cancelled(), "a task ran that nobody drove");
      });
    }
    foreign.join();
  });
}

// The jobs hold the clock where it is; afterwards their results come before the timeout.
TEST(LM21, BlockingJobsUnderATimeoutOnAPausedClock) {
  runtime_model(bounded(1, 2), [] {
    {
      const runtime::Runtime rt =
          make_runtime(current_thread().enable_time().start_paused(true).max_blocking_threads(2));
      const bool in_time = rt.block_on([]() -> Task<bool> {
        auto both = time::timeout(std::chrono::milliseconds(1), []() -> Task<void> {
          JoinHandle<void> first = spawn_blocking([] {});
          JoinHandle<void> second = spawn_blocking([] {});
          static_cast<void>(co_await std::move(first));
          static_cast<void>(co_await std::move(second));
        }());
        const auto result = co_await std::move(both);
        co_return result.has_value();
      }());
      expect(in_time, "the clock advanced although a job was under way");
    }
  });
}

// The job is gone, and its result not yet looked at: the clock stands still until it is.
TEST(R127, ThePausedClockStandsStillUntilTheResultIsSeen) {
  runtime_model(bounded(2, 3), [] {
    const runtime::Runtime rt =
        make_runtime(current_thread().enable_time().start_paused(true).max_blocking_threads(1));
    rt.block_on([]() -> Task<void> {
      const JoinHandle<void> sleeper = spawn([]() -> Task<void> {  //
        co_await time::sleep(std::chrono::milliseconds(1));
      });
      const time::Instant begin = time::Clock::now();
      static_cast<void>(co_await spawn_blocking([] {}));
      expect(time::Clock::now() == begin, "the clock advanced before the result was seen");
    }());
  });
}

// A job that a foreign thread submits while the driver is about to move the clock: it moves before
// the job is submitted, or after its end.
TEST(R127, ThePausedClockStandsStillDuringAForeignJob) {
  runtime_model(bounded(2, 3), [] {
    bool moved = false;
    {
      const runtime::Runtime rt =
          make_runtime(current_thread().enable_time().start_paused(true).max_blocking_threads(1));
      loom::Thread foreign = start([&, handle = rt.handle()] {
        static_cast<void>(handle.spawn_blocking([&moved] {
          const time::Instant begin = time::Clock::now();
          moved = time::Clock::now() != begin;
        }));
      });
      rt.block_on(time::sleep(std::chrono::milliseconds(1)));
      foreign.join();
    }
    expect(!moved, "the clock advanced although a job was under way");
  });
}

}  // namespace
}  // namespace weft::loom_test
