// BlockingPool with many spawners, threads that end all the time, and shutdown at any moment; run
// it under ThreadSanitizer.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/scale.h>
#include <tests/support/threads.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/blocking/blocking_pool.h>

namespace weft::internal {
namespace {

using test_support::Event;
using test_support::run_threads;
using test_support::scaled;
using namespace std::chrono_literals;

// What became of the jobs.
struct Tally {
  loom::Atomic<int> run{0};
  loom::Atomic<int> cancelled{0};
};

class CountedJob final : public BlockingJob {
 public:
  explicit CountedJob(Tally& tally, bool is_mandatory = false) : tally_(tally) {
    mandatory = is_mandatory;
  }
  void run() noexcept override {
    tally_.run.fetch_add(1, std::memory_order_relaxed);
    delete this;
  }
  void cancel() noexcept override {
    tally_.cancelled.fetch_add(1, std::memory_order_relaxed);
    delete this;
  }

 private:
  Tally& tally_;
};

class SettingJob final : public BlockingJob {
 public:
  explicit SettingJob(Event& event) : event_(event) {}
  void run() noexcept override {
    event_.set();
    delete this;
  }
  void cancel() noexcept override { run(); }

 private:
  Event& event_;
};

BlockingPoolOptions options_with(std::size_t max_threads, std::chrono::nanoseconds keep_alive) {
  BlockingPoolOptions options;
  options.max_threads = max_threads;
  options.keep_alive = keep_alive;
  options.adaptive_spin = true;  // as in a runtime
  return options;
}

void run_many(std::size_t max_threads, std::chrono::nanoseconds keep_alive, int jobs) {
  constexpr int kSpawners = 4;
  Tally tally;
  BlockingPool pool(options_with(max_threads, keep_alive));
  run_threads(kSpawners, [&](int) {
    for (int i = 0; i < jobs; ++i) {
      ASSERT_TRUE(pool.spawn(new CountedJob(tally)));
      // Without a pause the threads would never be idle.
      if (i % 64 == 0) {
        Event reached;
        ASSERT_TRUE(pool.spawn(new SettingJob(reached)));
        reached.wait();
      }
    }
    // Jobs start in the order of submission.
    Event last;
    ASSERT_TRUE(pool.spawn(new SettingJob(last)));
    last.wait();
  });
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(tally.run.unsync_load(), kSpawners * jobs);
  EXPECT_EQ(tally.cancelled.unsync_load(), 0);
  EXPECT_EQ(pool.num_threads(), 0u);
  EXPECT_EQ(pool.num_idle(), 0u);
  EXPECT_EQ(pool.queue_depth(), 0u);
}

TEST(R121, EveryJobRunsOnce) { run_many(4, 1h, scaled(20'000)); }

TEST(R121, JobAtTheBoundIsNotStranded) { run_many(1, 1h, scaled(20'000)); }

// The thread spins between two of them.
TEST(R121, JobsThatFollowEachOtherCloselyAllRun) {
  BlockingPool pool(options_with(3, 1h));
  run_threads(2, [&](int) {
    for (int i = 0; i < scaled(20'000); ++i) {
      Event reached;
      ASSERT_TRUE(pool.spawn(new SettingJob(reached)));
      reached.wait();
    }
  });
  EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
  EXPECT_EQ(pool.num_idle(), 0u);
}

TEST(R122, ThreadsThatEndBetweenJobsLoseNone) {
  run_many(4, 0ns, scaled(5'000));
  run_many(1, 0ns, scaled(5'000));
  run_many(8, 20us, scaled(5'000));
}

TEST(R125, WhatWasAcceptedRunsOrIsCancelledAndMandatoryRuns) {
  constexpr int kSpawners = 3;
  for (int round = 0; round < scaled(1'000); ++round) {
    Tally ordinary;
    Tally mandatory;
    loom::Atomic<int> accepted_ordinary{0};
    loom::Atomic<int> accepted_mandatory{0};
    BlockingPool pool(options_with(1 + round % 4, round % 2 == 0 ? 1h : 0ns));
    run_threads(kSpawners + 1, [&](int thread) {
      if (thread == kSpawners) {
        EXPECT_TRUE(pool.wait_shutdown(std::nullopt));
        return;
      }
      for (int i = 0; i < 50; ++i) {
        const bool is_mandatory = i % 2 == 0;
        auto* const job = new CountedJob(is_mandatory ? mandatory : ordinary, is_mandatory);
        if (!pool.spawn(job)) {
          delete job;  // refused: neither run nor cancelled by the pool
          return;
        }
        auto& accepted = is_mandatory ? accepted_mandatory : accepted_ordinary;
        accepted.fetch_add(1, std::memory_order_relaxed);
      }
    });
    EXPECT_EQ(ordinary.run.unsync_load() + ordinary.cancelled.unsync_load(),
              accepted_ordinary.unsync_load());
    EXPECT_EQ(mandatory.run.unsync_load(), accepted_mandatory.unsync_load());
    EXPECT_EQ(mandatory.cancelled.unsync_load(), 0);
    EXPECT_EQ(pool.num_idle(), 0u);
    EXPECT_EQ(pool.queue_depth(), 0u);
  }
}

TEST(R45, ThreadsLeftBehindDoNotNeedThePool) {
  for (int round = 0; round < scaled(1'000); ++round) {
    auto ended = std::make_shared<Event>();
    {
      BlockingPoolOptions options = options_with(2, 1h);
      options.on_stop = [ended] { ended->set(); };
      BlockingPool pool(std::move(options));
      Event reached;
      ASSERT_TRUE(pool.spawn(new SettingJob(reached)));
      reached.wait();
      if (round % 2 == 0) static_cast<void>(pool.wait_shutdown(0ns));
    }
    ended->wait();
  }
}

}  // namespace
}  // namespace weft::internal
