// The Builder: intervals, limits, the clock, exceptions and seeds.

#include <weft/runtime/builder.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/random.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::Event;
using test_support::Kind;
using test_support::kKinds;

Task<int> number(int n) { co_return n; }

// The order in which things happened.
class Log {
 public:
  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::move(what));
  }
  std::vector<std::string> entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> entries_;
};

TEST(R11, IdleThreadEndsAfterItsTime) {
  Event stopped;
  Runtime rt = Builder::new_current_thread()
                   .thread_keep_alive(1ms)
                   .on_thread_stop([&] { stopped.set(); })
                   .build()
                   .value();
  EXPECT_TRUE(rt.block_on(rt.spawn_blocking([] {})).has_value());
  stopped.wait();
}

TEST(R11, IdleThreadIsUsedAgainBeforeItsTime) {
  std::atomic<int> started{0};
  Runtime rt = Builder::new_current_thread()
                   .max_blocking_threads(1)
                   .thread_keep_alive(1h)
                   .on_thread_start([&] { ++started; })
                   .build()
                   .value();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(rt.block_on(rt.spawn_blocking([] {})).has_value());
  EXPECT_EQ(started, 1);
}

// Runs `local` tasks queued on the runtime's own thread and one queued by another thread, and
// returns how many of the former ran before it.
int local_tasks_before_injected(Runtime& rt, int local) {
  int before = -1;
  int run = 0;
  rt.block_on([&]() -> Task<> {
    for (int i = 0; i < local; ++i)
      (void)spawn([&]() -> Task<> {
        ++run;
        co_return;
      });
    JoinHandle<void> injected = [&] {
      JoinHandle<void>* made = nullptr;
      std::thread([&, handle = Handle::current()] {
        made = new JoinHandle<void>(handle.spawn([&]() -> Task<> {
          before = run;
          co_return;
        }));
      }).join();
      JoinHandle<void> moved = std::move(*made);
      delete made;
      return moved;
    }();
    (void)co_await injected;
  }());
  return before;
}

TEST(R12, OneMeansTheInjectionQueueIsAlwaysFirst) {
  Runtime rt = Builder::new_current_thread().global_queue_interval(1).build().value();
  EXPECT_EQ(local_tasks_before_injected(rt, 50), 0);
}

TEST(R12, EveryNthTaskComesFromTheInjectionQueue) {
  Runtime rt = Builder::new_current_thread().global_queue_interval(10).build().value();
  const int before = local_tasks_before_injected(rt, 50);
  EXPECT_GE(before, 0);
  EXPECT_LE(before, 10);
}

TEST(R12, ZeroIsFatal) {
  EXPECT_DEATH(Builder::new_multi_thread().global_queue_interval(0),
               "builder_limits_test\\.cc:[0-9]+: .*global_queue_interval");
}

// How many tasks run between a yield and the resume after it, on a queue that never empties: a
// yielded task waits for the driver's next turn.
int tasks_until_driver_turn(Builder builder) {
  Runtime rt = builder.build().value();
  int run = 0;
  int seen = 0;
  bool stop = false;
  std::function<Task<>()> forever = [&]() -> Task<> {
    ++run;
    if (!stop) (void)spawn(std::ref(forever));
    co_return;
  };
  rt.block_on([&]() -> Task<> {
    auto yielding = spawn([&]() -> Task<> {
      const int before = run;
      co_await yield_now();
      seen = run - before;
      stop = true;
    });
    (void)spawn(std::ref(forever));
    (void)co_await yielding;
  }());
  return seen;
}

TEST(R13, DriverIsPolledAfterThatManyTasks) {
  for (const std::uint32_t interval : {5U, 50U}) {
    const int run = tasks_until_driver_turn(Builder::new_current_thread().event_interval(interval));
    EXPECT_LE(run, static_cast<int>(interval));
    EXPECT_GE(run, static_cast<int>(interval) - 2);
  }
}

TEST(R13, ZeroIsFatal) {
  EXPECT_DEATH(Builder::new_multi_thread().event_interval(0),
               "builder_limits_test\\.cc:[0-9]+: .*event_interval");
}

// Five descriptors that are ready, each awaited by a task. How many tasks have ended after two
// turns of the driver?
int ended_after_two_turns(Builder builder) {
  Runtime rt = builder.enable_io().build().value();
  int ended = 0;
  int after_two = 0;
  rt.block_on([&]() -> Task<> {
    std::vector<internal::IoRegistration> sockets;
    for (int i = 0; i < 5; ++i) {
      sockets.push_back(internal::IoRegistration::create(OwnedFd(::eventfd(1, EFD_NONBLOCK)),
                                                         internal::IoKind::kStream,
                                                         std::source_location::current())
                            .value());
    }
    std::vector<JoinHandle<void>> tasks;
    for (const internal::IoRegistration& socket : sockets) {
      tasks.push_back(spawn([&]() -> Task<> {
        (void)co_await socket.ready(Interest::kReadable);
        ++ended;
      }));
    }
    for (int turn = 0; turn < 2; ++turn) co_await yield_now();
    after_two = ended;
    for (auto& task : tasks) (void)co_await task;
  }());
  EXPECT_EQ(ended, 5);
  return after_two;
}

TEST(R14, EventsThatDoNotFitComeWithTheNextPoll) {
  EXPECT_LE(ended_after_two_turns(Builder::new_current_thread().max_io_events_per_tick(1)), 2);
  EXPECT_EQ(ended_after_two_turns(Builder::new_current_thread()), 5);
}

TEST(R15, ClockStandsStillFromTheBeginning) {
  Runtime rt = Builder::new_current_thread().enable_time().start_paused(true).build().value();
  rt.block_on([]() -> Task<> {
    const time::Instant before = time::Clock::now();
    Event passed;
    std::thread([&] { passed.set(); }).join();
    EXPECT_EQ(time::Clock::now(), before);
    co_await time::sleep(1h);
    EXPECT_EQ(time::Clock::now(), before + 1h);
  }());
}

TEST(R15, MultiThreadIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)Builder::new_multi_thread().start_paused(true).build(),
               "builder_limits_test\\.cc:[0-9]+: .*start_paused");
}

// On one worker: who runs first of two that a task spawns?
std::vector<std::string> order_of_two_spawned(Builder builder) {
  Runtime rt = builder.worker_threads(1).build().value();
  Log log;
  auto task = rt.spawn([&]() -> Task<> {
    auto first = spawn([&]() -> Task<> {
      log.add("first");
      co_return;
    });
    auto second = spawn([&]() -> Task<> {
      log.add("second");
      co_return;
    });
    (void)co_await first;
    (void)co_await second;
  });
  EXPECT_TRUE(rt.block_on(task).has_value());
  return log.entries();
}

TEST(R16, LifoSlotCanBeSwitchedOff) {
  EXPECT_EQ(order_of_two_spawned(Builder::new_multi_thread()),
            (std::vector<std::string>{"second", "first"}));
  EXPECT_EQ(order_of_two_spawned(Builder::new_multi_thread().disable_lifo_slot()),
            (std::vector<std::string>{"first", "second"}));
}

TEST(R16, ExceptionsAreIgnoredByDefault) {
  test_support::on_every_kind([](Runtime& rt) {
    auto throwing = rt.spawn([]() -> Task<> {
      throw 1;
      co_return;
    });
    EXPECT_TRUE(rt.block_on(throwing).error().is_exception());
    EXPECT_EQ(rt.block_on(number(2)), 2);
  });
}

TEST(R16, ShutdownPolicyOnMultiThreadIsFatalInTheSetter) {
  EXPECT_DEATH(
      Builder::new_multi_thread().unhandled_exception(UnhandledException::kShutdownRuntime),
      "builder_limits_test\\.cc:[0-9]+: .*unhandled_exception");
}

Builder with_shutdown_policy() {
  return Builder::new_current_thread().unhandled_exception(UnhandledException::kShutdownRuntime);
}

TEST(R17, FirstExceptionEndsTheBlockOnInProgressBeforeAnotherTaskRuns) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = with_shutdown_policy().build().value();
        rt.block_on([]() -> Task<> {
          (void)spawn([]() -> Task<> {
            throw 1;
            co_return;
          });
          (void)spawn([]() -> Task<> {
            fprintf(stderr, "another task ran\n");
            ::_exit(0);
            co_return;
          });
          AsyncEvent never;
          co_await never.wait();
        }());
      },
      "builder_limits_test\\.cc:[0-9]+: .*exception");
}

TEST(R17, ARootThatThrowsIsNoTask) {
  Runtime rt = with_shutdown_policy().build().value();
  EXPECT_THROW(rt.block_on([]() -> Task<> {
    throw 1;
    co_return;
  }()),
               int);
  EXPECT_EQ(rt.block_on(number(2)), 2);
}

std::vector<std::uint32_t> draw(int count) {
  std::vector<std::uint32_t> drawn;
  for (int i = 0; i < count; ++i) drawn.push_back(internal::thread_random_below(1'000'000));
  return drawn;
}
Task<std::vector<std::uint32_t>> draw_ten() { co_return draw(10); }

Builder seeded(char byte) {
  const std::array<std::byte, 4> seed = {std::byte(byte), std::byte(1), std::byte(2), std::byte(3)};
  return Builder::new_current_thread().rng_seed(RngSeed::from_bytes(seed));
}

TEST(R18, SameSeedGivesTheSameNumbersInEveryRun) {
  Runtime first = seeded(1).build().value();
  Runtime second = seeded(1).build().value();
  const auto one = first.block_on(draw_ten());
  const auto two = first.block_on(draw_ten());
  EXPECT_EQ(second.block_on(draw_ten()), one);
  EXPECT_EQ(second.block_on(draw_ten()), two);
}

TEST(R18, SuccessiveBlockOnGetSuccessiveSeeds) {
  Runtime rt = seeded(1).build().value();
  const auto one = rt.block_on(draw_ten());
  EXPECT_NE(rt.block_on(draw_ten()), one);
}

TEST(R18, OtherSeedGivesOtherNumbers) {
  Runtime first = seeded(1).build().value();
  Runtime second = seeded(2).build().value();
  EXPECT_NE(first.block_on(draw_ten()), second.block_on(draw_ten()));
}

TEST(R18, ThreadsOldStateIsPutBack) {
  // Within block_in_place of a seeded root, another runtime runs and draws: the root's sequence
  // goes on as if it had not.
  const auto sequence = [](bool nested) {
    Runtime outer = seeded(1).build().value();
    return outer.handle().block_on([](bool nest) -> Task<std::vector<std::uint32_t>> {
      std::vector<std::uint32_t> drawn = draw(5);
      if (nest) {
        block_in_place([] {
          Runtime inner = seeded(9).build().value();
          (void)inner.block_on(draw_ten());
        });
      }
      for (const std::uint32_t n : draw(5)) drawn.push_back(n);
      co_return drawn;
    }(nested));
  };
  EXPECT_EQ(sequence(true), sequence(false));
}

TEST(R22, CreateMakesAMultiThreadRuntimeWithEverythingEnabled) {
  Runtime rt = Runtime::create().value();
  EXPECT_EQ(rt.handle().runtime_flavor(), RuntimeFlavor::kMultiThread);
  rt.block_on([]() -> Task<> { co_await time::sleep(1ms); }());
}

TEST(R54, InjectionQueueIsLookedAtEvery31Tasks) {
  // Two tasks from outside among a hundred of the thread's own: 31 tasks lie between them.
  Runtime rt = Builder::new_current_thread().build().value();
  std::vector<int> before;
  int run = 0;
  rt.block_on([&]() -> Task<> {
    for (int i = 0; i < 100; ++i)
      (void)spawn([&]() -> Task<> {
        ++run;
        co_return;
      });
    std::thread([&, handle = Handle::current()] {
      for (int i = 0; i < 2; ++i) {
        (void)handle.spawn([&]() -> Task<> {
          before.push_back(run);
          co_return;
        });
      }
    }).join();
    while (before.size() < 2) co_await yield_now();
  }());
  EXPECT_EQ(before[1] - before[0], 30) << "the 31st is the one from outside";
}

TEST(R54, DriverIsPolledEvery61Tasks) {
  Runtime rt = Builder::new_current_thread().build().value();
  const int run = tasks_until_driver_turn(Builder::new_current_thread());
  EXPECT_LE(run, 61);
  EXPECT_GE(run, 59);
}

}  // namespace
}  // namespace weft::runtime
