// WakeHook: something to be woken that runs a function instead.
//
// For tests of what happens while a primitive wakes: the function may use the primitive, which
// would not come back if it were called under a lock.
//
//   WakeHook hook([&] { notify.notify_one(); });
//   const Waker waker = hook.waker();
//   Context cx(waker);

#ifndef WEFT_TESTS_SUPPORT_WAKE_HOOK_H_
#define WEFT_TESTS_SUPPORT_WAKE_HOOK_H_

#include <functional>
#include <utility>

#include <weft/runtime/waker.h>

namespace weft::test_support {

// Not counted: it has to outlive its wakers.
class WakeHook final : public Wakeable {
 public:
  explicit WakeHook(std::function<void()> on_wake)
      : Wakeable(1, &kOps), on_wake_(std::move(on_wake)) {}

  Waker waker() noexcept { return Waker::adopt(this); }

 private:
  static void wake(Wakeable* target) noexcept { static_cast<WakeHook*>(target)->on_wake_(); }
  static void nothing(Wakeable*) noexcept {}
  static constexpr WakeOps kOps = {&wake, &wake, &nothing, &nothing};

  std::function<void()> on_wake_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_WAKE_HOOK_H_
