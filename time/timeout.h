// Timeout: an awaitable with a limit to how long it may take.
//
// Spec: TM-21..TM-23; T-70; R-167; api.md "Conventions" (rvalues are moved in, lvalues borrowed).
//
// At every resume the awaitable is polled first, so one that is ready wins however late it is. Only
// then the limit is looked at. If the awaitable has used up the task's budget in this resume, the
// limit is looked at without one: otherwise an operation that is always busy would never be timed
// out.
//
// When the limit is reached, the awaitable is cancelled and destroyed, and only then the Timeout
// completes; a borrowed one is left alone and may be awaited again.
//
//   Task<Result<std::string>> ask(std::chrono::nanoseconds taking) {
//     auto reply = co_await time::timeout(2s, request(taking));
//     if (!reply) co_return Err(reply.error());  // Errc::elapsed; the request was cancelled
//     co_return *std::move(reply);
//   }

#ifndef WEFT_TIME_TIMEOUT_H_
#define WEFT_TIME_TIMEOUT_H_

#include <chrono>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/time/elapsed.h>
#include <weft/time/instant.h>
#include <weft/time/sleep.h>

namespace weft::time {

namespace internal {

// The leaf behind a Timeout. `A` is the awaitable's type, or a reference to it if it is borrowed.
template <class A>
class TimeoutState {
  // Refers to awaitable_, so that it can be given back as long as nothing has been polled.
  using Branch = weft::internal::Branch<std::conditional_t<std::is_reference_v<A>, A, A&&>>;
  using Yielded = typename Branch::result_type;
  using Value = std::conditional_t<std::is_void_v<Yielded>, void, typename Branch::collected_type>;

 public:
  TimeoutState(A&& awaitable, Sleep limit)
      : awaitable_(std::forward<A>(awaitable)), limit_(std::move(limit)) {}

  // Only before the first poll.
  TimeoutState(TimeoutState&& other) noexcept(std::is_nothrow_move_constructible_v<A>)
      : awaitable_(std::forward<A>(other.unpolled())), limit_(std::move(other.limit_)) {}
  TimeoutState& operator=(TimeoutState&&) = delete;

  bool poll(Context& cx) noexcept {
    if (!has_expired_) {
      if (!branch_) branch_.emplace(std::forward<A>(awaitable_));
      const bool had_budget = !cx.budget_exhausted();
      if (branch_->poll(cx)) return true;
      if (!is_over(cx, had_budget && cx.budget_exhausted())) return false;
      has_expired_ = true;
    }
    if (branch_ && !branch_->poll_abandon(cx)) return false;
    branch_.reset();
    return true;
  }

  bool poll_cancel(Context& cx) noexcept
    requires(Branch::kCancelDriven)
  {
    return !branch_ || branch_->poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept
    requires(Branch::kCancelDriven)
  {
    return !branch_ || branch_->poll_abandon(cx);
  }

  Result<Value, Elapsed> take() {
    if (has_expired_) {
      limit_.take();
      return Err(Elapsed());
    }
    if constexpr (std::is_void_v<Yielded>) {
      branch_->take();
      return {};
    } else {
      return Result<Value, Elapsed>(std::in_place, branch_->take());
    }
  }

  void describe(WaitReport& report) noexcept {
    report.due(Clock::to_steady(limit_.deadline()));
    if (branch_) branch_->describe(report);
  }

  // The awaitable, while it has not been polled.
  std::remove_reference_t<A>& unpolled() noexcept {
    WEFT_CHECK(!branch_ && !has_expired_,
               "time::Timeout: moved or taken apart after it had been awaited; do that before");
    return awaitable_;
  }
  const Sleep& limit() const noexcept { return limit_; }

  static constexpr const char* kWaitingOn = "timeout";

 private:
  bool is_over(Context& cx, bool used_up_budget) noexcept {
    if (!used_up_budget) return limit_.poll(cx);
    Budget unlimited = Budget::unconstrained();
    Budget* const own = cx.swap_budget(&unlimited);
    const bool is_over = limit_.poll(cx);
    cx.swap_budget(own);
    return is_over;
  }

  A awaitable_;
  Sleep limit_;
  bool has_expired_ = false;
  std::optional<Branch> branch_;  // from the first poll until it has been ended
};

}  // namespace internal

// What timeout() and timeout_at() return. Movable until it is awaited; awaited once, but where it
// loses as a borrowed branch of a combinator it may be awaited again.
template <class A>
class [[nodiscard]] Timeout {
  using State = internal::TimeoutState<A>;

 public:
  Timeout(A&& awaitable, Sleep limit) : state_(std::forward<A>(awaitable), std::move(limit)) {}

  // Yields what the awaitable yields, or Elapsed; throws what the awaitable throws, or RuntimeGone
  // if the runtime ended first. As cancel safe as the awaitable.
  LeafAwaiter<weft::internal::InPlaceLeaf<State>> operator co_await() noexcept {
    return LeafAwaiter<weft::internal::InPlaceLeaf<State>>(state_);
  }

  Instant deadline() const noexcept { return state_.limit().deadline(); }

  // The awaitable, while it has not been awaited: to look at, or to have back.
  std::remove_reference_t<A>& inner() noexcept { return state_.unpolled(); }
  A into_inner() && { return std::forward<A>(state_.unpolled()); }

 private:
  State state_;
};

// Gives `awaitable` this long from now, or until `deadline`, counting from this call and not from
// the co_await. An awaitable that never suspends is never interrupted. A negative duration is zero,
// one beyond the clock's range 30 years. As sleep(), a check failure if the current runtime has no
// timers.
template <class A>
  requires Awaitable<A>
Timeout<A> timeout(std::chrono::nanoseconds duration, A&& awaitable,
                   std::source_location where = std::source_location::current()) {
  return Timeout<A>(std::forward<A>(awaitable), sleep(duration, where));
}
template <class A>
  requires Awaitable<A>
Timeout<A> timeout_at(Instant deadline, A&& awaitable,
                      std::source_location where = std::source_location::current()) {
  return Timeout<A>(std::forward<A>(awaitable), sleep_until(deadline, where));
}

}  // namespace weft::time

#endif  // WEFT_TIME_TIMEOUT_H_
