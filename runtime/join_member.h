// JoinMember: one awaitable of a join, and its result once there is one.
//
// Spec: T-64, T-66, T-67.
//
// The result is taken as soon as the awaitable completes: an exception has to end the whole join at
// once, and what the awaitable held (a frame, a permit) should not have to wait for the others.

#ifndef WEFT_RUNTIME_JOIN_MEMBER_H_
#define WEFT_RUNTIME_JOIN_MEMBER_H_

#include <exception>
#include <optional>
#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/wait_report.h>

namespace weft::internal {

// `A` as for Branch. Movable until the first poll.
template <class A>
class JoinMember {
 public:
  using value_type = typename Branch<A>::collected_type;
  static constexpr bool kCancelDriven = Branch<A>::kCancelDriven;

  explicit JoinMember(A&& awaitable) : branch_(std::forward<A>(awaitable)) {}

  bool is_pending() const noexcept { return !branch_.is_gone(); }

  // True: it has completed, with a value, or with an exception that is now in `thrown`.
  bool poll(Context& cx, std::exception_ptr& thrown) noexcept {
    if (!branch_.poll(cx)) return false;
    try {
      value_.emplace(branch_.take_collected());
    } catch (...) {
      thrown = std::current_exception();
    }
    branch_.destroy();
    return true;
  }

  // What it waits for, if it has not completed.
  void describe(WaitReport& report) noexcept { branch_.describe(report); }

  // See branch.h; true also for one that has completed.
  bool poll_cancel(Context& cx) noexcept { return branch_.poll_cancel(cx); }
  bool poll_abandon(Context& cx) noexcept { return branch_.poll_abandon(cx); }

  // Ends it as a loser: awaitable or value are destroyed. False: not yet, poll again.
  bool end(Context& cx) noexcept {
    if (!branch_.poll_abandon(cx)) return false;
    branch_.destroy();
    value_.reset();
    return true;
  }

  // The value; only if it completed with one.
  value_type& value() noexcept { return *value_; }

 private:
  Branch<A> branch_;
  std::optional<value_type> value_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_JOIN_MEMBER_H_
