// yield_now: lets other tasks and the driver run before this task goes on.
//
// Spec: T-20, R-91.

#ifndef WEFT_RUNTIME_YIELD_NOW_H_
#define WEFT_RUNTIME_YIELD_NOW_H_

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>

namespace weft {
namespace internal {

class YieldNode : public Leaf {
 public:
  bool poll(Context& cx) noexcept {
    if (has_yielded_) return true;
    has_yielded_ = true;
    cx.defer();
    return false;
  }
  void take() noexcept {}
  static constexpr const char* kWaitingOn = "yield_now";

 private:
  bool has_yielded_ = false;
};

class [[nodiscard]] YieldNow {
 public:
  LeafAwaiter<YieldNode> operator co_await() const noexcept { return LeafAwaiter<YieldNode>(); }
};

}  // namespace internal

// Suspends the task once and puts it behind everything that is ready; the driver gets a turn too.
// Which tasks run in between is not promised. Inside select and join the other branches go on: only
// the whole task can yield. Outside a runtime the computation is woken again at once. Takes no
// budget. Cancel safe.
inline internal::YieldNow yield_now() noexcept { return {}; }

}  // namespace weft

#endif  // WEFT_RUNTIME_YIELD_NOW_H_
