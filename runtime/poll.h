// Poll<T>: what one step of a hand-written awaitable yields: a value, or "not yet".
//
// Spec: api.md (Poll, kPending), R-134.
//
// A poll function that answers kPending has registered the context's waker with whatever it waits
// for; the caller suspends and polls again after the wake-up.
//
//   Poll<int> poll_value(Context& cx) { if (!ready_) return kPending; return value_; }

#ifndef WEFT_RUNTIME_POLL_H_
#define WEFT_RUNTIME_POLL_H_

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>

namespace weft {

struct Pending {};
inline constexpr Pending kPending{};

// Like std::optional<T>, with names that say what the two states mean.
template <class T = void>
class [[nodiscard]] Poll {
 public:
  using value_type = T;

  Poll(Pending) noexcept {}  // NOLINT(google-explicit-constructor): `return kPending;`
  template <class U = T>
    requires(std::constructible_from<T, U> && !std::same_as<std::remove_cvref_t<U>, Pending> &&
             !std::same_as<std::remove_cvref_t<U>, Poll>)
  Poll(U&& value) : value_(std::in_place, std::forward<U>(value)) {}  // NOLINT

  bool is_ready() const noexcept { return value_.has_value(); }
  bool is_pending() const noexcept { return !value_.has_value(); }

  // The value; only when ready.
  T& operator*() & noexcept { return *value_; }
  const T& operator*() const& noexcept { return *value_; }
  T&& operator*() && noexcept { return *std::move(value_); }
  T* operator->() noexcept { return &*value_; }
  const T* operator->() const noexcept { return &*value_; }

 private:
  std::optional<T> value_;
};

// Ready without a value.
template <>
class [[nodiscard]] Poll<void> {
 public:
  using value_type = void;

  Poll() noexcept : ready_(true) {}
  Poll(Pending) noexcept {}  // NOLINT(google-explicit-constructor)

  bool is_ready() const noexcept { return ready_; }
  bool is_pending() const noexcept { return !ready_; }
  void operator*() const noexcept { WEFT_DCHECK(ready_); }

 private:
  bool ready_ = false;
};

}  // namespace weft

#endif  // WEFT_RUNTIME_POLL_H_
