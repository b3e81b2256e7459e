// The cooperative budget: how much a task may do before it has to let others run.
//
// Spec, SY-8.
//
// Every resume of a task starts with 128 units. A leaf that completes takes one; with none left it
// answers "not ready" although it could complete, and the task goes to the back of the line. So a
// task that finds everything it awaits ready still cannot keep its worker for itself. Leaves that
// do not complete take nothing.
//
//   bool poll(Context& cx) {
//     if (!cx.has_budget()) return false;      // already deferred: will be polled again
//     if (!try_complete()) return false;
//     cx.spend_budget();
//     return true;
//   }

#ifndef WEFT_RUNTIME_COOP_H_
#define WEFT_RUNTIME_COOP_H_

#include <cstdint>

namespace weft {

// One resume's allowance. Used by one thread.
class Budget {
 public:
  static constexpr std::uint16_t kUnits = 128;

  static constexpr Budget initial() noexcept { return Budget(kUnits); }
  static constexpr Budget unconstrained() noexcept { return Budget(kUnconstrained); }

  constexpr bool is_unconstrained() const noexcept { return left_ == kUnconstrained; }
  constexpr bool has_remaining() const noexcept { return left_ != 0; }

  // Takes one unit. True when that was the last one: the caller counts a forced yield.
  constexpr bool spend() noexcept {
    if (left_ == 0 || left_ == kUnconstrained) return false;
    return --left_ == 0;
  }

 private:
  static constexpr std::uint16_t kUnconstrained = 0xffff;
  explicit constexpr Budget(std::uint16_t left) noexcept : left_(left) {}
  std::uint16_t left_;
};

// True while the code that runs now may complete another budgeted operation; always true outside a
// task. Does not take a unit.
bool has_budget_remaining() noexcept;

}  // namespace weft

#endif  // WEFT_RUNTIME_COOP_H_
