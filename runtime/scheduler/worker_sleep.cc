// How a worker looks for work, and how it sleeps when there is none.
//
// Spec: ..R-79, R-85..R-90. The idea is at the head of worker.h.

#include <algorithm>

#include <weft/loom/model_size.h>
#include <weft/loom/steady_clock.h>
#include <weft/loom/thread.h>
#include <weft/runtime/observe/observer.h>
#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/scheduler/worker.h>

namespace weft::internal {
namespace {

// A queue this long is worth a steal before the last round: halves of short ones wander about.
constexpr std::uint32_t kLongQueue = loom::model_size(32, 2);
constexpr std::uint32_t kMostForks = loom::model_size(31, 1);
constexpr int kSearchRounds = loom::model_size(12, 1);
constexpr int kFirstPause = loom::model_size(64, 1);
constexpr int kLongestPause = loom::model_size(2048, 1);
constexpr std::uint32_t kVainTurns = loom::model_size(4, 1);

}  // namespace

// --- Searching

FrameHeader* Worker::search() noexcept {
  if (!is_searching_ && !scheduler_.idle().try_start_search()) return nullptr;
  is_searching_ = true;
  int pause = kFirstPause;
  for (int round = 0; round < kSearchRounds; ++round) {
    if (FrameHeader* const task = steal_once(kLongQueue); task != nullptr) return task;
    if (FrameHeader* const task = take_injected_batch(); task != nullptr) return task;
    // Short queues are given time to grow or to be worked off, but not if the driver waits for us.
    if (!is_worth_waiting()) break;
    for (int i = 0; i < pause; ++i) loom::spin_hint();
    pause = std::min(2 * pause, kLongestPause);
  }
  return steal_once(1);
}

FrameHeader* Worker::steal_once(std::uint32_t at_least) noexcept {
  const auto workers = scheduler_.workers();
  const auto count = static_cast<std::uint32_t>(workers.size());
  const std::uint32_t start = random_.below(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    Worker& victim = *workers[(start + i) % count];
    if (&victim == this) continue;
    if (FrameHeader* const fork = steal_forks(victim); fork != nullptr) return fork;
    if (victim.queue_.size() < at_least) continue;
    const std::uint32_t before = queue_.size();
    FrameHeader* const task = victim.queue_.steal_into(queue_);
    if (task == nullptr) continue;
    add(metrics_.steals, queue_.size() - before + 1);
    add(metrics_.steal_operations);
    note_steal(queue_.size() - before + 1);
    return task;
  }
  return nullptr;
}

void Worker::note_steal(std::size_t tasks) const noexcept {
  const TaskHooks* const hooks = scheduler_.hooks();
  if (hooks != nullptr && hooks->observer != nullptr) [[unlikely]] {
    hooks->observer->note_steal(index_, tasks);
  }
}

// One to run and, if there are many, some for our queue: a thief that came back for each would
// write to the victim's line all the time.
FrameHeader* Worker::steal_forks(Worker& victim) noexcept {
  const std::uint32_t wanted =
      std::min({victim.forks_.size() / 2, kMostForks, queue_.free_slots()});
  FrameHeader* const first = victim.forks_.steal();
  if (first == nullptr) return nullptr;
  TaskChain rest;
  while (rest.count < wanted) {
    FrameHeader* const fork = victim.forks_.steal();
    if (fork == nullptr) break;
    rest.push_back(begin_fork(fork));
  }
  add(metrics_.steals, 1 + rest.count);
  add(metrics_.steal_operations);
  note_steal(1 + rest.count);
  if (!rest.empty()) queue_.push_batch(rest);
  return begin_fork(first);
}

bool Worker::is_worth_waiting() const noexcept {
  if (!scheduler_.driver_lock().is_held() || scheduler_.is_stopping()) return false;
  const auto workers = scheduler_.workers();
  return std::any_of(workers.begin(), workers.end(), [this](const auto& other) {
    return other.get() != this && other->has_stealable();
  });
}

void Worker::stop_searching() noexcept {
  is_searching_ = false;
  // The chain: whoever finds work last wakes the next searcher, if there is more.
  if (scheduler_.idle().stop_search() && scheduler_.has_shared_work()) scheduler_.notify_one();
}

// --- Sleeping

void Worker::sleep() noexcept {
  Idle& idle = scheduler_.idle();
  idle.go_to_sleep(index_, std::exchange(is_searching_, false));
  // [Q1] After that announcement: whoever published work before it may have seen nobody to wake.
  if (scheduler_.has_shared_work() || must_leave()) {
    static_cast<void>(idle.wake_up(index_, true));
    is_searching_ = true;
    return;
  }
  end_busy();
  parks_.park(metrics_);
  // What the hooks and the driver wake belongs to no poll of before.
  lifo_run_ = -1;
  const RuntimeConfig& config = scheduler_.config();
  if (config.on_thread_park) config.on_thread_park();
  if (has_local_work() || !deferred_.empty()) {
    // The hook has made work; the driver still gets its turn.
    poll_driver_now();
    is_searching_ = !idle.wake_up(index_, false);
  } else {
    sleep_until_needed();
  }
  if (config.on_thread_unpark) config.on_thread_unpark();
  parks_.unpark(metrics_);
  begin_busy();
}

void Worker::sleep_until_needed() noexcept {
  Idle& idle = scheduler_.idle();
  for (;;) {
    wait();
    if (has_local_work()) {
      // Found by the driver's turn. If somebody has claimed us meanwhile we are a searcher.
      is_searching_ = !idle.wake_up(index_, false);
      return;
    }
    if (must_leave() || should_take_over()) {
      static_cast<void>(idle.wake_up(index_, true));
      is_searching_ = true;
      return;
    }
    if (!idle.is_sleeping(index_)) {
      is_searching_ = true;
      return;
    }
    // A false wake, or a turn of the driver that brought nothing for us.
  }
}

void Worker::wait() noexcept {
  tick_is_due_ = false;
  if (!leaves_driver_alone() && scheduler_.driver_lock().try_lock()) {
    wait_in_driver();
  } else {
    wait_in_parker();
  }
}

// The events of a socket whose task runs on another worker, and finds them by itself, wake the
// driver's holder for nothing, one by one. After a few such turns it leaves the driver to those who
// are awake, until the watch's next tick; who of those goes to sleep before finds the driver free.
bool Worker::leaves_driver_alone() noexcept {
  if (vain_turns_ < kVainTurns) return false;
  vain_turns_ = 0;
  if (scheduler_.idle().sleeping() >= scheduler_.idle().workers()) return false;  // [Q5] of idle.h
  scheduler_.watch().arm();
  return true;
}

void Worker::wait_in_driver() noexcept {
  in_driver_ = true;
  // What was queued without waking anybody, and is still there, we keep a watch on ourselves.
  DriverLock& lock = scheduler_.driver_lock();
  lock.stop_watching();
  const bool keeps_watch = scheduler_.has_shared_work();
  if (keeps_watch) lock.resume_watching();
  const SteadyPoint before = loom::SteadyClock::now();
  const bool spun = spin_in_driver();
  auto expected = Place::kAwake;
  const bool slept = !spun && place_.compare_exchange_strong(expected, Place::kInDriver,
                                                             std::memory_order_acq_rel);
  if (slept) {
    // [W2] above: from here on unpark() goes to the driver
    if (keeps_watch) {
      scheduler_.driver().park_for(WatchTimer::kPeriod);
    } else {
      scheduler_.driver().park();
    }
  }
  const bool unparked =
      place_.exchange(Place::kAwake, std::memory_order_acq_rel) == Place::kNotified;  // [W2]
  lock.resume_watching();
  in_driver_ = false;
  tick_is_due_ = keeps_watch;
  const SteadyPoint now = loom::SteadyClock::now();
  const bool in_vain = !unparked && !has_local_work();
  vain_turns_ = in_vain && !keeps_watch ? vain_turns_ + 1 : 0;
  if (spun || slept) spin_.record_wait(in_vain ? AdaptiveSpin::kLong : now - before, slept);
  scheduler_.unlock_driver(now);
  begin_backlog(now, now - before);
  // While we run what we found, or what we were woken for, somebody has to look after the driver.
  if (others_sleep()) scheduler_.watch().arm();
}

bool Worker::others_sleep() const noexcept {
  Idle& idle = scheduler_.idle();
  // This worker still counts as asleep, unless somebody has claimed it.
  const unsigned sleeping = idle.sleeping();
  return sleeping > 1 || (sleeping == 1 && !idle.is_sleeping(index_));
}

bool Worker::spin_in_driver() noexcept {
  if (!scheduler_.config().adaptive_spin) return false;
  const auto ready = [this] {
    scheduler_.driver().poll_now();
    // relaxed: a hint; the exchange behind the wait is what synchronises.
    return has_local_work() || place_.load(std::memory_order_relaxed) == Place::kNotified;
  };
  return spin_before_sleep(spin_, ready, loom::SteadyClock::now, [] { loom::yield_thread(); });
}

// Who went to sleep last is claimed first, so its sleeps may be short although no driver wakes it.
// One worker at a time spins here, besides the one in the driver.
void Worker::wait_in_parker() noexcept {
  const SteadyPoint before = loom::SteadyClock::now();
  const bool spun = spin_in_parker();
  auto expected = Place::kAwake;
  const bool slept = !spun && place_.compare_exchange_strong(expected, Place::kInParker,
                                                             std::memory_order_acq_rel);
  if (slept) tick_is_due_ = parker_->park() == WakeReason::kWatchTick;  // [W2] above
  place_.exchange(Place::kAwake, std::memory_order_acq_rel);            // [W2]
  if (!spun && !slept) return;
  const auto length = loom::SteadyClock::now() - before;
  parker_spin_.record_wait(tick_is_due_ ? AdaptiveSpin::kLong : length, slept);
}

bool Worker::spin_in_parker() noexcept {
  if (!scheduler_.config().adaptive_spin || !parker_spin_.should_spin()) return false;
  if (!scheduler_.try_begin_parker_spin()) return false;
  const auto ready = [this] {
    // relaxed: a hint; the exchange behind the wait is what synchronises.
    return place_.load(std::memory_order_relaxed) == Place::kNotified;
  };
  const bool spun =
      spin_before_sleep(parker_spin_, ready, loom::SteadyClock::now, [] { loom::yield_thread(); });
  scheduler_.end_parker_spin();
  return spun;
}

// After the watch's tick: does anybody need us?
bool Worker::should_take_over() noexcept {
  if (!tick_is_due_) return false;
  const auto workers = scheduler_.workers();
  const SteadyPoint now = loom::SteadyClock::now();
  bool needed =
      !scheduler_.driver_lock().is_held() && now - scheduler_.last_poll() > WatchTimer::kPeriod;
  seen_ticks_.resize(workers.size());
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const std::uint32_t tick = workers[i]->tick();
    if (tick == seen_ticks_[i] && workers[i]->has_stealable()) needed = true;
    seen_ticks_[i] = tick;
  }
  // If not, we wait again, and now in the driver unless its new holder has come meanwhile.
  return needed;
}

void Worker::begin_busy() noexcept {
  note_holder(metrics_);
  const SteadyPoint now = loom::SteadyClock::now();
  busy_.begin(now);
  last_maintenance_ = now;
  thread_context().clock = now.time_since_epoch().count();
}

void Worker::end_busy() noexcept {
  poll_timer_.finish();
  record_busy(loom::SteadyClock::now());
}

// --- Measuring

void Worker::record_busy(SteadyPoint now) noexcept {
  mean_poll_.record(busy_.record(now, metrics_), metrics_);
}

[[gnu::cold, gnu::noinline]] PollOutcome Worker::measure_poll(FrameHeader* task, Budget& budget,
                                                              ThreadContext& context) noexcept {
  poll_timer_.begin(lifo_run_ != 0);
  const PollOutcome outcome = poll_task(task, budget, context);
  // If block_in_place has given the core away, that was the end of the sample.
  if (context.worker == this) poll_timer_.end(lifo_ != nullptr);
  return outcome;
}

}  // namespace weft::internal
