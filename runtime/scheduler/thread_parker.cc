// ThreadParker, ParkWaker, CachedParkWaker. Interface and design: thread_parker.h.

#include <weft/runtime/scheduler/thread_parker.h>

#include <mutex>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/loom/steady_clock.h>
#include <weft/loom/thread.h>
#include <weft/loom/thread_local.h>

namespace weft::internal {
namespace {

// With one processor, spinning would keep it from whoever is to wake us.
bool has_several_processors() noexcept {
  static const bool several = sys::available_parallelism().value_or(1) > 1;
  return several;
}

// Holds one reference.
struct CachedWaker {
  CachedWaker() = default;
  CachedWaker(const CachedWaker&) = delete;
  CachedWaker& operator=(const CachedWaker&) = delete;
  ~CachedWaker() {
    if (waker != nullptr) waker->release();
  }
  ParkWaker* waker = nullptr;  // null while it is lent out
};
struct CacheTag;
using Cache = loom::ThreadLocal<CachedWaker, CacheTag>;

}  // namespace

// --- ThreadParker

void ThreadParker::park() noexcept { static_cast<void>(park_until(std::nullopt)); }

bool ThreadParker::park_for(std::chrono::nanoseconds limit) noexcept {
  if (limit <= std::chrono::nanoseconds::zero()) return try_park();
  const TimePoint now = loom::SteadyClock::now();
  if (limit > TimePoint::max() - now) limit = std::chrono::seconds(1);
  return park_until(now + limit);
}

bool ThreadParker::try_park() noexcept {
  auto seen = State::kNotified;
  // relaxed failure: there is no token, and nothing to see.
  return state_.compare_exchange_strong(seen, State::kEmpty, std::memory_order_acquire,  // [P2]
                                        std::memory_order_relaxed);
}

// An exchange, not a store: it takes in a token that was left at the last moment.
bool ThreadParker::stop_waiting() noexcept {
  return state_.exchange(State::kEmpty, std::memory_order_acquire) == State::kNotified;  // [P2]
}

bool ThreadParker::park_until(std::optional<TimePoint> deadline) noexcept {
  if (try_park()) return true;
  std::unique_lock lock(mu_);
  auto seen = State::kEmpty;
  // relaxed: publishes nothing, and nothing is read until the token is taken. It fails only on
  // kNotified, since the owner alone leaves that state.
  if (!state_.compare_exchange_strong(seen, State::kParked, std::memory_order_relaxed)) {
    const bool taken = stop_waiting();
    WEFT_DCHECK(taken, "ThreadParker: parked by two threads at the same time");
    return true;
  }
  while (!try_park()) {
    if (!deadline.has_value()) {
      token_left_.wait(lock);
    } else if (token_left_.wait_until(lock, *deadline) == std::cv_status::timeout) {
      return stop_waiting();
    }
  }
  return true;
}

void ThreadParker::unpark() noexcept {
  const State before = state_.exchange(State::kNotified, std::memory_order_release);  // [P2]
  if (before != State::kParked) return;
  // The owner may be between its change of the state and its sleep: it holds the mutex until then.
  {
    const std::lock_guard lock(mu_);
  }
  token_left_.notify_one();
}

// --- ParkWaker

const WakeOps ParkWaker::kOps{
    [](Wakeable* target) noexcept {
      // The reference keeps it alive until unpark() has returned.
      from(target)->unpark();
      from(target)->release();
    },
    [](Wakeable* target) noexcept { from(target)->unpark(); },
    [](Wakeable* target) noexcept { from(target)->retain(); },
    [](Wakeable* target) noexcept { from(target)->release(); },
};

ParkWaker::ParkWaker() noexcept : Wakeable(1, &kOps) {}

ParkWaker* ParkWaker::from(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is in ParkWakers only.
  return static_cast<ParkWaker*>(target);
}

void ParkWaker::retain() noexcept {
  // relaxed: made from a reference that the caller holds.
  word_.fetch_add(1, std::memory_order_relaxed);
}

void ParkWaker::release() noexcept {
  if (word_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // [P3]
}

Waker ParkWaker::waker() noexcept {
  retain();
  return Waker::adopt(this);
}

void ParkWaker::park() noexcept { static_cast<void>(park_until_woken(std::nullopt)); }

bool ParkWaker::park_for(std::chrono::nanoseconds limit) noexcept {
  return park_until_woken(limit);
}

bool ParkWaker::park_until_woken(std::optional<std::chrono::nanoseconds> limit) noexcept {
  using SteadyClock = loom::SteadyClock;
  if (parker_.try_park()) return true;
  // A wait that ends before a spin would says nothing about what wakes us.
  const bool is_long = !limit.has_value() || *limit > AdaptiveSpin::kSpin;
  if (!is_long || !has_several_processors()) return sleep(limit);
  const SteadyClock::time_point start = SteadyClock::now();
  const auto ready = [this] { return parker_.try_park(); };
  if (spin_before_sleep(spin_, ready, SteadyClock::now, [] { loom::yield_thread(); })) {
    spin_.record_wait(SteadyClock::now() - start, false);
    return true;
  }
  const SteadyClock::duration spent = SteadyClock::now() - start;
  const bool woken = sleep(limit.has_value() ? std::optional(*limit - spent) : std::nullopt);
  spin_.record_wait(SteadyClock::now() - start, true);
  return woken;
}

bool ParkWaker::sleep(std::optional<std::chrono::nanoseconds> limit) noexcept {
  if (limit.has_value()) return parker_.park_for(*limit);
  parker_.park();
  return true;
}

// --- CachedParkWaker

CachedParkWaker::CachedParkWaker() {
  CachedWaker* const cache = Cache::try_get();
  // Taken out, so that a nested use finds the cache empty.
  ParkWaker* const cached = cache != nullptr ? std::exchange(cache->waker, nullptr) : nullptr;
  waker_ = cached != nullptr ? cached : ParkWaker::create();
}

CachedParkWaker::~CachedParkWaker() {
  waker_->discard_token();
  CachedWaker* const cache = Cache::try_get();
  if (cache != nullptr && cache->waker == nullptr) {
    cache->waker = waker_;
  } else {
    waker_->release();
  }
}

}  // namespace weft::internal
