// IoWaitNode: waiting for readiness. Interface: io_wait.h.

#include <weft/runtime/driver/io_wait.h>

namespace weft::internal {

bool IoWaitNode::poll(Context& cx) noexcept {
  if (!cx.has_budget()) {
    waiter_.hold(record_);
    return false;
  }
  for (;;) {
    const IoSeen seen = record_.look();
    const std::optional<Error> error = reason_to_stop(seen);
    if (error) {
      seen_ = Err(*error);
    } else if (seen.ready().intersects(wanted_)) {
      seen_ = seen;
    } else if (record_.wait(waiter_, wanted_, cx)) {
      return false;
    } else {
      continue;
    }
    cx.spend_budget();
    return true;
  }
}

}  // namespace weft::internal
