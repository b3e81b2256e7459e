// TimerShard. See timer_shard.h.

#include <weft/runtime/driver/timer_shard.h>

#include <mutex>

#include <weft/base/check.h>

namespace weft::internal {

namespace {

struct Pool {
  loom::Mutex mutex;
  TimerShard* first = nullptr;  // guarded by mutex
};

Pool& pool() noexcept {
  // Never destroyed: timers in static variables may outlive everything.
  static Pool* const instance = new Pool();
  return *instance;
}

}  // namespace

TimerShard* TimerShard::take_from_pool() {
  {
    const std::lock_guard lock(pool().mutex);
    if (TimerShard* const shard = pool().first; shard != nullptr) {
      pool().first = shard->next_in_pool;
      shard->next_in_pool = nullptr;
      return shard;
    }
  }
  return new TimerShard();
}

void TimerShard::return_to_pool(TimerShard& shard) noexcept {
  const std::lock_guard lock(pool().mutex);
  shard.next_in_pool = pool().first;
  pool().first = &shard;
}

}  // namespace weft::internal
