// What the tests of BlockingPool share: jobs made of functions, and a pool and busy threads that
// clean up after themselves.

#ifndef WEFT_TESTS_UNIT_RUNTIME_BLOCKING_POOL_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_BLOCKING_POOL_SUPPORT_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <weft/runtime/blocking/blocking_pool.h>

namespace weft::internal::blocking_pool_test {

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

inline void unexpected_cancel() { ADD_FAILURE() << "a job was cancelled"; }

// Spawns a job that must be accepted.
inline void spawn(BlockingPool& pool, std::function<void()> run,
                  std::function<void()> cancel = unexpected_cancel, bool mandatory = false) {
  auto* const job = new Job(std::move(run), std::move(cancel));
  job->mandatory = mandatory;
  const Result<void, BlockingPool::SpawnError> spawned = pool.spawn(job);
  EXPECT_TRUE(spawned);
  if (!spawned) job->cancel();
}

inline BlockingPoolOptions with_max(std::size_t threads) {
  BlockingPoolOptions options;
  options.max_threads = threads;
  options.keep_alive = std::chrono::hours(1);
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
      test_support::Event started;
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
  std::shared_ptr<test_support::Event> let_go_ = std::make_shared<test_support::Event>();
};

}  // namespace weft::internal::blocking_pool_test

#endif  // WEFT_TESTS_UNIT_RUNTIME_BLOCKING_POOL_SUPPORT_H_
