// TimeDriver. See time_driver.h.

#include <weft/runtime/driver/time_driver.h>

#include <algorithm>
#include <mutex>

#include <weft/base/check.h>
#include <weft/loom/global.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/driver/wake_batch.h>

namespace weft::internal {

namespace {

// Written and read by every runtime's construction.
struct DriverIds {
  loom::Atomic<std::uint64_t> last{0};
};
struct DriverIdsTag;

std::uint64_t make_driver_id() noexcept {
  // relaxed: the numbers only have to differ.
  return loom::Global<DriverIds, DriverIdsTag>::get().last.fetch_add(1, std::memory_order_relaxed) +
         1;
}

}  // namespace

TimeDriver::TimeDriver(Unparkable& sleeper, Clock& clock, unsigned shards)
    : sleeper_(sleeper), clock_(clock), id_(make_driver_id()), scale_(clock.now()) {
  shards_.reserve(shards);
  for (unsigned i = 0; i < shards; ++i) {
    TimerShard* const shard = TimerShard::take_from_pool();
    shards_.push_back(shard);
    const std::lock_guard lock(shard->mutex);
    shard->wheel.restart();
    // relaxed: see its declaration.
    shard->next_hint.store(kNever, std::memory_order_relaxed);
    shard->start.store(scale_.start(), std::memory_order_release);  // [SH1]
    shard->driver = this;
    shard->owner = id_;
  }
}

TimeDriver::~TimeDriver() {
  shutdown();
  for (TimerShard* const shard : shards_) TimerShard::return_to_pool(*shard);
}

TimerShard& TimeDriver::current() noexcept {
  return shards_.size() == 1 ? *shards_.front() : shard(current_shard());
}

Tick TimeDriver::begin_sleep() noexcept {
  promised_wake_.store(kNever, std::memory_order_relaxed);  // relaxed: D1 of time_driver.h
  Tick first = kNever;
  for (TimerShard* const shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    const Tick next = shard->next_tick();
    // relaxed: see its declaration.
    shard->next_hint.store(next, std::memory_order_relaxed);
    first = std::min(first, next);
  }
  return first;
}

void TimeDriver::promise_wake(Tick tick) noexcept {
  promised_wake_.store(tick, std::memory_order_relaxed);  // relaxed: D3 of time_driver.h
}

void TimeDriver::end_sleep() noexcept {
  // relaxed: who reads an older value unparks a driver that is awake, which does no harm.
  promised_wake_.store(0, std::memory_order_relaxed);
}

bool TimeDriver::insert(TimerShard& shard, TimerNode& node, Tick tick) noexcept {
  // relaxed, all: see their declarations.
  shard.wheel.skip_to(processed_.load(std::memory_order_relaxed));
  if (!shard.wheel.insert(node, tick)) return false;
  if (tick < shard.next_hint.load(std::memory_order_relaxed)) {
    shard.next_hint.store(tick, std::memory_order_relaxed);
  }
  return true;
}

RefPtr<Unparkable> TimeDriver::sleeper_later_than(Tick tick) noexcept {
  // relaxed: I2 of time_driver.h.
  if (promised_wake_.load(std::memory_order_relaxed) <= tick) return nullptr;
  // The shard's lock keeps the sleeper's destructor waiting, which ends its timers; it may be on
  // its way there.
  return RefPtr<Unparkable>::try_from(sleeper_);
}

void TimeDriver::process(SteadyTime now) noexcept {
  // relaxed, all: see their declarations.
  const Tick tick = std::max(scale_.floor(now), processed_.load(std::memory_order_relaxed));
  processed_.store(tick, std::memory_order_relaxed);
  std::size_t fired = 0;
  for (TimerShard* const shard : shards_) {
    if (shard->next_hint.load(std::memory_order_relaxed) <= tick) fired += fire_due(*shard, tick);
  }
  if (fired != 0) note_timers_fired(fired);
}

std::size_t TimeDriver::fire_due(TimerShard& shard, Tick now) noexcept {
  std::size_t fired = 0;
  for (bool all = false; !all;) {
    WakeBatch batch;
    {
      // In pieces: whoever makes or cancels a timer meanwhile waits for one of them at most.
      const std::lock_guard lock(shard.mutex);
      all = shard.wheel.advance(now, WakeBatch::kCapacity, [](TimerNode& node, Tick limit) {
        // SAFETY(cast): only TimerEntries are inserted (TimerEntry::insert_locked).
        return static_cast<TimerEntry&>(node).confirm_due(limit);
      });
      while (!batch.is_full()) {
        TimerNode* const node = shard.wheel.pop_due();
        if (node == nullptr) break;
        ++fired;
        // SAFETY(cast): as above.
        batch.push(static_cast<TimerEntry*>(node)->fire_elapsed());
      }
      all = all && !batch.is_full();
      // relaxed: see its declaration.
      shard.next_hint.store(shard.next_tick(), std::memory_order_relaxed);
    }
    batch.wake_all();
  }
  return fired;
}

void TimeDriver::shutdown() noexcept {
  if (is_shut_down_) return;
  is_shut_down_ = true;
  for (TimerShard* const shard : shards_) end_all(*shard);
}

void TimeDriver::end_all(TimerShard& shard) noexcept {
  WakeBatch batch;
  {
    std::unique_lock lock(shard.mutex);
    // First: nothing is inserted from here on.
    shard.owner = 0;
    shard.driver = nullptr;
    shard.wheel.expire_all();
    while (TimerNode* const node = shard.wheel.pop_due()) {
      // SAFETY(cast): only TimerEntries are inserted (TimerEntry::insert_locked).
      batch.push(static_cast<TimerEntry*>(node)->fire_gone());
      if (!batch.is_full()) continue;
      lock.unlock();
      batch.wake_all();
      lock.lock();
    }
    // relaxed: see its declaration.
    shard.next_hint.store(kNever, std::memory_order_relaxed);
  }
  batch.wake_all();
}

}  // namespace weft::internal
