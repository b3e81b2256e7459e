// ModelHome: runs tasks on one model thread, in the order in which they were woken.
//
// A home of tasks as a runtime's scheduler is, reduced to what a set of tasks can see of one: tasks
// are queued from any thread and polled by one. Tasks and their state words are the real ones.

#ifndef WEFT_TESTS_LOOM_TASK_UTILITIES_MODEL_HOME_H_
#define WEFT_TESTS_LOOM_TASK_UTILITIES_MODEL_HOME_H_

#include <deque>
#include <mutex>
#include <source_location>
#include <utility>

#include <tests/loom/support/model.h>
#include <weft/loom/checker/mutex.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/spawn_task.h>
#include <weft/runtime/task/task_home.h>

namespace weft::loom_test {

class ModelHome final : public internal::TaskHome {
 public:
  ModelHome() noexcept : TaskHome(kNoWalk) {}

  template <class T>
  JoinHandle<T> spawn(Task<T> task) {
    return internal::spawn_task(*this, std::move(task), std::source_location::current());
  }

  // Polls what is queued, now and later, until `count` tasks have ended.
  void run_until_ended(int count) {
    std::unique_lock lock(mu_);
    for (;;) {
      changed_.wait(lock, [&] { return ended_ >= count || !queue_.empty(); });
      if (queue_.empty()) return;
      internal::FrameHeader* const task = queue_.front();
      queue_.pop_front();
      lock.unlock();
      Budget budget = Budget::unconstrained();
      const auto outcome = internal::poll_task(task, budget, internal::thread_context());
      if (outcome == internal::PollOutcome::kNotified) schedule(task);
      expect(outcome != internal::PollOutcome::kDeferred, "no task of these models yields");
      lock.lock();
    }
  }

  void schedule(internal::FrameHeader* task) noexcept override {
    const std::lock_guard lock(mu_);
    queue_.push_back(task);
    changed_.notify_one();
  }
  void schedule_new(internal::FrameHeader* task, internal::ThreadContext&) noexcept override {
    schedule(task);
  }
  void task_has_ended(internal::ThreadContext&) noexcept override {
    const std::lock_guard lock(mu_);
    ++ended_;
  }

 private:
  loom::checker::Mutex mu_;
  loom::checker::Condvar changed_;
  std::deque<internal::FrameHeader*> queue_;  // guarded by mu_
  int ended_ = 0;                             // guarded by mu_
};

}  // namespace weft::loom_test

#endif  // WEFT_TESTS_LOOM_TASK_UTILITIES_MODEL_HOME_H_
