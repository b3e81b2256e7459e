// BlockingPool by itself: options, queue and threads. Its end: blocking_pool_shutdown_test.cc. What
// users see of it: blocking_test.cc. Threads in each other's way:
// tests/stress/blocking_pool_test.cc.

#include <weft/runtime/blocking/blocking_pool.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/unit/runtime/blocking_pool_support.h>
#include <weft/base/sys.h>

namespace weft::internal {
namespace {

using namespace blocking_pool_test;  // NOLINT(google-build-using-namespace): its own helpers
using test_support::Event;
using SpawnError = BlockingPool::SpawnError;
using namespace std::chrono_literals;

// --- Options

TEST(R4, NoThreadsAtAllIsFatal) {
  EXPECT_DEATH(BlockingPool(with_max(0)), "blocking_pool_test.*number of threads cannot be 0");
}

TEST(R4, AtMostThatManyThreadsRun) {
  JoinedPool pool(with_max(3));
  Occupied occupied(pool, 3);
  std::atomic<int> ran{0};
  for (int i = 0; i < 10; ++i) spawn(pool, [&] { ++ran; });
  EXPECT_EQ(pool.num_threads(), 3u);
  EXPECT_EQ(pool.queue_depth(), 10u);
  EXPECT_EQ(ran, 0);
  Event last;
  spawn(pool, [&] { last.set(); });
  occupied.let_go();
  last.wait();
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(ran, 10);
}

TEST(R5, EachThreadAsksForItsNameOnce) {
  std::atomic<int> asked{0};
  BlockingPoolOptions options = with_max(8);
  options.thread_name = [&] {
    return "a-name-longer-than-15-bytes-" + std::to_string(asked.fetch_add(1));
  };
  std::string name(16, '\0');
  JoinedPool pool(std::move(options));
  Event named;
  spawn(pool, [&] {
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    named.set();
  });
  named.wait();
  EXPECT_STREQ(name.c_str(), "a-name-longer-t");
  Occupied occupied(pool, 3);
  occupied.let_go();
  const auto threads = static_cast<int>(pool.num_threads());
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(asked, threads);
}

TEST(R6, StackIsAskedForInTheGivenSize) {
  // What a thread then gets may be a larger stack that the system had left.
  static std::size_t asked_for;
  asked_for = 0;
  sys::Table table;
  table.pthread_create = [](::pthread_t* thread, const ::pthread_attr_t* attributes,
                            void* (*start)(void*), void* argument) {
    ::pthread_attr_getstacksize(attributes, &asked_for);
    return ::pthread_create(thread, attributes, start, argument);
  };
  const sys::TableScope scope(table);
  for (const std::size_t size : {BlockingPoolOptions().stack_size, std::size_t{5} << 20}) {
    BlockingPoolOptions options = with_max(1);
    options.stack_size = size;
    JoinedPool pool(std::move(options));
    const Occupied occupied(pool, 1);
    EXPECT_EQ(asked_for, size);
  }
  EXPECT_EQ(BlockingPoolOptions().stack_size, std::size_t{2} << 20);
}

TEST(R7, HooksRunOnEachThreadBeforeItsFirstAndAfterItsLastJob) {
  std::mutex mutex;
  std::vector<std::string> events;
  const auto note = [&](const char* what) {
    const std::lock_guard lock(mutex);
    events.emplace_back(what);
  };
  BlockingPoolOptions options = with_max(1);
  options.on_start = [&] { note("start"); };
  options.on_stop = [&] { note("stop"); };
  JoinedPool pool(std::move(options));
  Event ran;
  spawn(pool, [&] {
    note("job");
    ran.set();
  });
  ran.wait();
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(events, (std::vector<std::string>{"start", "job", "stop"}));
}

TEST(R7, StartsAndStopsAreEqualAfterAJoinedShutdown) {
  std::atomic<int> starts{0};
  std::atomic<int> stops{0};
  BlockingPoolOptions options = with_max(8);
  options.on_start = [&] { ++starts; };
  options.on_stop = [&] { ++stops; };
  JoinedPool pool(std::move(options));
  Occupied occupied(pool, 5);
  EXPECT_EQ(starts, 5);
  EXPECT_EQ(stops, 0);
  occupied.let_go();
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(stops, 5);
}

// --- Queue and threads

TEST(R121, JobsRunInTheOrderOfSubmission) {
  JoinedPool pool(with_max(1));
  std::vector<int> order;
  Event last;
  {
    Occupied occupied(pool, 1);
    for (int i = 0; i < 20; ++i) spawn(pool, [&order, i] { order.push_back(i); });
    spawn(pool, [&] { last.set(); });
    occupied.let_go();
    last.wait();
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(order.at(i), i);
}

TEST(R121, BusyThreadIsNotWaitedForBelowTheBound) {
  JoinedPool pool(with_max(2));
  Occupied occupied(pool, 1);
  Event ran;
  spawn(pool, [&] { ran.set(); });
  ran.wait();
  EXPECT_EQ(pool.num_threads(), 2u);
  occupied.let_go();
}

TEST(R121, IdleThreadIsClaimedByOneSpawnerOnly) {
  JoinedPool pool(with_max(8));
  // Two jobs that wait for each other, again and again: with one thread counted on twice the second
  // would never start.
  for (int round = 0; round < 200; ++round) {
    Event first;
    Event second;
    Event done;
    spawn(pool, [&] {
      first.set();
      second.wait();
      done.set();
    });
    spawn(pool, [&] {
      first.wait();
      second.set();
    });
    done.wait();
    ASSERT_TRUE(second.is_set());
  }
}

TEST(R121, CountsAreExactWhenThreadsEnd) {
  JoinedPool pool(with_max(4));
  {
    Occupied occupied(pool, 4);
    EXPECT_EQ(pool.num_threads(), 4u);
    EXPECT_EQ(pool.num_idle(), 0u);
    EXPECT_EQ(pool.queue_depth(), 0u);
    occupied.let_go();
    EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  }
  EXPECT_EQ(pool.num_threads(), 0u);
  EXPECT_EQ(pool.num_idle(), 0u);
  EXPECT_EQ(pool.queue_depth(), 0u);
}

TEST(R122, IdleThreadUsesUpWorkThatComesMeanwhile) {
  JoinedPool pool(with_max(1));
  std::optional<std::thread::id> first;
  for (int i = 0; i < 50; ++i) {
    Event ran;
    spawn(pool, [&] {
      if (!first.has_value()) first = std::this_thread::get_id();
      EXPECT_EQ(std::this_thread::get_id(), *first);
      ran.set();
    });
    ran.wait();
  }
}

TEST(R122, ThreadEndsAfterItsIdleTimeAndAnotherIsMade) {
  BlockingPoolOptions options = with_max(4);
  options.keep_alive = 0ns;
  std::vector<std::unique_ptr<Event>> ends;
  for (int i = 0; i < 3; ++i) ends.push_back(std::make_unique<Event>());
  std::atomic<std::size_t> stopped{0};
  options.on_stop = [&] { ends.at(stopped.fetch_add(1))->set(); };
  JoinedPool pool(std::move(options));
  for (const auto& end : ends) {
    Event ran;
    spawn(pool, [&] { ran.set(); });
    ran.wait();
    end->wait();
    EXPECT_EQ(pool.num_threads(), 0u);
    EXPECT_EQ(pool.num_idle(), 0u);
  }
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(stopped, 3u);
}

TEST(R122, ThreadsThatEndedIdleAreJoinedByTheNextOne) {
  constexpr int kThreads = 5;
  static std::atomic<int> joins;
  static std::optional<Event> all_but_one_joined;
  joins = 0;
  all_but_one_joined.emplace();
  static sys::Table counting;
  counting.pthread_join = [](::pthread_t thread, void** value) {
    const int error = ::pthread_join(thread, value);
    if (joins.fetch_add(1) + 1 == kThreads - 1) all_but_one_joined->set();
    return error;
  };
  BlockingPoolOptions options = with_max(1);
  options.keep_alive = 0ns;
  options.on_start = [] { sys::set_table(&counting); };
  std::array<Event, kThreads> ends;
  std::atomic<std::size_t> stopped{0};
  options.on_stop = [&] { ends.at(stopped.fetch_add(1)).set(); };
  JoinedPool pool(std::move(options));
  for (Event& end : ends) {
    Event ran;
    spawn(pool, [&] { ran.set(); });
    ran.wait();
    end.wait();
  }
  // Before any shutdown, by the pool's threads: only they have the table.
  all_but_one_joined->wait();
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(joins, kThreads - 1);
}

// --- Out of threads

int refuse_threads(::pthread_t*, const ::pthread_attr_t*, void* (*)(void*), void*) {
  return EAGAIN;
}

TEST(R123, WithoutAnyThreadTheJobIsGivenBack) {
  JoinedPool pool(with_max(4));
  bool cancelled = false;
  auto* const job = new Job([] { ADD_FAILURE() << "it ran"; }, [&] { cancelled = true; });
  {
    sys::Table table;
    table.pthread_create = refuse_threads;
    const sys::TableScope scope(table);
    const Result<void, SpawnError> spawned = pool.spawn(job);
    ASSERT_FALSE(spawned);
    EXPECT_EQ(spawned.error(), SpawnError::kNoThreads);
  }
  EXPECT_FALSE(cancelled) << "it is still the caller's";
  job->cancel();
  EXPECT_EQ(pool.num_threads(), 0u);
  EXPECT_EQ(pool.queue_depth(), 0u);
  // The pool goes on as soon as the system does.
  Event ran;
  spawn(pool, [&] { ran.set(); });
  ran.wait();
}

TEST(R123, WithAThreadTheJobWaitsForIt) {
  JoinedPool pool(with_max(4));
  Occupied occupied(pool, 1);
  Event ran;
  {
    sys::Table table;
    table.pthread_create = refuse_threads;
    const sys::TableScope scope(table);
    spawn(pool, [&] { ran.set(); });
  }
  EXPECT_EQ(pool.num_threads(), 1u);
  EXPECT_EQ(pool.queue_depth(), 1u);
  EXPECT_FALSE(ran.is_set());
  occupied.let_go();
  ran.wait();
}

// --- What stands around a job

TEST(R124, ThreadStaysWithinEnterForLife) {
  std::vector<std::string> events;  // of one thread; read after it has ended
  BlockingPoolOptions options = with_max(1);
  options.enter = [&](const std::function<void()>& body) {
    events.emplace_back("enter");
    body();
    events.emplace_back("leave");
  };
  options.on_start = [&] { events.emplace_back("start"); };
  options.on_stop = [&] { events.emplace_back("stop"); };
  JoinedPool pool(std::move(options));
  for (int i = 0; i < 2; ++i) {
    Event ran;
    spawn(pool, [&] {
      events.emplace_back("job");
      ran.set();
    });
    ran.wait();
  }
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(events, (std::vector<std::string>{"enter", "start", "job", "job", "stop", "leave"}));
}

TEST(R124, JobsKnowThatTheyAreOnThePool) {
  JoinedPool pool(with_max(1));
  JoinedPool other(with_max(1));
  EXPECT_FALSE(pool.is_current_thread_mine());
  Event ran;
  spawn(pool, [&] {
    EXPECT_TRUE(pool.is_current_thread_mine());
    EXPECT_FALSE(other.is_current_thread_mine());
    ran.set();
  });
  ran.wait();
}

TEST(R124, JobsMaySpawnJobs) {
  JoinedPool pool(with_max(1));
  Event ran;
  spawn(pool, [&] { spawn(pool, [&] { ran.set(); }); });
  ran.wait();
}

}  // namespace
}  // namespace weft::internal
