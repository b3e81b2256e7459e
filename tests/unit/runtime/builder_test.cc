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
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>
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

// Records the stack sizes that this thread asks the system for. (What a thread finds may be larger:
// the C library hands out stacks of ended threads again.)
class StackSizes {
 public:
  StackSizes() { recorded().clear(); }
  std::vector<std::size_t> sizes() const { return recorded(); }

 private:
  static std::vector<std::size_t>& recorded() {
    static std::vector<std::size_t> sizes;
    return sizes;
  }
  static sys::Table recording() {
    sys::Table table;
    table.pthread_create = [](pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*start)(void*), void* argument) {
      std::size_t size = 0;
      pthread_attr_getstacksize(attributes, &size);
      recorded().push_back(size);
      return ::pthread_create(thread, attributes, start, argument);
    };
    return table;
  }
  const sys::Table table_ = recording();
  const sys::TableScope scope_{table_};
};

Task<std::string> name_of_worker() { co_return name_of_this_thread(); }
Task<int> number(int n) { co_return n; }

// Sets an environment variable for a scope.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
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
    Runtime rt =
        builder.max_blocking_threads(bound).on_thread_start([&] { ++started; }).build().value();
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
  const StackSizes asked;
  Runtime rt =
      Builder::new_multi_thread().worker_threads(2).thread_stack_size(kSize).build().value();
  auto job = rt.spawn_blocking([] {});
  EXPECT_TRUE(rt.block_on(job).has_value());
  EXPECT_EQ(asked.sizes(), (std::vector<std::size_t>{kSize, kSize, kSize}));
}

TEST(R6, DefaultIsTwoMebibytes) {
  const StackSizes asked;
  Runtime rt = test_support::current_thread();
  auto job = rt.spawn_blocking([] {});
  EXPECT_TRUE(rt.block_on(job).has_value());
  EXPECT_EQ(asked.sizes(), std::vector<std::size_t>{2 << 20});
}

TEST(R6, TooSmallIsRaisedToTheSystemsMinimum) {
  const StackSizes asked;
  Runtime rt = Builder::new_current_thread().thread_stack_size(1).build().value();
  auto job = rt.spawn_blocking([] {});
  EXPECT_TRUE(rt.block_on(job).has_value());
  ASSERT_EQ(asked.sizes().size(), 1U);
  EXPECT_GE(asked.sizes().front(), static_cast<std::size_t>(PTHREAD_STACK_MIN));
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

}  // namespace
}  // namespace weft::runtime
