// BlockingPool by itself. What users see of it: tests/unit/runtime/blocking_test.cc; threads in
// each other's way: tests/stress/blocking_pool_test.cc.

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
#include <weft/base/sys.h>

namespace weft::internal {
namespace {

using test_support::Event;
using SpawnError = BlockingPool::SpawnError;
using namespace std::chrono_literals;

class Job final : public BlockingJob {
 public:
  Job(std::function<void()> run, std::function<void()> cancel)
      : run_(std::move(run)), cancel_(std::move(cancel)) {}
  void run() noexcept override {
    run_();
    delete this;
  }
  void cancel() noexcept override {
    cancel_();
    delete this;
  }

 private:
  std::function<void()> run_;
  std::function<void()> cancel_;
};

void unexpected_cancel() { ADD_FAILURE() << "a job was cancelled"; }

// Spawns a job that must be accepted.
void spawn(BlockingPool& pool, std::function<void()> run,
           std::function<void()> cancel = unexpected_cancel, bool mandatory = false) {
  auto* const job = new Job(std::move(run), std::move(cancel));
  job->mandatory = mandatory;
  const Result<void, SpawnError> spawned = pool.spawn(job);
  EXPECT_TRUE(spawned);
  if (!spawned) job->cancel();
}

BlockingPoolOptions with_max(std::size_t threads) {
  BlockingPoolOptions options;
  options.max_threads = threads;
  options.keep_alive = 1h;
  return options;
}

// Joins its threads, which use the test's variables.
class JoinedPool : public BlockingPool {
 public:
  explicit JoinedPool(BlockingPoolOptions options) : BlockingPool(std::move(options)) {}
  ~JoinedPool() { EXPECT_TRUE(wait_shutdown(std::nullopt)); }
};

// Keeps `count` of the pool's threads busy until it lets them go.
class Occupied {
 public:
  Occupied(BlockingPool& pool, int count) {
    for (int i = 0; i < count; ++i) {
      Event started;
      spawn(pool, [let_go = let_go_, &started] {
        started.set();
        let_go->wait();
      });
      started.wait();
    }
  }
  ~Occupied() { let_go(); }
  Occupied(const Occupied&) = delete;
  Occupied& operator=(const Occupied&) = delete;

  void let_go() { let_go_->set(); }

 private:
  std::shared_ptr<Event> let_go_ = std::make_shared<Event>();
};

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
  static Event all_but_one_joined;
  joins = 0;
  static sys::Table counting;
  counting.pthread_join = [](::pthread_t thread, void** value) {
    const int error = ::pthread_join(thread, value);
    if (joins.fetch_add(1) + 1 == kThreads - 1) all_but_one_joined.set();
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
  all_but_one_joined.wait();
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

// --- The end

TEST(R125, ShutdownCancelsWhatHasNotStartedAndRunsWhatIsMandatory) {
  JoinedPool pool(with_max(1));
  Occupied occupied(pool, 1);
  std::vector<std::string> order;  // of the pool's only thread
  const auto note = [&order](const char* what) {
    return [&order, what] { order.emplace_back(what); };
  };
  spawn(pool, note("a runs"), note("a cancelled"));
  spawn(pool, note("b runs"), note("b cancelled"), true);
  spawn(pool, note("c runs"), note("c cancelled"));
  spawn(pool, note("d runs"), note("d cancelled"), true);
  pool.begin_shutdown();
  EXPECT_TRUE(order.empty());
  occupied.let_go();
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(order, (std::vector<std::string>{"a cancelled", "b runs", "c cancelled", "d runs"}));
}

TEST(R125, ShutdownWakesThreadsThatWaitForWork) {
  JoinedPool pool(with_max(4));
  Occupied occupied(pool, 4);
  occupied.let_go();
  // They would wait for an hour.
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
}

TEST(R126, AfterShutdownJobsAreRefused) {
  JoinedPool pool(with_max(1));
  pool.begin_shutdown();
  bool cancelled = false;
  for (const bool mandatory : {false, true}) {
    auto* const job = new Job([] { ADD_FAILURE() << "it ran"; }, [&] { cancelled = true; });
    job->mandatory = mandatory;
    const Result<void, SpawnError> spawned = pool.spawn(job);
    ASSERT_FALSE(spawned);
    EXPECT_EQ(spawned.error(), SpawnError::kShutDown);
    EXPECT_FALSE(cancelled);
    job->cancel();
    cancelled = false;
  }
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
}

TEST(R45, ThreadsThatDoNotEndInTimeRunOnByThemselves) {
  Event let_go;
  Event ended;
  const auto hook_state = std::make_shared<int>(0);
  {
    BlockingPoolOptions options = with_max(1);
    options.on_stop = [&ended, hook_state] { ended.set(); };
    BlockingPool pool(std::move(options));
    Event started;
    spawn(pool, [&] {
      started.set();
      let_go.wait();
    });
    started.wait();
    EXPECT_FALSE(pool.wait_shutdown(0ns));
    EXPECT_FALSE(pool.wait_shutdown(1ms));
  }
  EXPECT_GT(hook_state.use_count(), 1) << "the thread still needs its hooks";
  let_go.set();
  ended.wait();
}

TEST(R45, ThreadsThatEndInTimeAreJoined) {
  std::atomic<bool> stopped{false};
  BlockingPoolOptions options = with_max(2);
  options.on_stop = [&] { stopped = true; };
  JoinedPool pool(std::move(options));
  Event ran;
  spawn(pool, [&] { ran.set(); });
  ran.wait();
  EXPECT_TRUE(pool.wait_shutdown(1h));
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(pool.wait_shutdown(0ns)) << "a second time there is nothing to wait for";
}

TEST(R45, PoolThatNeverHadAThreadEndsAtOnce) {
  JoinedPool pool(with_max(1));
  EXPECT_TRUE(pool.wait_shutdown(0ns));
}

TEST(R45, HooksMayOwnWhatOwnsThePool) {
  struct Owner {
    std::unique_ptr<BlockingPool> pool;
  };
  auto owner = std::make_shared<Owner>();
  const std::weak_ptr<Owner> alive = owner;
  BlockingPoolOptions options = with_max(1);
  options.enter = [owner](const std::function<void()>& body) { body(); };
  owner->pool = std::make_unique<BlockingPool>(std::move(options));
  Event ran;
  spawn(*owner->pool, [&] { ran.set(); });
  ran.wait();
  EXPECT_TRUE(owner->pool->wait_shutdown(std::nullopt));
  owner.reset();
  EXPECT_TRUE(alive.expired());
}

TEST(R45, ThreadLeftBehindMayBeTheLastToOwnThePool) {
  struct Owner {
    ~Owner() {
      pool.reset();
      gone->set();
    }
    std::unique_ptr<BlockingPool> pool;
    Event* gone = nullptr;
  };
  Event gone;
  Event let_go;
  auto owner = std::make_shared<Owner>();
  owner->gone = &gone;
  BlockingPoolOptions options = with_max(1);
  options.enter = [owner](const std::function<void()>& body) { body(); };
  owner->pool = std::make_unique<BlockingPool>(std::move(options));
  Event started;
  spawn(*owner->pool, [&] {
    started.set();
    let_go.wait();
  });
  started.wait();
  EXPECT_FALSE(owner->pool->wait_shutdown(0ns));
  owner.reset();
  EXPECT_FALSE(gone.is_set());
  let_go.set();
  gone.wait();
}

TEST(R45, WaitingForOneselfIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto wait_on_own_thread = [] {
    BlockingPool pool(with_max(1));
    Event done;
    spawn(pool, [&] {
      static_cast<void>(pool.wait_shutdown(std::nullopt));
      done.set();
    });
    done.wait();
  };
  EXPECT_DEATH(wait_on_own_thread(), "blocking_pool_test.*on one of its own threads");
}

TEST(R45, OnOnesOwnThreadOneMayShutDownWithoutWaiting) {
  JoinedPool pool(with_max(1));
  Event done;
  spawn(pool, [&] {
    EXPECT_FALSE(pool.wait_shutdown(0ns));
    done.set();
  });
  done.wait();
}

}  // namespace
}  // namespace weft::internal
