// Identity: what all clones of a selector have in common.
//
// Spec: reactor.md, W-3.
//
// Sources remember the number of the selector they are registered with, so that a double or a
// foreign registration is found on every kernel, not only where the kernel notices; and a selector
// has one waker, through however many clones of its registry it is asked for.

#ifndef WEFT_RUNTIME_REACTOR_INTERNAL_IDENTITY_H_
#define WEFT_RUNTIME_REACTOR_INTERNAL_IDENTITY_H_

#include <cstdint>

#include <weft/loom/atomic.h>
#include <weft/runtime/ref_counted.h>

namespace weft::runtime::reactor::internal {

// Thread-safe.
class Identity : public RefCounted<Identity> {
 public:
  Identity() noexcept;

  // Unlike that of any other selector of this process, and never 0.
  std::uint64_t number() const noexcept { return number_; }

  // False if there is a waker already (W-3).
  [[nodiscard]] bool claim_waker() noexcept {
    // relaxed: the flag is all that is exchanged.
    return !has_waker_.exchange(true, std::memory_order_relaxed);
  }
  void release_waker() noexcept {
    // relaxed: as above.
    has_waker_.store(false, std::memory_order_relaxed);
  }

 private:
  const std::uint64_t number_;
  // Set by who makes a waker, cleared by the waker's destructor.
  loom::Atomic<bool> has_waker_{false};
};

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_INTERNAL_IDENTITY_H_
