// Interface: semaphore.h.

#include <weft/sync/semaphore.h>

#include <utility>

#include <weft/runtime/may_block.h>
#include <weft/sync/internal/thread_wait.h>

namespace weft::sync {

namespace {

TryAcquireError error_of(internal::TryAcquire outcome) noexcept {
  return outcome == internal::TryAcquire::kClosed ? TryAcquireError::closed()
                                                  : TryAcquireError::no_permits();
}

}  // namespace

Result<SemaphorePermit, TryAcquireError> Semaphore::try_acquire() noexcept {
  return try_acquire_many(1);
}

Result<SemaphorePermit, TryAcquireError> Semaphore::try_acquire_many(std::uint32_t count) noexcept {
  const internal::TryAcquire outcome = core_.try_acquire(count);
  if (outcome != internal::TryAcquire::kAcquired) return Err(error_of(outcome));
  return SemaphorePermit(this, count);
}

Result<OwnedSemaphorePermit, TryAcquireError> Semaphore::try_acquire_owned(
    std::shared_ptr<Semaphore> semaphore) noexcept {
  return try_acquire_many_owned(std::move(semaphore), 1);
}

Result<OwnedSemaphorePermit, TryAcquireError> Semaphore::try_acquire_many_owned(
    std::shared_ptr<Semaphore> semaphore, std::uint32_t count) noexcept {
  const internal::TryAcquire outcome = semaphore->core_.try_acquire(count);
  if (outcome != internal::TryAcquire::kAcquired) return Err(error_of(outcome));
  return OwnedSemaphorePermit(std::move(semaphore), count);
}

Result<SemaphorePermit, AcquireError> Semaphore::blocking_acquire(Location where) {
  return blocking_acquire_many(1, where);
}

Result<SemaphorePermit, AcquireError> Semaphore::blocking_acquire_many(std::uint32_t count,
                                                                       Location where) {
  weft::internal::check_may_block("Semaphore::blocking_acquire", where);
  return internal::wait_on_thread(acquire_many(count));
}

Result<OwnedSemaphorePermit, AcquireError> Semaphore::blocking_acquire_owned(
    std::shared_ptr<Semaphore> semaphore, Location where) {
  return blocking_acquire_many_owned(std::move(semaphore), 1, where);
}

Result<OwnedSemaphorePermit, AcquireError> Semaphore::blocking_acquire_many_owned(
    std::shared_ptr<Semaphore> semaphore, std::uint32_t count, Location where) {
  weft::internal::check_may_block("Semaphore::blocking_acquire_owned", where);
  return internal::wait_on_thread(acquire_many_owned(std::move(semaphore), count));
}

}  // namespace weft::sync
