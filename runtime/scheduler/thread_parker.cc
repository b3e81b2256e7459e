#include <weft/runtime/scheduler/thread_parker.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include <weft/loom/thread.h>
#include <weft/loom/thread_local.h>
#include <weft/base/sys.h>

namespace weft::internal {
namespace {

bool has_several_processors() noexcept {
  static const bool several = sys::available_parallelism().value_or(1) > 1;
  return several;
}

struct CachedWaker {
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
  const TimePoint now = std::chrono::steady_clock::now();
  if (limit > TimePoint::max() - now) limit = std::chrono::seconds(1);
  return park_until(now + limit);
}

bool ThreadParker::try_park() noexcept {
  auto seen = State::kNotified;
  // relaxed failure: there is no token, and nothing to see.
  return state_.compare_exchange_strong(seen, State::kEmpty, std::memory_order_acq_rel,  // [P2]
                                        std::memory_order_relaxed);
}

bool ThreadParker::park_until(std::optional<TimePoint> deadline) noexcept {
  if (try_park()) return true;
  std::unique_lock lock(mu_);
  auto seen = State::kEmpty;
  if (!state_.compare_exchange_strong(seen, State::kParked, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
    // A token came in between: an exchange takes it, and what its unparker wrote. [P2]
    state_.exchange(State::kEmpty, std::memory_order_acq_rel);
    return true;
  }
  while (!try_park()) {
    if (!deadline.has_value()) {
      token_left_.wait(lock);
    } else if (token_left_.wait_until(lock, *deadline) == std::cv_status::timeout) {
      // It may have come at the last moment. [P2]
      return state_.exchange(State::kEmpty, std::memory_order_acq_rel) == State::kNotified;
    }
  }
  return true;
}

void ThreadParker::unpark() noexcept {
  const State before = state_.exchange(State::kNotified, std::memory_order_acq_rel);  // [P2]
  if (before != State::kParked) return;
  // The owner may be between its change of the state and its sleep: it holds the mutex until then.
  { const std::lock_guard lock(mu_); }
  token_left_.notify_one();
}

// --- ParkWaker

const WakeOps ParkWaker::kOps{
    [](Wakeable* target) noexcept {
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
  using SteadyClock = std::chrono::steady_clock;
  const SteadyClock::time_point start = SteadyClock::now();
  const bool may_spin = has_several_processors() && (!limit || *limit > AdaptiveSpin::kSpin);
  if (may_spin && spin_before_sleep(spin_, [this] { return parker_.try_park(); }, SteadyClock::now,
                                    loom::yield_thread)) {
    spin_.record_wait(SteadyClock::now() - start, false);
    return true;
  }
  if (limit.has_value()) return parker_.park_for(*limit);
  parker_.park();
  spin_.record_wait(SteadyClock::now() - start, true);
  return true;
}

// --- CachedParkWaker

CachedParkWaker::CachedParkWaker() {
  CachedWaker* const cache = Cache::try_get();
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
