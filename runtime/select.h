// select: waits for the first of several awaitables.
//
// Spec: T-59..T-65, R-18, R-167.
//
// A select is one leaf. A wake-up of any branch polls it, and it polls the branches that are on, in
// order from a random one, until one completes. Then the others are ended: destroyed at once, or,
// where a scope lives in one, cancelled first, for as many polls as that takes. The winner's value
// waits in the winner meanwhile, and only afterwards does co_await yield it, so that the code that
// follows may use whatever the losers had borrowed.
//
//   auto first = co_await weft::select(receiver.recv(), weft::time::sleep(1s));
//   weft::match(std::move(first),
//               [](std::optional<Message> message) { ... },
//               [](std::monostate) { ... });                       // the sleep
//
//   Task<int> work = compute();        // borrowed below: survives a lost round
//   co_await weft::select(work, weft::branch(patient, tick.tick()));

#ifndef WEFT_RUNTIME_SELECT_H_
#define WEFT_RUNTIME_SELECT_H_

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/base/check.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/random.h>
#include <weft/runtime/select_arm.h>
#include <weft/runtime/wait_report.h>

namespace weft {
namespace internal {

template <bool kBiased, class... Arms>
class SelectState {
  static constexpr std::size_t kArms = sizeof...(Arms);
  static_assert(kArms > 0, "weft::select: no branches; give it at least otherwise()");
  static_assert(kArms <= 64, "weft::select: at most 64 branches");
  static constexpr bool kHasOtherwise = (std::is_same_v<Arms, OtherwiseArm> || ...);
  static_assert(
      !kHasOtherwise ||
          (std::is_same_v<std::tuple_element_t<kArms - 1, std::tuple<Arms...>>, OtherwiseArm> &&
           (std::size_t{std::is_same_v<Arms, OtherwiseArm>} + ...) == 1),
      "weft::select: otherwise() stands once, as the last argument");

 public:
  using result_type = std::variant<typename Arms::collected_type...>;
  static constexpr const char* kWaitingOn = "select";

  template <class... Args>
  explicit SelectState(Args&&... args)
      : arms_(std::forward<Args>(args)...), on_(initially_on(kIndices)) {}

  bool poll(Context& cx) noexcept {
    if (winner_ == kNone) {
      if (!cx.has_budget() || !poll_arms(cx)) return false;
    }
    return end_losers(cx, kIndices);
  }
  bool poll_cancel(Context& cx) noexcept
    requires(Arms::kCancelDriven || ...)
  {
    return for_all_arms([&cx](auto& branch) { return branch.poll_cancel(cx); }, kIndices);
  }
  bool poll_abandon(Context& cx) noexcept
    requires(Arms::kCancelDriven || ...)
  {
    return for_all_arms([&cx](auto& branch) { return branch.poll_abandon(cx); }, kIndices);
  }
  void describe(WaitReport& report) noexcept { describe_arms(report, kIndices); }
  result_type take() { return take_from<0>(); }

 private:
  static constexpr std::uint8_t kNone = 0xff;
  static constexpr std::make_index_sequence<kArms> kIndices{};

  template <std::size_t I>
  static constexpr std::uint64_t kBit = std::uint64_t{1} << I;
  template <std::size_t I>
  auto& arm() noexcept {
    return std::get<I>(arms_);
  }

  template <std::size_t... I>
  std::uint64_t initially_on(std::index_sequence<I...>) noexcept {
    return ((arm<I>().is_on() ? kBit<I> : 0) | ...);
  }

  // True: there is a winner.
  bool poll_arms(Context& cx) noexcept {
    const std::size_t first = kBiased || kArms == 1 ? 0 : thread_random_below(kArms);
    if (poll_arms_from(first, cx, kIndices)) return true;
    if (on_ != 0) [[likely]]
      return false;
    // Only a branch(...) can be off, so without otherwise() the first arm is one.
    WEFT_CHECK(kHasOtherwise,
               "select: every branch is off; add weft::otherwise() as the last argument, or leave "
               "one branch on",
               arm<0>().where());
    winner_ = kArms - 1;
    return true;
  }
  template <std::size_t... I>
  bool poll_arms_from(std::size_t first, Context& cx, std::index_sequence<I...>) noexcept {
    return ((I >= first && poll_arm<I>(cx)) || ...) || ((I < first && poll_arm<I>(cx)) || ...);
  }
  template <std::size_t I>
  bool poll_arm(Context& cx) noexcept {
    if ((on_ & kBit<I>) == 0) return false;
    switch (arm<I>().poll(cx)) {
      case ArmOutcome::kPending:
        return false;
      case ArmOutcome::kWon:
        winner_ = I;
        return true;
      case ArmOutcome::kOff:
        on_ &= ~kBit<I>;
        arm<I>().branch().destroy();
        return false;
    }
    return false;
  }

  // Destroys all arms but the winner, the last one first; those that are off too. True: done.
  template <std::size_t... I>
  bool end_losers(Context& cx, std::index_sequence<I...>) noexcept {
    return (end_loser<kArms - 1 - I>(cx) & ...);
  }
  template <std::size_t I>
  bool end_loser(Context& cx) noexcept {
    if (I == winner_) return true;
    if (!arm<I>().branch().poll_abandon(cx)) return false;
    arm<I>().branch().destroy();
    return true;
  }

  // Calls `end` for every branch that has not completed, the last one first. True: all answered so.
  template <class End, std::size_t... I>
  bool for_all_arms(End end, std::index_sequence<I...>) noexcept {
    return ((kArms - 1 - I == winner_ || end(arm<kArms - 1 - I>().branch())) & ...);
  }

  template <std::size_t... I>
  void describe_arms(WaitReport& report, std::index_sequence<I...>) noexcept {
    (arm<I>().branch().describe(report), ...);
  }

  template <std::size_t I>
  result_type take_from() {
    if constexpr (I + 1 < kArms) {
      if (winner_ != I) return take_from<I + 1>();
    }
    WEFT_DCHECK(winner_ == I);
    return result_type(std::in_place_index<I>, arm<I>().take());
  }

  std::tuple<Arms...> arms_;
  std::uint64_t on_;  // one bit per arm that takes part
  std::uint8_t winner_ = kNone;
};

}  // namespace internal

// Yields a std::variant whose index says which argument completed first, with its value (void is
// std::monostate). If it threw, so does the select. The branches are polled from a random one on,
// so that one that is always ready cannot starve the rest.
//
// Before co_await yields, the losers have been cancelled and destroyed, in reverse order. Those
// given as lvalues are borrowed: they survive where they stand and may be awaited again.
//
// Arguments: awaitables, branch(condition, awaitable[, accept]), and as the last one otherwise().
// If every branch is off and there is no otherwise(), that is fatal. Up to 64.
//
// Takes no budget, but suspends when there is none left (T-62). Cancel safe if its branches are.
template <class... Args>
[[nodiscard]] auto select(Args&&... args) {
  using State = internal::SelectState<false, typename internal::ArmOf<Args>::type...>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::forward<Args>(args)...);
}

// The same, but the branches are polled in the order of the arguments: earlier ones have priority,
// and that the later ones get their turn is up to the caller.
template <class... Args>
[[nodiscard]] auto select_biased(Args&&... args) {
  using State = internal::SelectState<true, typename internal::ArmOf<Args>::type...>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::forward<Args>(args)...);
}

}  // namespace weft

#endif  // WEFT_RUNTIME_SELECT_H_
