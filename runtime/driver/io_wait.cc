// IoWaitNode: waiting for readiness. Interface: io_wait.h.

#include <weft/runtime/driver/io_wait.h>

namespace weft::internal {

void describe_io(WaitReport& report, const IoRecord& record, runtime::Ready wanted) noexcept {
  report.note("is the descriptor", static_cast<std::uint64_t>(record.number()));
  report.note(wanted.is_writable() ? (wanted.is_readable() ? "to read or write" : "to write")
                                   : "to read");
}

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
