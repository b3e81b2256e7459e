// The arms of a select: its awaitables, branch(...) around those that may be off, otherwise().
//
// Spec: T-59, T-64.
//
// An arm is polled until it wins, or until it turns itself off because its `accept` refused what it
// yielded. An arm whose condition is false is off from the beginning: its awaitable has been made,
// as every argument of a function call is, but is never polled.

#ifndef WEFT_RUNTIME_SELECT_ARM_H_
#define WEFT_RUNTIME_SELECT_ARM_H_

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/wait_report.h>

namespace weft::internal {

enum class ArmOutcome : std::uint8_t { kPending, kWon, kOff };

// An awaitable given to select as it is: never off.
template <class A>
class PlainArm {
 public:
  using collected_type = typename Branch<A>::collected_type;
  static constexpr bool kCancelDriven = Branch<A>::kCancelDriven;

  explicit PlainArm(A&& awaitable) : branch_(std::forward<A>(awaitable)) {}

  bool is_on() const noexcept { return true; }
  std::source_location where() const noexcept { return {}; }
  ArmOutcome poll(Context& cx) noexcept {
    return branch_.poll(cx) ? ArmOutcome::kWon : ArmOutcome::kPending;
  }
  collected_type take() { return branch_.take_collected(); }
  Branch<A>& branch() noexcept { return branch_; }

 private:
  Branch<A> branch_;
};

// branch(condition, awaitable).
template <class A>
class ConditionalArm : public PlainArm<A> {
 public:
  ConditionalArm(bool condition, A&& awaitable, std::source_location where)
      : PlainArm<A>(std::forward<A>(awaitable)), where_(where), is_on_(condition) {}

  bool is_on() const noexcept { return is_on_; }
  std::source_location where() const noexcept { return where_; }

 private:
  std::source_location where_;
  bool is_on_;
};

// branch(condition, awaitable, accept). What the awaitable yields is looked at before the arm has
// won, so it is kept here until then.
template <class A, class Accept>
class AcceptingArm : public ConditionalArm<A> {
 public:
  using collected_type = typename PlainArm<A>::collected_type;

  AcceptingArm(bool condition, A&& awaitable, Accept&& accept, std::source_location where)
      : ConditionalArm<A>(condition, std::forward<A>(awaitable), where),
        accept_(std::move(accept)) {}

  // An exception, of the awaitable or of `accept`, wins: the select throws it.
  ArmOutcome poll(Context& cx) noexcept {
    if (!this->branch().poll(cx)) return ArmOutcome::kPending;
    bool is_accepted = true;
    try {
      value_.emplace(this->branch().take_collected());
      is_accepted = ask();
    } catch (...) {
      thrown_ = std::current_exception();
    }
    this->branch().destroy();
    if (is_accepted) return ArmOutcome::kWon;
    value_.reset();
    return ArmOutcome::kOff;
  }
  collected_type take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return *std::move(value_);
  }

 private:
  using Yielded = typename Branch<A>::result_type;

  bool ask() {
    if constexpr (std::is_void_v<Yielded> && std::predicate<Accept&>) {
      return std::invoke(accept_);
    } else if constexpr (std::is_lvalue_reference_v<Yielded>) {
      return std::invoke(accept_, value_->get());
    } else {
      return std::invoke(accept_, *value_);
    }
  }

  [[no_unique_address]] Accept accept_;
  std::optional<collected_type> value_;
  std::exception_ptr thrown_;
};

// otherwise(): is not polled; wins when all others are off.
class OtherwiseArm {
 public:
  using collected_type = std::monostate;
  static constexpr bool kCancelDriven = false;

  bool is_on() const noexcept { return false; }
  ArmOutcome poll(Context&) noexcept { return ArmOutcome::kOff; }
  std::monostate take() noexcept { return {}; }
  std::source_location where() const noexcept { return {}; }
  OtherwiseArm& branch() noexcept { return *this; }

  // What a Branch has.
  bool poll_cancel(Context&) noexcept { return true; }
  bool poll_abandon(Context&) noexcept { return true; }
  void destroy() noexcept {}
  void describe(WaitReport&) noexcept {}
};

// The arm made of an argument of select; `A` is the argument's type as forwarded.
template <class A>
struct ArmOf {
  using type = PlainArm<A>;
};
template <class A>
struct ArmOf<ConditionalArm<A>> {
  using type = ConditionalArm<A>;
};
template <class A, class Accept>
struct ArmOf<AcceptingArm<A, Accept>> {
  using type = AcceptingArm<A, Accept>;
};
template <>
struct ArmOf<OtherwiseArm> {
  using type = OtherwiseArm;
};

}  // namespace weft::internal

namespace weft {

// An argument for select() that takes part only if `condition` is true. The awaitable is made in
// any case; if the condition is false it is never polled, and destroyed with the losers.
template <class A>
[[nodiscard]] internal::ConditionalArm<A> branch(
    bool condition, A&& awaitable, std::source_location where = std::source_location::current()) {
  return internal::ConditionalArm<A>(condition, std::forward<A>(awaitable), where);
}

// The same, with a second say: when the awaitable has yielded, `accept` is called with a reference
// to the value (with nothing, or a std::monostate&, for void). False discards the value and turns
// the branch off, and the others go on. What `accept` throws comes out of the select.
template <class A, class Accept>
  requires(!std::same_as<std::remove_cvref_t<Accept>, std::source_location>)
[[nodiscard]] internal::AcceptingArm<A, std::decay_t<Accept>> branch(
    bool condition, A&& awaitable, Accept&& accept,
    std::source_location where = std::source_location::current()) {
  return internal::AcceptingArm<A, std::decay_t<Accept>>(
      condition, std::forward<A>(awaitable), std::decay_t<Accept>(std::forward<Accept>(accept)),
      where);
}

// The last argument of a select that may run out of branches: taken when every other one is off.
[[nodiscard]] inline internal::OtherwiseArm otherwise() noexcept { return {}; }

}  // namespace weft

#endif  // WEFT_RUNTIME_SELECT_ARM_H_
