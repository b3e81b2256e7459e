#include <weft/runtime/coroutine/strand.h>

#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

bool Strand::end_at_once() noexcept {
  // Whoever asks does not wait: there is nobody to wake.
  Context cx(Waker::noop());
  return ops_->poll_cancel(leaf_, cx);
}

}  // namespace weft::internal
