// How a BlockingPool ends: what becomes of its jobs, and of its threads.

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
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
#include <weft/runtime/blocking/blocking_pool.h>

namespace weft::internal {
namespace {

using namespace blocking_pool_test;  // NOLINT(google-build-using-namespace): its own helpers
using test_support::Event;
using SpawnError = BlockingPool::SpawnError;
using namespace std::chrono_literals;

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

// What a worker is to the pool.
BlockingJob* make_occupying(std::function<void()> run) {
  auto* const job = new Job(std::move(run), unexpected_cancel);
  job->mandatory = true;
  job->occupies_thread = true;
  return job;
}

TEST(R125, WorkersInTheQueueComeFirstAndGetThreadsOfTheirOwn) {
  JoinedPool pool(with_max(2));
  Occupied occupied(pool, 2);
  bool cancelled = false;
  Event ran[2];
  spawn(pool, [] { ADD_FAILURE() << "it ran"; }, [&] { cancelled = true; });
  for (Event& event : ran) {
    // They wait for each other.
    ASSERT_TRUE(pool.hand_over(make_occupying([&] {
      event.set();
      for (Event& each : ran) each.wait();
    })));
  }
  EXPECT_EQ(pool.num_threads(), 2u);
  EXPECT_EQ(pool.queue_depth(), 3u);
  pool.begin_shutdown();
  for (Event& event : ran) event.wait();
  occupied.let_go();
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_TRUE(cancelled);
}

TEST(R125, WorkersThatHaveAThreadComingAreGivenNoOther) {
  std::atomic<int> started{0};
  BlockingPoolOptions options = with_max(4);
  options.on_start = [&] { ++started; };
  JoinedPool pool(std::move(options));
  std::atomic<int> ran{0};
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(pool.spawn_with_thread(make_occupying([&] { ++ran; })));
  }
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(ran, 4);
  EXPECT_EQ(started, 4);
}

TEST(R125, WorkerIsHandedOverAlsoAfterShutdown) {
  JoinedPool pool(with_max(1));
  Event handed_over;
  spawn(pool, [&] {
    EXPECT_FALSE(pool.wait_shutdown(0ns));
    ASSERT_TRUE(pool.hand_over(make_occupying([&] { handed_over.set(); })));
    handed_over.wait();
  });
  handed_over.wait();
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
}

TEST(R125, WorkerWithoutAThreadToTakeItIsRunByWhoHandedItOver) {
  JoinedPool pool(with_max(1));
  std::optional<std::thread::id> from;
  std::optional<std::thread::id> ran_on;
  Event done;
  spawn(pool, [&] {
    pool.begin_shutdown();
    sys::Table table;
    table.pthread_create = [](::pthread_t*, const ::pthread_attr_t*, void* (*)(void*), void*) {
      return EAGAIN;
    };
    const sys::TableScope scope(table);
    from = std::this_thread::get_id();
    ASSERT_TRUE(pool.hand_over(make_occupying([&] {
      ran_on = std::this_thread::get_id();
      done.set();
    })));
    EXPECT_EQ(pool.num_threads(), 1u);
  });
  done.wait();
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(ran_on, from);
}

// A pool that nobody waits for lets the thread go, too.
TEST(R45, ThreadMadeAfterAWaitHasGivenUpEndsByItself) {
  Event let_go;
  std::atomic<int> running{2};
  Event ended;
  BlockingPoolOptions options = with_max(1);
  options.on_stop = [&] {
    if (--running == 0) ended.set();
  };
  BlockingPool pool(std::move(options));
  Event started;
  spawn(pool, [&] {
    started.set();
    let_go.wait();
    Event handed_over;
    ASSERT_TRUE(pool.hand_over(make_occupying([&] { handed_over.set(); })));
    handed_over.wait();
  });
  started.wait();
  EXPECT_FALSE(pool.wait_shutdown(1ms));
  let_go.set();
  ended.wait();
}

TEST(R126, AfterTheLastThreadNoWorkerIsTaken) {
  JoinedPool pool(with_max(1));
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  bool cancelled = false;
  auto* const job = new Job([] { ADD_FAILURE() << "it ran"; }, [&] { cancelled = true; });
  job->mandatory = true;
  job->occupies_thread = true;
  const Result<void, SpawnError> spawned = pool.hand_over(job);
  ASSERT_FALSE(spawned);
  EXPECT_EQ(spawned.error(), SpawnError::kShutDown);
  EXPECT_FALSE(cancelled);
  job->cancel();
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
  EXPECT_DEATH(wait_on_own_thread(), "blocking_pool_shutdown_test.*on one of its own threads");
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
