// TimerShard. See timer_shard.h.

#include <weft/runtime/driver/timer_shard.h>

#include <mutex>
#include <utility>

#include <weft/loom/global.h>

namespace weft::internal {

namespace {

// Never destroyed, but for the ends of models: timers in static variables may outlive everything.
struct Pool {
  Pool() noexcept = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    while (first != nullptr) delete std::exchange(first, first->next_in_pool);
  }

  loom::Mutex mutex;
  TimerShard* first = nullptr;  // guarded by mutex
};
struct PoolTag;

Pool& pool() noexcept { return loom::Global<Pool, PoolTag>::get(); }

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
