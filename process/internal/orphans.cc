// Orphans. See orphans.h.

#include <weft/process/internal/orphans.h>

#include <mutex>

#include <weft/process/internal/child_process.h>

namespace weft::process::internal {

Orphans& Orphans::get() {
  static Orphans* const instance = new Orphans();
  return *instance;
}

void Orphans::add() noexcept {
  const std::lock_guard lock(mutex_);
  ++count_;
}

void Orphans::remove() noexcept {
  const std::lock_guard lock(mutex_);
  if (--count_ == 0) none_left_.notify_all();
}

std::size_t Orphans::count() noexcept {
  const std::lock_guard lock(mutex_);
  return count_;
}

void Orphans::wait_until_none() noexcept {
  std::unique_lock lock(mutex_);
  none_left_.wait(lock, [this] { return count_ == 0; });
}

void Orphans::keep(ChildProcess& orphan) noexcept {
  const std::lock_guard lock(mutex_);
  homeless_.push_back(orphan);
}

void Orphans::move_to_current_runtime() noexcept {
  IntrusiveList<ChildProcess> moving;
  {
    const std::lock_guard lock(mutex_);
    moving = homeless_.take_all();
  }
  // Not under the lock: one that stays homeless comes back.
  while (ChildProcess* const orphan = moving.pop_front()) orphan->turn();
}

}  // namespace weft::process::internal
