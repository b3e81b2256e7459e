// OnceInit: what OnceCell::get_or_init() and get_or_try_init() return.
//
// Spec: SY-112, SY-8.
//
// One leaf with three stages: wait for the permit, run the function's awaitable, done. It holds the
// permit as long as its wait object exists, so that destroying it in any stage, or failing, hands
// the permit on.

#ifndef WEFT_SYNC_INTERNAL_ONCE_INIT_H_
#define WEFT_SYNC_INTERNAL_ONCE_INIT_H_

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/batch_semaphore.h>

namespace weft::sync::internal {

// What a try-init function's awaitable yields, and what comes out of it; void: it cannot fail.
template <class R, class T>
struct OnceError {
  using type = typename R::error_type;
};
template <class T>
struct OnceError<T, T> {
  using type = void;
};

template <class Cell, class F>
class [[nodiscard]] OnceInit {
  using T = typename Cell::value_type;
  using Init = std::invoke_result_t<F&>;
  using InitBranch = weft::internal::Branch<std::remove_cvref_t<Init>>;
  using Error = typename OnceError<AwaitResult<Init>, T>::type;
  static constexpr bool kMayFail = !std::is_void_v<Error>;
  using Output =
      std::conditional_t<kMayFail, Result<const T*, std::conditional_t<kMayFail, Error, int>>,
                         const T&>;

  class Node : public Leaf {
   public:
    explicit Node(OnceInit& init) noexcept : init_(init) {}

    bool poll(Context& cx) noexcept {
      if (is_done_ || init_.cell_->initialized()) return true;
      if (!branch_ && !poll_permit(cx)) return false;
      if (branch_ && !branch_->poll(cx)) return false;
      if (branch_) finish();
      is_done_ = true;
      return true;
    }
    bool poll_cancel(Context& cx) noexcept
      requires(InitBranch::kCancelDriven)
    {
      return !branch_ || branch_->poll_cancel(cx);
    }
    bool poll_abandon(Context& cx) noexcept
      requires(InitBranch::kCancelDriven)
    {
      return !branch_ || branch_->poll_abandon(cx);
    }

    Output take() {
      if (failure_) std::rethrow_exception(failure_);
      if constexpr (kMayFail) {
        if (error_) return Err(*std::move(error_));
        return Output(init_.cell_->get());
      } else {
        return *init_.cell_->get();
      }
    }
    void describe(WaitReport& report) noexcept {
      report.object(init_.cell_);
      if (branch_) branch_->describe(report);
    }
    static constexpr const char* kWaitingOn = "OnceCell";

   private:
    // True: branch_ has been made, or there is nothing to make (any more).
    bool poll_permit(Context& cx) noexcept {
      if (!waiter_) waiter_.emplace(*init_.cell_->permit_, 1);
      switch (waiter_->poll(cx)) {
        case BatchSemaphore::Waiter::Progress::kPending:
          return false;
        case BatchSemaphore::Waiter::Progress::kClosed:
          return true;  // somebody else has set it
        case BatchSemaphore::Waiter::Progress::kAcquired:
          break;
      }
      try {
        branch_.emplace(std::invoke(init_.fn_));
      } catch (...) {
        fail(std::current_exception());
      }
      return true;
    }

    // The branch is complete: the value goes into the cell, or the permit to the next waiter.
    void finish() noexcept {
      try {
        if constexpr (kMayFail) {
          auto result = branch_->take();
          if (result) {
            init_.cell_->publish(*std::move(result));
          } else {
            error_.emplace(std::move(result).error());
          }
        } else {
          init_.cell_->publish(branch_->take());
        }
      } catch (...) {
        fail(std::current_exception());
      }
      branch_.reset();
      waiter_.reset();
    }
    void fail(std::exception_ptr failure) noexcept {
      failure_ = std::move(failure);
      waiter_.reset();
    }

    struct Nothing {};
    OnceInit& init_;
    std::optional<BatchSemaphore::Waiter> waiter_;  // holds the permit while branch_ runs
    std::optional<InitBranch> branch_;              // destroyed before waiter_ hands the permit on
    std::exception_ptr failure_;
    [[no_unique_address]] std::conditional_t<
        kMayFail, std::optional<std::conditional_t<kMayFail, Error, int>>, Nothing> error_;
    bool is_done_ = false;
  };

 public:
  OnceInit(Cell& cell, F fn) noexcept(std::is_nothrow_move_constructible_v<F>)
      : cell_(&cell), fn_(std::move(fn)) {}

  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

 private:
  Cell* cell_;
  F fn_;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_ONCE_INIT_H_
