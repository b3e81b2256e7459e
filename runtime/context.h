// Context: what a leaf is given each time it is polled.
//
// Spec.
//
// It names the waker of the computation that polls, its budget, and the way to say "poll me again,
// but let others go first". A Context lives on the stack of one poll and never longer.
//
// The scheduler's contexts know the task they poll. That makes two frequent things cheap: a waker
// cloned from such a context is counted in the context, not in the task's shared word, and added
// once when the resume ends; and a task that only wants to yield stays RUNNING and is put aside
// whole, without a wake-up (task/task_state.h). Contexts that a user builds from a Waker do both
// the ordinary way.

#ifndef WEFT_RUNTIME_CONTEXT_H_
#define WEFT_RUNTIME_CONTEXT_H_

#include <cstdint>

#include <weft/runtime/coop.h>
#include <weft/runtime/waker.h>

namespace weft {

class Context {
 public:
  // A context outside the scheduler: unlimited budget. `waker` must outlive the context.
  explicit Context(const Waker& waker) noexcept : waker_(&waker) {}
  // A context for part of a task: another waker, the budget of `parent`.
  Context(const Waker& waker, Context& parent) noexcept : waker_(&waker), budget_(parent.budget_) {}
  // A context with a budget, for what is polled outside tasks (block_on).
  Context(const Waker& waker, Budget& budget) noexcept : waker_(&waker), budget_(&budget) {}
  // The scheduler's: `waker` borrows the reference that the poll itself is.
  struct ForTask {};
  Context(ForTask, const Waker& waker, Budget& budget) noexcept
      : waker_(&waker), budget_(&budget), is_task_(true) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const Waker& waker() const noexcept { return *waker_; }

  // A waker to keep. Prefer it to copying waker(): see the head of this file.
  Waker clone_waker() noexcept {
    if (!is_task_) return *waker_;
    ++clones_;
    return Waker::adopt(waker_->target());
  }

  // False when the budget is used up; the computation is then already queued to be polled again,
  // and the leaf answers "not ready".
  [[nodiscard]] bool has_budget() noexcept {
    if (budget_ == nullptr || budget_->has_remaining()) [[likely]]
      return true;
    defer();
    return false;
  }
  // Takes a unit: call it where the leaf completes.
  void spend_budget() noexcept {
    if (budget_ != nullptr && budget_->spend()) [[unlikely]]
      note_forced_yield();
  }
  bool budget_exhausted() const noexcept { return budget_ != nullptr && !budget_->has_remaining(); }

  // Poll this computation again after the driver had its turn. Outside a scheduler it is
  // woken at once.
  void defer() noexcept {
    if (is_task_) {
      deferred_ = true;
    } else {
      defer_waker();
    }
  }

  // Exchanges the budget for the duration of a nested poll (unconstrained, timeouts).
  Budget* swap_budget(Budget* budget) noexcept {
    Budget* const old = budget_;
    budget_ = budget;
    return old;
  }
  Budget* budget() const noexcept { return budget_; }

  // For the scheduler, after the poll: how many wakers were cloned, and whether to run it again.
  std::uint32_t clones() const noexcept { return clones_; }
  bool deferred() const noexcept { return deferred_; }

 private:
  void defer_waker() noexcept;
  static void note_forced_yield() noexcept;

  const Waker* waker_;
  Budget* budget_ = nullptr;  // null: unlimited
  std::uint32_t clones_ = 0;
  bool is_task_ = false;
  bool deferred_ = false;
};

}  // namespace weft

#endif  // WEFT_RUNTIME_CONTEXT_H_
