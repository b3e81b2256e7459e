// in_context_of: an awaitable that runs as if in another runtime's context.
//
// Spec: T-55.
//
//   Task<int> sleeps() {
//     co_await time::sleep(std::chrono::milliseconds(1));
//     co_return 1;
//   }
//
//   // May be awaited in a runtime that has no timers.
//   Task<int> sleep_elsewhere(runtime::Handle with_timers) {
//     co_return co_await in_context_of(with_timers, sleeps());
//   }
//
// The awaiting task stays where it is; but whenever the awaitable is polled, the given runtime is
// the current one. So timers and sockets that it makes belong to that runtime, whose threads drive
// them, and what it spawns runs there.

#ifndef WEFT_TASK_IN_CONTEXT_OF_H_
#define WEFT_TASK_IN_CONTEXT_OF_H_

#include <source_location>
#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/cooperative.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/in_place_leaf.h>

namespace weft {
namespace internal {

template <class A>
class InContextState : public SingleBranchState<A> {
 public:
  static constexpr const char* kWaitingOn = "in_context_of";

  InContextState(runtime::Handle rt, A&& awaitable, std::source_location where)
      : SingleBranchState<A>(std::forward<A>(awaitable)), rt_(std::move(rt)), where_(where) {}

  bool poll(Context& cx) noexcept {
    const runtime::EnterGuard entered = rt_.enter(where_);
    return this->branch().poll(cx);
  }

 private:
  runtime::Handle rt_;
  std::source_location where_;
};

}  // namespace internal

// Yields what `awaitable` yields; `rt` is the current runtime each time it is polled. Cancel safe
// if the awaitable is; an lvalue is borrowed.
template <class A>
[[nodiscard]] auto in_context_of(const runtime::Handle& rt, A&& awaitable,
                                 std::source_location where = std::source_location::current()) {
  using State = internal::InContextState<A>;
  return internal::InPlaceAwaitable<State>(std::in_place, rt, std::forward<A>(awaitable), where);
}

}  // namespace weft

#endif  // WEFT_TASK_IN_CONTEXT_OF_H_
