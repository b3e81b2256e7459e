// Event and Counted: what tests of several threads wait for and count with.
//
// An Event blocks a plain thread, or a blocking job, until another thread sets it. A Counted counts
// how many of its kind exist, to show that something was destroyed, and once.

#ifndef WEFT_TESTS_SUPPORT_EVENT_H_
#define WEFT_TESTS_SUPPORT_EVENT_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <gtest/gtest.h>

namespace weft::test_support {

// Set once, stays set.
class Event {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
  }
  bool is_set() const {
    const std::lock_guard lock(mutex_);
    return is_set_;
  }
  // Blocks the thread. A test that waits in vain fails here, by name, and not by ctest's limit.
  void wait() {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(40), [&] { return is_set_; });
    EXPECT_TRUE(came) << "nobody set the event";
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

// Objects of it that are alive add one to the counter it was made with; moved-from ones do not.
class Counted {
 public:
  explicit Counted(std::atomic<int>& alive) : alive_(&alive) { alive_->fetch_add(1); }
  Counted(Counted&& other) noexcept : alive_(std::exchange(other.alive_, nullptr)) {}
  Counted& operator=(Counted&& other) noexcept {
    std::swap(alive_, other.alive_);
    return *this;
  }
  ~Counted() {
    if (alive_ != nullptr) alive_->fetch_sub(1);
  }

 private:
  std::atomic<int>* alive_;
};

// Calls fn when destroyed.
template <class F>
class OnDestroy {
 public:
  explicit OnDestroy(F fn) : fn_(std::move(fn)) {}
  OnDestroy(OnDestroy&& other) noexcept
      : fn_(std::move(other.fn_)), armed_(std::exchange(other.armed_, false)) {}
  OnDestroy& operator=(OnDestroy&&) = delete;
  ~OnDestroy() {
    if (armed_) fn_();
  }

 private:
  F fn_;
  bool armed_ = true;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_EVENT_H_
