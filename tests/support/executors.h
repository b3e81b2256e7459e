// Executors for tests of weft::on(): one whose calls the test makes, and one with threads.
//
//   ManualExecutor manual;
//   auto handle = rt.spawn(...);        // awaits on(manual, ...)
//   manual.wait_for_calls(1);
//   manual.run_one();                   // on the test's thread

#ifndef WEFT_TESTS_SUPPORT_EXECUTORS_H_
#define WEFT_TESTS_SUPPORT_EXECUTORS_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <weft/runtime/executors/executor.h>

namespace weft::test_support {

// Runs a call at once, inside execute().
struct InlineExecutor {
  template <std::invocable F>
  void execute(F&& call) {
    std::forward<F>(call)();
  }
};

// Keeps calls until the test makes or drops them. Any thread.
class ManualExecutor {
 public:
  void execute(runtime::ExecutorCall call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    ++submitted_;
    changed_.notify_all();
  }

  // Blocks until so many have been submitted since the beginning.
  void wait_for_calls(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::seconds(40), [&] { return submitted_ >= count; }))
        << "nobody submitted call " << count;
  }
  std::size_t submitted() const {
    const std::lock_guard lock(mutex_);
    return submitted_;
  }
  // Takes the oldest out and makes it on this thread.
  void run_one() { take()(); }
  // Destroys the oldest uncalled.
  void drop_one() { static_cast<void>(take()); }

 private:
  runtime::ExecutorCall take() {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(calls_.empty());
    runtime::ExecutorCall call = std::move(calls_.front());
    calls_.pop_front();
    return call;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<runtime::ExecutorCall> calls_;  // guarded by mutex_
  std::size_t submitted_ = 0;                // guarded by mutex_
};

// A thread pool as programs have them: takes std::functions. Its destructor runs what is queued.
class FunctionPool {
 public:
  explicit FunctionPool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~FunctionPool() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void submit(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
      ++submitted_;
    }
    changed_.notify_one();
  }
  std::size_t submitted() const {
    const std::lock_guard lock(mutex_);
    return submitted_;
  }
  bool owns(std::thread::id id) const {
    for (const std::thread& thread : threads_) {
      if (thread.get_id() == id) return true;
    }
    return false;
  }

 private:
  void work() {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return is_closed_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  std::size_t submitted_ = 0;               // guarded by mutex_
  bool is_closed_ = false;                  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_EXECUTORS_H_
