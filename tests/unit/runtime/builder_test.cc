// The Builder: what each of its settings does to the runtime that it builds.

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

std::string name_of_this_thread() {
  std::array<char, 32> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

std::size_t stack_size_of_this_thread() {
  pthread_attr_t attributes;
  void* bottom = nullptr;
  std::size_t size = 0;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &bottom, &size);
  pthread_attr_destroy(&attributes);
  return size;
}

Task<std::string> name_of_worker() { co_return name_of_this_thread(); }
Task<int> number(int n) { co_return n; }

// Sets an environment variable for a scope.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const char* value) : name_(name) {
    ::setenv(name, value, 1);
  }
  ~ScopedEnvironment() { ::unsetenv(name_); }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  const char* name_;
};

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

TEST(R1, OneBuilderBuildsSeveralRuntimes) {
  Builder builder = Builder::new_current_thread();
  builder.enable_time().event_interval(7);
  Runtime first = builder.build().value();
  Runtime second = builder.build().value();
  EXPECT_EQ(first.block_on(number(1)) + second.block_on(number(2)), 3);
  EXPECT_NE(first.handle().id(), second.handle().id());
}

TEST(R1, TheTwoKindsAreWhatTheyAreCalled) {
  Runtime current = Builder::new_current_thread().build().value();
  Runtime multi = Builder::new_multi_thread().worker_threads(1).build().value();
  EXPECT_EQ(current.handle().runtime_flavor(), RuntimeFlavor::kCurrentThread);
  EXPECT_EQ(multi.handle().runtime_flavor(), RuntimeFlavor::kMultiThread);
}

TEST(R2, TimersAreOffByDefaultAndTheMessageNamesTheCall) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = Builder::new_current_thread().build().value();
        rt.block_on([]() -> Task<> { co_await time::sleep(1ms); }());
      },
      "builder_test\\.cc:[0-9]+: .*enable_time");
}

TEST(R2, TimersWorkOnceEnabled) {
  Runtime rt = Builder::new_current_thread().enable_time().build().value();
  rt.block_on([]() -> Task<> { co_await time::sleep(1ms); }());
  Runtime all = Builder::new_current_thread().enable_all().build().value();
  all.block_on([]() -> Task<> { co_await time::sleep(1ms); }());
}

TEST(R2, WithoutARuntimeTheMessageSaysThatNoReactorRuns) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        test_support::MockTask task;
        auto sleep = time::sleep(1ms);
        test_support::Polled polled(sleep);
        polled.poll(task);
      },
      "builder_test\\.cc:[0-9]+: .*no reactor running");
}

TEST(R3, SetterDecides) {
  const ScopedEnvironment variable("WEFT_WORKER_THREADS", "5");
  Runtime rt = Builder::new_multi_thread().worker_threads(3).build().value();
  EXPECT_EQ(rt.metrics().num_workers(), 3U);
}

TEST(R3, EnvironmentDecidesWithoutTheSetter) {
  const ScopedEnvironment variable("WEFT_WORKER_THREADS", "5");
  Runtime rt = Builder::new_multi_thread().build().value();
  EXPECT_EQ(rt.metrics().num_workers(), 5U);
}

TEST(R3, DefaultIsTheNumberOfAvailableProcessors) {
  ::unsetenv("WEFT_WORKER_THREADS");
  cpu_set_t available;
  ASSERT_EQ(::sched_getaffinity(0, sizeof available, &available), 0);
  Runtime rt = Builder::new_multi_thread().build().value();
  EXPECT_EQ(rt.metrics().num_workers(), static_cast<unsigned>(CPU_COUNT(&available)));
}

TEST(R3, ZeroIsFatal) {
  EXPECT_DEATH(Builder::new_multi_thread().worker_threads(0),
               "builder_test\\.cc:[0-9]+: .*worker_threads");
}

TEST(R3, NonsenseInTheEnvironmentIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const char* value : {"0", "-1", "many", "", "3 or so", "99999999999999999999"}) {
    const ScopedEnvironment variable("WEFT_WORKER_THREADS", value);
    EXPECT_DEATH((void)Builder::new_multi_thread().build(), "WEFT_WORKER_THREADS") << value;
  }
}

TEST(R3, CurrentThreadIgnoresIt) {
  const ScopedEnvironment variable("WEFT_WORKER_THREADS", "nonsense");
  Runtime rt = Builder::new_current_thread().worker_threads(3).build().value();
  EXPECT_EQ(rt.metrics().num_workers(), 1U);
}

// Blocks the pool's only thread while others are submitted: a pool without a bound would have
// started a thread for each.
int threads_started_for_ten_jobs(Builder builder, std::size_t bound) {
  std::atomic<int> started{0};
  Event go;
  {
    Runtime rt = builder.max_blocking_threads(bound).on_thread_start([&] { ++started; }).build().value();
    std::vector<JoinHandle<void>> jobs;
    for (int i = 0; i < 10; ++i) jobs.push_back(rt.spawn_blocking([&] { go.wait(); }));
    go.set();
    for (auto& job : jobs) EXPECT_TRUE(rt.block_on(job).has_value());
  }
  return started;
}

TEST(R4, BoundsTheBlockingThreads) {
  EXPECT_EQ(threads_started_for_ten_jobs(Builder::new_current_thread(), 1), 1);
  EXPECT_EQ(threads_started_for_ten_jobs(Builder::new_current_thread(), 3), 3);
}

TEST(R4, WorkersAreNotCountedAgainstTheBound) {
  EXPECT_EQ(threads_started_for_ten_jobs(Builder::new_multi_thread().worker_threads(2), 1), 3);
}

TEST(R4, ZeroIsFatal) {
  EXPECT_DEATH(Builder::new_multi_thread().max_blocking_threads(0),
               "builder_test\\.cc:[0-9]+: .*max_blocking_threads");
}

TEST(R5, DefaultNameIsWeftWorker) {
  Runtime rt = test_support::multi_thread(1);
  EXPECT_EQ(rt.block_on(rt.spawn(name_of_worker())).value(), "weft-worker");
  EXPECT_EQ(rt.block_on(rt.spawn_blocking(name_of_this_thread)).value(), "weft-worker");
}

TEST(R5, NameIsThatOfEveryThread) {
  Runtime rt = Builder::new_multi_thread().worker_threads(1).thread_name("dancer").build().value();
  EXPECT_EQ(rt.block_on(rt.spawn(name_of_worker())).value(), "dancer");
  EXPECT_EQ(rt.block_on(rt.spawn_blocking(name_of_this_thread)).value(), "dancer");
}

TEST(R5, NameFunctionIsAskedOnceForEachThread) {
  std::atomic<int> asked{0};
  std::atomic<int> started{0};
  {
    Runtime rt = Builder::new_multi_thread()
                     .worker_threads(2)
                     .thread_name_fn([&] { return "no" + std::to_string(asked.fetch_add(1)); })
                     .on_thread_start([&] { ++started; })
                     .build()
                     .value();
    const std::string name = rt.block_on(rt.spawn_blocking(name_of_this_thread)).value();
    EXPECT_EQ(name.substr(0, 2), "no");
  }
  EXPECT_EQ(started, 3);
  EXPECT_EQ(asked, 3);
}

TEST(R6, StackSizeIsThatOfWorkersAndBlockingThreads) {
  constexpr std::size_t kSize = 3 << 20;
  Runtime rt = Builder::new_multi_thread().worker_threads(1).thread_stack_size(kSize).build().value();
  auto on_worker = rt.spawn([]() -> Task<std::size_t> { co_return stack_size_of_this_thread(); });
  EXPECT_EQ(rt.block_on(on_worker).value(), kSize);
  EXPECT_EQ(rt.block_on(rt.spawn_blocking(stack_size_of_this_thread)).value(), kSize);
}

TEST(R6, DefaultIsTwoMebibytes) {
  Runtime rt = test_support::current_thread();
  EXPECT_EQ(rt.block_on(rt.spawn_blocking(stack_size_of_this_thread)).value(), 2U << 20);
}

TEST(R6, TooSmallIsRaisedToTheSystemsMinimum) {
  Runtime rt = Builder::new_current_thread().thread_stack_size(1).build().value();
  EXPECT_GE(rt.block_on(rt.spawn_blocking(stack_size_of_this_thread)).value(),
            static_cast<std::size_t>(PTHREAD_STACK_MIN));
}

TEST(R7, StartsAndStopsSurroundEachThreadOfTheRuntime) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::mutex mutex;
    std::multiset<std::thread::id> started;
    std::multiset<std::thread::id> stopped;
    bool job_was_after_start = false;
    {
      Runtime rt = test_support::builder_of(kind)
                       .on_thread_start([&] {
                         const std::lock_guard lock(mutex);
                         started.insert(std::this_thread::get_id());
                       })
                       .on_thread_stop([&] {
                         const std::lock_guard lock(mutex);
                         stopped.insert(std::this_thread::get_id());
                       })
                       .build()
                       .value();
      auto job = rt.spawn_blocking([&] {
        const std::lock_guard lock(mutex);
        job_was_after_start = started.count(std::this_thread::get_id()) == 1 &&
                              stopped.count(std::this_thread::get_id()) == 0;
      });
      EXPECT_TRUE(rt.block_on(job).has_value());
      EXPECT_EQ(rt.block_on(number(1)), 1);
    }
    EXPECT_TRUE(job_was_after_start);
    EXPECT_EQ(started, stopped);
    EXPECT_GE(started.size(), 1U);
    EXPECT_EQ(started.count(std::this_thread::get_id()), 0U);
  }
}

TEST(R8, ParkHookThatWakesKeepsTheThreadFromSleeping) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    AsyncEvent event;
    std::atomic<bool> had_context{false};
    Runtime rt = test_support::builder_of(kind)
                     .on_thread_park([&] {
                       had_context = Handle::try_current().has_value();
                       event.set();
                     })
                     .build()
                     .value();
    auto task = rt.spawn([&]() -> Task<> { co_await event.wait(); });
    EXPECT_TRUE(rt.block_on(task).has_value());
    EXPECT_TRUE(had_context);
  }
}

TEST(R8, TimersDoNotStarveUnderAParkHookThatSpawns) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Runtime rt = test_support::builder_of(kind)
                     .on_thread_park([] {
                       if (auto handle = Handle::try_current()) (void)handle->spawn(number(1));
                     })
                     .build()
                     .value();
    auto task = rt.spawn([]() -> Task<> { co_await time::sleep(2ms); });
    EXPECT_TRUE(rt.block_on(task).has_value());
  }
}

TEST(R8, EachParkIsFollowedByItsUnpark) {
  Log log;
  Runtime rt = Builder::new_current_thread()
                   .enable_all()
                   .on_thread_park([&] { log.add("park"); })
                   .on_thread_unpark([&] { log.add("unpark"); })
                   .build()
                   .value();
  rt.block_on([]() -> Task<> {
    co_await time::sleep(1ms);
    co_await time::sleep(1ms);
  }());
  const std::vector<std::string> entries = log.entries();
  ASSERT_GE(entries.size(), 2U);
  ASSERT_EQ(entries.size() % 2, 0U);
  for (std::size_t i = 0; i < entries.size(); i += 2) {
    EXPECT_EQ(entries[i], "park");
    EXPECT_EQ(entries[i + 1], "unpark");
  }
}

TEST(R8, PollsThatDoNotWaitAreNotSurrounded) {
  std::atomic<int> parks{0};
  Runtime rt = Builder::new_current_thread().on_thread_park([&] { ++parks; }).build().value();
  rt.block_on([]() -> Task<> {
    for (int i = 0; i < 500; ++i) co_await yield_now();
  }());
  EXPECT_EQ(parks, 0);
}

TEST(R8, LastHookSetCounts) {
  std::atomic<int> first{0};
  std::atomic<int> second{0};
  Runtime rt = Builder::new_current_thread()
                   .enable_time()
                   .on_thread_park([&] { ++first; })
                   .on_thread_park([&] { ++second; })
                   .build()
                   .value();
  rt.block_on([]() -> Task<> { co_await time::sleep(1ms); }());
  EXPECT_EQ(first, 0);
  EXPECT_GE(second, 1);
}

TEST(R9, HooksOfAWorkerComeInPairs) {
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> parks{0};
  std::atomic<int> unparks{0};
  {
    Runtime rt = Builder::new_multi_thread()
                     .worker_threads(1)
                     .enable_all()
                     .on_thread_park([&] {
                       ++parks;
                       most = std::max(most.load(), ++inside);
                     })
                     .on_thread_unpark([&] {
                       ++unparks;
                       --inside;
                     })
                     .build()
                     .value();
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(rt.block_on(rt.spawn([]() -> Task<> { co_await time::sleep(1ms); })).has_value());
    }
  }
  EXPECT_EQ(parks, unparks);
  EXPECT_EQ(most, 1);
  EXPECT_GE(parks, 1);
}

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
    for (int i = 0; i < local; ++i) (void)spawn([&]() -> Task<> { ++run; co_return; });
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
               "builder_test\\.cc:[0-9]+: .*global_queue_interval");
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
               "builder_test\\.cc:[0-9]+: .*event_interval");
}

// Five descriptors that are ready, each awaited by a task. How many tasks have ended after two turns of
// the driver?
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
               "builder_test\\.cc:[0-9]+: .*start_paused");
}

// On one worker: who runs first of two that a task spawns?
std::vector<std::string> order_of_two_spawned(Builder builder) {
  Runtime rt = builder.worker_threads(1).build().value();
  Log log;
  auto task = rt.spawn([&]() -> Task<> {
    auto first = spawn([&]() -> Task<> { log.add("first"); co_return; });
    auto second = spawn([&]() -> Task<> { log.add("second"); co_return; });
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
      "builder_test\\.cc:[0-9]+: .*unhandled_exception");
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
      "builder_test\\.cc:[0-9]+: .*exception");
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
    for (int i = 0; i < 100; ++i) (void)spawn([&]() -> Task<> { ++run; co_return; });
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
