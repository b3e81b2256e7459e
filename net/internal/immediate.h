// Immediate: something done at once, where an awaitable is expected.
//
// Spec: net.md C-11, section 8 (shutdown completes at once).
//
// It is done when it is awaited, not when it is called for; so a branch of a select that is never
// polled has done nothing.

#ifndef WEFT_NET_INTERNAL_IMMEDIATE_H_
#define WEFT_NET_INTERNAL_IMMEDIATE_H_

#include <functional>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>

namespace weft::net::internal {

template <class F>
class ImmediateNode : public Leaf {
 public:
  explicit ImmediateNode(F fn) noexcept : fn_(std::move(fn)) {}
  bool poll(Context&) noexcept { return true; }
  Result<void> take() noexcept { return std::invoke(fn_); }
  static constexpr const char* kWaitingOn = "nothing";

 private:
  F fn_;
};

// Movable until awaited. `fn` returns a Result<void> and does not throw.
template <class F>
class [[nodiscard]] Immediate {
 public:
  explicit Immediate(F fn) noexcept : fn_(std::move(fn)) {}
  LeafAwaiter<ImmediateNode<F>> operator co_await() const noexcept {
    return LeafAwaiter<ImmediateNode<F>>(fn_);
  }

 private:
  F fn_;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_IMMEDIATE_H_
