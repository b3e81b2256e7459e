// The blocking pool: jobs against idle threads, against the bound of threads, and against the end.
//
// The pool is used directly, without a runtime. Explored: every interleaving, with spurious
// wake-ups, unless a bound is named; idle threads may run out of time at any moment. What is
// checked: each job that the pool took is run or cancelled once, a job that it refused is not
// touched, mandatory ones are run, and whatever waits for a job or for the end does not wait for
// ever. That is also what the counters num_idle and num_notify are for: where one is wrong, a job
// is stranded, which is a deadlock.

#include <chrono>
#include <optional>
#include <utility>

#include <tests/loom/support/model.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/loom/steady_clock.h>
#include <weft/runtime/blocking/blocking_pool.h>
#include <weft/runtime/scheduler/adaptive_spin.h>

namespace weft::loom_test {
namespace {

using internal::BlockingJob;
using internal::BlockingPool;
using internal::BlockingPoolOptions;

// What has become of jobs; a thread may wait for them.
class Ledger {
 public:
  void note(bool ran) {
    {
      const std::lock_guard lock(mutex_);
      ++(ran ? ran_ : cancelled_);
    }
    changed_.notify_all();
  }
  void wait_until_ran(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ran_ >= count; });
  }
  int ran() {
    const std::lock_guard lock(mutex_);
    return ran_;
  }
  int cancelled() {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }

 private:
  loom::Mutex mutex_;
  loom::Condvar changed_;
  int ran_ = 0;        // guarded by mutex_
  int cancelled_ = 0;  // guarded by mutex_
};

class Job final : public BlockingJob {
 public:
  explicit Job(Ledger& ledger, bool is_mandatory = false) : ledger_(ledger) {
    mandatory = is_mandatory;
  }
  void run() noexcept override { end(true); }
  void cancel() noexcept override { end(false); }

 private:
  void end(bool ran) {
    Ledger& ledger = ledger_;
    loom::checker::free(this);
    ledger.note(ran);
  }

  Ledger& ledger_;
};

// True if the pool took it; otherwise it is given back here.
bool spawn(BlockingPool& pool, Ledger& ledger, bool mandatory = false) {
  Job* const job = loom::checker::make<Job>(ledger, mandatory);
  const bool taken = pool.spawn(job).has_value();
  if (!taken) loom::checker::free(job);
  return taken;
}

BlockingPoolOptions at_most(std::size_t threads) {
  BlockingPoolOptions options;
  options.max_threads = threads;
  return options;
}

void end(BlockingPool& pool) {
  expect(pool.wait_shutdown(std::nullopt), "a wait without limit did not wait for all threads");
  expect(pool.num_threads() == 0, "a thread is counted that has ended");
  expect(pool.num_idle() == 0, "an idle thread is counted that has ended");
  expect(pool.queue_depth() == 0, "a job was left in the queue");
}

TEST(LM19, TwoJobsThenTheEnd) {
  model(bounded(3, std::nullopt), [] {
    Ledger ledger;
    {
      BlockingPool pool(at_most(2));
      expect(spawn(pool, ledger) && spawn(pool, ledger), "an open pool refused a job");
      end(pool);
    }
    expect(ledger.ran() + ledger.cancelled() == 2, "a job was neither run nor cancelled");
  });
}

TEST(LM20, AMandatoryJobRunsAlthoughThePoolEnds) {
  model([] {
    Ledger ledger;
    {
      BlockingPool pool(at_most(1));
      expect(spawn(pool, ledger, /*mandatory=*/true), "an open pool refused a job");
      end(pool);
    }
    expect(ledger.ran() == 1, "a mandatory job did not run");
  });
}

TEST(LM20, AMandatoryJobThatRacesTheEndRunsIfItWasAccepted) {
  model(bounded(3, std::nullopt), [] {
    Ledger ledger;
    bool taken = false;
    {
      BlockingPool pool(at_most(1));
      loom::Thread spawner = start([&] { taken = spawn(pool, ledger, /*mandatory=*/true); });
      pool.begin_shutdown();
      spawner.join();
      end(pool);
    }
    expect(ledger.ran() == (taken ? 1 : 0), "accepted and not run, or refused and run");
    expect(ledger.cancelled() == 0, "a mandatory job was cancelled");
  });
}

// The first job's thread has become idle, or is about to, or runs out of time: whichever it is, the
// second job is not stranded.
TEST(LM22, AJobForAThreadThatBecomesIdle) {
  model(bounded(3, std::nullopt), [] {
    Ledger ledger;
    BlockingPool pool(at_most(1));
    expect(spawn(pool, ledger), "an open pool refused a job");
    ledger.wait_until_ran(1);
    expect(spawn(pool, ledger), "an open pool refused a job");
    ledger.wait_until_ran(2);
    end(pool);
  });
}

// One idle thread, two jobs: the second spawner must not count on the thread that the first one has
// claimed.
TEST(LM22, TwoJobsForOneIdleThread) {
  model(bounded(2, 3), [] {
    Ledger ledger;
    BlockingPool pool(at_most(2));
    expect(spawn(pool, ledger), "an open pool refused a job");
    ledger.wait_until_ran(1);
    expect(spawn(pool, ledger) && spawn(pool, ledger), "an open pool refused a job");
    ledger.wait_until_ran(3);
    end(pool);
  });
}

// Blocks its thread until as many of them run at the same time as are to meet.
class MeetingJob final : public BlockingJob {
 public:
  MeetingJob(Ledger& ledger, int meeting, bool is_mandatory = false)
      : ledger_(ledger), meeting_(meeting) {
    mandatory = is_mandatory;
  }
  void run() noexcept override {
    Ledger& ledger = ledger_;
    const int meeting = meeting_;
    loom::checker::free(this);
    ledger.note(true);
    ledger.wait_until_ran(meeting);
  }
  void cancel() noexcept override { expect(false, "a job is cancelled before the end"); }

 private:
  Ledger& ledger_;
  const int meeting_;
};

void spawn_meeting(BlockingPool& pool, Ledger& ledger, int meeting) {
  expect(pool.spawn(loom::checker::make<MeetingJob>(ledger, meeting)).has_value(), "refused");
}

// Two threads that are idle or about to be. They wait without limit, so that none finds a claim
// because its time is over.
class TwoThreads {
 public:
  explicit TwoThreads(Ledger& ledger) : pool(options()) {
    spawn_meeting(pool, ledger, 2);
    spawn_meeting(pool, ledger, 2);
    ledger.wait_until_ran(2);
  }

  BlockingPool pool;

 private:
  static BlockingPoolOptions options() {
    BlockingPoolOptions options = at_most(2);
    options.keep_alive = std::chrono::nanoseconds::max();
    return options;
  }
};

// One wake-up is under way at a time, and each woken thread has to pass it on before its job, which
// waits for the other's.
TEST(LM22, JobsThatWaitForEachOtherAreAllRun) {
  model(bounded(0, 1), [] {
    Ledger ledger;
    TwoThreads threads(ledger);
    spawn_meeting(threads.pool, ledger, 4);
    spawn_meeting(threads.pool, ledger, 4);
    ledger.wait_until_ran(4);
    end(threads.pool);
  });
}

// One thread may do both jobs before the other, which was woken for the second, has come.
TEST(LM22, AThreadThatWasWokenInVainIsWokenAgain) {
  model(bounded(0, 1), [] {
    Ledger ledger;
    TwoThreads threads(ledger);
    for (int job = 0; job < 2; ++job) expect(spawn(threads.pool, ledger), "refused");
    ledger.wait_until_ran(4);
    expect(spawn(threads.pool, ledger), "refused");
    ledger.wait_until_ran(5);
    end(threads.pool);
  });
}

TEST(LM22, TwoSpawnersAtTheBoundOfOneThread) {
  model(bounded(2, 3), [] {
    Ledger ledger;
    BlockingPool pool(at_most(1));
    loom::Thread other = start([&] { expect(spawn(pool, ledger), "an open pool refused a job"); });
    expect(spawn(pool, ledger), "an open pool refused a job");
    ledger.wait_until_ran(2);
    other.join();
    end(pool);
  });
}

TEST(LM22, ASpawnThatRacesTheEndIsAnswered) {
  model(bounded(3, std::nullopt), [] {
    Ledger ledger;
    bool taken = false;
    {
      BlockingPool pool(at_most(1));
      loom::Thread spawner = start([&] { taken = spawn(pool, ledger); });
      pool.begin_shutdown();
      spawner.join();
      end(pool);
    }
    expect(ledger.ran() + ledger.cancelled() == (taken ? 1 : 0),
           "a job was not ended once, or one was ended that had been refused");
  });
}

// With a thread that is idle when the end begins: it has to be woken, whether or not a job comes
// with it.
TEST(R125, TheEndWakesAnIdleThreadThatASpawnerMayHaveClaimed) {
  model(bounded(2, 3), [] {
    Ledger ledger;
    bool taken = false;
    {
      BlockingPool pool(at_most(1));
      expect(spawn(pool, ledger), "an open pool refused a job");
      ledger.wait_until_ran(1);
      loom::Thread spawner = start([&] { taken = spawn(pool, ledger, /*mandatory=*/true); });
      end(pool);
      spawner.join();
    }
    expect(ledger.ran() == (taken ? 2 : 1), "a mandatory job was accepted and not run");
  });
}

// What a worker is to the pool.
class Worker final : public BlockingJob {
 public:
  explicit Worker(Ledger& ledger) : ledger_(ledger) {
    mandatory = true;
    occupies_thread = true;
  }
  void run() noexcept override {
    Ledger& ledger = ledger_;
    loom::checker::free(this);
    ledger.note(true);
  }
  void cancel() noexcept override { expect(false, "a worker was cancelled"); }

 private:
  Ledger& ledger_;
};

// Hands a worker over and blocks its thread until that, or all of several, have run.
class HandingOver final : public BlockingJob {
 public:
  HandingOver(BlockingPool& pool, Ledger& ledger, int until)
      : pool_(pool), ledger_(ledger), until_(until) {
    mandatory = true;
  }
  void run() noexcept override {
    Ledger& ledger = ledger_;
    const int until = until_;
    expect(pool_.hand_over(loom::checker::make<Worker>(ledger)).has_value(),
           "a worker was refused that a thread of the pool hands over");
    loom::checker::free(this);
    ledger.wait_until_ran(until);
    ledger.note(true);
  }
  void cancel() noexcept override { expect(false, "a mandatory job was cancelled"); }

 private:
  BlockingPool& pool_;
  Ledger& ledger_;
  const int until_;
};

void spawn_handing_over(BlockingPool& pool, Ledger& ledger, int until) {
  auto* const job = loom::checker::make<HandingOver>(pool, ledger, until);
  expect(pool.spawn(job).has_value(), "an open pool refused a job");
}

// Before the end it waits for a thread, which is blocked until it has run; with the end it gets
// one, and after it, too.
TEST(R125, AWorkerThatIsHandedOverWhileThePoolEnds) {
  model(bounded(3, std::nullopt), [] {
    Ledger ledger;
    {
      BlockingPool pool(at_most(1));
      spawn_handing_over(pool, ledger, 1);
      end(pool);
    }
    expect(ledger.ran() == 2, "a worker did not run");
  });
}

TEST(R125, TwoWorkersAreHandedOverBehindAJobWhileThePoolEnds) {
  model(bounded(1, 2), [] {
    Ledger ledger;
    {
      BlockingPool pool(at_most(2));
      spawn_handing_over(pool, ledger, 2);
      spawn_handing_over(pool, ledger, 2);
      expect(spawn(pool, ledger), "an open pool refused a job");
      end(pool);
    }
    expect(ledger.ran() + ledger.cancelled() == 5, "a job was lost");
  });
}

// The job in front of it in the queue blocks as well until it has run, and is mandatory.
TEST(R125, AWorkerComesBeforeTheOtherJobsOfAPoolThatEnds) {
  model(bounded(2, 3), [] {
    Ledger ledger;
    {
      BlockingPool pool(at_most(1));
      spawn_handing_over(pool, ledger, 2);
      BlockingJob* const job = loom::checker::make<MeetingJob>(ledger, 2, /*is_mandatory=*/true);
      expect(pool.spawn(job).has_value(), "an open pool refused a job");
      end(pool);
    }
    expect(ledger.ran() == 3, "a job was lost");
  });
}

// Nobody waits any more for the thread that is made.
TEST(R45, AWorkerThatIsHandedOverAfterAWaitWithALimit) {
  model(bounded(2, 3), [] {
    Ledger ledger;
    {
      BlockingPool pool(at_most(1));
      spawn_handing_over(pool, ledger, 1);
      static_cast<void>(pool.wait_shutdown(std::chrono::seconds(1)));
      ledger.wait_until_ran(2);
    }
  });
}

// Threads that end because they were idle join each other in a chain; the end joins the last.
TEST(R122, IdleThreadsRunOutOfTimeWhileJobsCome) {
  model(bounded(1, 2), [] {
    Ledger ledger;
    BlockingPool pool(at_most(2));
    for (int i = 1; i <= 3; ++i) {
      expect(spawn(pool, ledger), "an open pool refused a job");
      ledger.wait_until_ran(i);
    }
    end(pool);
  });
}

// Jobs follow each other until the thread spins between them (a wait takes no time here). The first
// is not waited for: the thread is made for it.
constexpr int kJobsBeforeASpin = 1 + internal::AdaptiveSpin::kHitsNeeded;

void run_until_a_thread_spins(BlockingPool& pool, Ledger& ledger) {
  for (int i = 1; i <= kJobsBeforeASpin; ++i) {
    expect(spawn(pool, ledger), "an open pool refused a job");
    ledger.wait_until_ran(i);
  }
}

BlockingPoolOptions one_that_spins() {
  BlockingPoolOptions options = at_most(1);
  options.adaptive_spin = true;
  return options;
}

// The clock stands still, so a spin ends only if the thread is told: of a job, and of the end.
TEST(R121, AThreadThatSpinsIsTold) {
  model(bounded(1, 2), [] {
    Ledger ledger;
    BlockingPool pool(one_that_spins());
    run_until_a_thread_spins(pool, ledger);
    expect(spawn(pool, ledger), "an open pool refused a job");
    ledger.wait_until_ran(kJobsBeforeASpin + 1);
    end(pool);
  });
}

// The other end of a spin: its time is over while a job comes.
TEST(R121, AThreadWhoseSpinEndsLooksBeforeItSleeps) {
  model(bounded(1, 2), [] {
    Ledger ledger;
    BlockingPool pool(one_that_spins());
    run_until_a_thread_spins(pool, ledger);
    auto time = start([] { loom::SteadyClock::advance(internal::AdaptiveSpin::kSpin); });
    expect(spawn(pool, ledger), "an open pool refused a job");
    ledger.wait_until_ran(kJobsBeforeASpin + 1);
    time.join();
    end(pool);
  });
}

// A wait with a limit may give up; the threads that are left end by themselves.
TEST(R45, AWaitWithALimitLeavesThreadsBehind) {
  model(bounded(2, 3), [] {
    Ledger ledger;
    {
      BlockingPool pool(at_most(1));
      expect(spawn(pool, ledger, /*mandatory=*/true), "an open pool refused a job");
      static_cast<void>(pool.wait_shutdown(std::chrono::seconds(1)));
    }
    ledger.wait_until_ran(1);
  });
}

}  // namespace
}  // namespace weft::loom_test
