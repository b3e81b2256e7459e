// Interface: poll_semaphore.h.

#include <weft/task/poll_semaphore.h>

#include <utility>

namespace weft {

void PollSemaphore::begin_wait(std::uint32_t count) {
  auto acquire = sync::Semaphore::acquire_many_owned(semaphore_, count);
  if (wait_) {
    wait_->set(std::move(acquire));
  } else {
    wait_.emplace(std::move(acquire));
  }
  waits_for_ = count;
  is_waiting_ = true;
}

Poll<std::optional<sync::OwnedSemaphorePermit>> PollSemaphore::poll_acquire_many(
    Context& cx, std::uint32_t count) {
  if (!is_waiting_ || waits_for_ != count) begin_wait(count);
  Poll<Acquired> polled = wait_->poll(cx);
  if (polled.is_pending()) return kPending;
  is_waiting_ = false;
  Acquired acquired = *std::move(polled);
  if (!acquired) return std::optional<Permit>();
  return std::optional<Permit>(*std::move(acquired));
}

}  // namespace weft
