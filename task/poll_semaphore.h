// PollSemaphore: acquiring permits from within a hand-written leaf.
//
// Spec: T-52.
//
//   // A leaf's own poll(cx) would call poll_acquire(cx) in the same way.
//   Task<bool> try_it(PollSemaphore semaphore) {
//     auto acquire = [&semaphore](Context& cx) { return semaphore.poll_acquire(cx); };
//     const auto permit = co_await poll_fn(acquire);
//     co_return permit.has_value();  // false: the semaphore is closed
//   }
//
// It keeps the wait that poll_acquire() began, and with it the place in the queue, from one poll to
// the next.

#ifndef WEFT_TASK_POLL_SEMAPHORE_H_
#define WEFT_TASK_POLL_SEMAPHORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/sync/semaphore.h>
#include <weft/task/reusable_box_future.h>

namespace weft {

// Movable, by one thread at a time. The semaphore is shared with whoever has it.
class PollSemaphore {
  using Permit = sync::OwnedSemaphorePermit;

 public:
  explicit PollSemaphore(std::shared_ptr<sync::Semaphore> semaphore) noexcept
      : semaphore_(std::move(semaphore)) {}
  PollSemaphore(PollSemaphore&&) noexcept = default;
  PollSemaphore& operator=(PollSemaphore&&) noexcept = default;
  // Another one for the same semaphore, which waits for nothing.
  PollSemaphore(const PollSemaphore& other) noexcept : PollSemaphore(other.semaphore_) {}
  PollSemaphore& operator=(const PollSemaphore& other) noexcept {
    return *this = PollSemaphore(other);
  }
  // Gives the place in the queue up.
  ~PollSemaphore() = default;

  // Ready: the permits, or none if the semaphore has been closed. Pending: `cx` is woken when that
  // changes, and only the latest of the contexts that were pending. Asking for another number than
  // the last pending time begins a new wait, at the end of the queue. Takes budget. Throws
  // std::bad_alloc.
  Poll<std::optional<Permit>> poll_acquire(Context& cx) { return poll_acquire_many(cx, 1); }
  Poll<std::optional<Permit>> poll_acquire_many(Context& cx, std::uint32_t count);

  std::size_t available_permits() const noexcept { return semaphore_->available_permits(); }
  void add_permits(std::size_t count,
                   std::source_location where = std::source_location::current()) noexcept {
    semaphore_->add_permits(count, where);
  }
  void close() noexcept { semaphore_->close(); }
  bool is_closed() const noexcept { return semaphore_->is_closed(); }

  // The semaphore, for everything else.
  const std::shared_ptr<sync::Semaphore>& semaphore() const noexcept { return semaphore_; }

 private:
  using Acquired = Result<Permit, sync::AcquireError>;

  void begin_wait(std::uint32_t count);

  std::shared_ptr<sync::Semaphore> semaphore_;
  std::optional<ReusableBoxFuture<Acquired>> wait_;  // kept for its block when it is empty
  std::uint32_t waits_for_ = 0;
  bool is_waiting_ = false;  // wait_ is a wait for waits_for_ permits
};

}  // namespace weft

#endif  // WEFT_TASK_POLL_SEMAPHORE_H_
