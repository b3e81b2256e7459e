// AdaptiveSpin: should a thread that waits poll for a while before it goes to sleep?
//
// Spec: none of tokio's; the figures are in docs/design/scheduler.md "Adaptive spin".
//
// Design. Waking a sleeping core takes some 30 us, which is most of the latency of a lone request;
// polling for that long costs a processor. So spin only where it pays, judged by the last 8 waits:
// a wait was a *hit* if it was shorter than a spin, counting 35 us less if the thread slept, for
// being woken is part of what it measured. With 4 hits out of 8 the next wait begins with a spin.
//
// A spin is wrong when others want the processor. The spinner yields between two looks, and a look
// that took longer than 20 us means that somebody else was running: then the whole memory is
// cleared, and it takes four new hits to spin again.
//
// The class is the rule alone, fed with durations. spin_before_sleep() below is the loop.

#ifndef WEFT_RUNTIME_SCHEDULER_ADAPTIVE_SPIN_H_
#define WEFT_RUNTIME_SCHEDULER_ADAPTIVE_SPIN_H_

#include <bit>
#include <chrono>
#include <cstdint>

namespace weft::internal {

// Not thread-safe: each waiting thread has its own.
class AdaptiveSpin {
 public:
  static constexpr std::chrono::nanoseconds kSpin = std::chrono::microseconds(50);
  static constexpr std::chrono::nanoseconds kWakeUp = std::chrono::microseconds(35);
  static constexpr std::chrono::nanoseconds kPreempted = std::chrono::microseconds(20);
  // For a wait that was interrupted and goes on.
  static constexpr std::chrono::nanoseconds kLong = std::chrono::nanoseconds::max();
  static constexpr int kOutcomes = 8;
  static constexpr int kHitsNeeded = 4;

  // Whether the next wait should begin with a spin of kSpin.
  bool should_spin() const noexcept { return std::popcount(outcomes_) >= kHitsNeeded; }

  // A wait has ended: how long it lasted in all, a spin at its beginning included, and whether the
  // thread slept in it.
  void record_wait(std::chrono::nanoseconds length, bool slept) noexcept {
    const bool hit = length < (slept ? kSpin + kWakeUp : kSpin);
    outcomes_ = static_cast<std::uint8_t>((outcomes_ << 1) | (hit ? 1 : 0));
  }

  // One look of a spin, with the yield behind it, took this long. False: the thread was preempted;
  // stop spinning. Everything remembered is then forgotten.
  [[nodiscard]] bool record_iteration(std::chrono::nanoseconds length) noexcept {
    if (length <= kPreempted) return true;
    outcomes_ = 0;
    return false;
  }

 private:
  std::uint8_t outcomes_ = 0;  // one bit per wait, the last one lowest; set: a hit
};

static_assert(AdaptiveSpin::kOutcomes == 8, "outcomes_ has a bit for each");

// Looks, yields, and looks again until `ready()` is true or a spin's time is over, if `rule` says
// that this wait should begin so. True: ready; false: go to sleep. `now()` gives a time point, and
// `yield()` lets others run. The caller reports the whole wait to `rule` when it is over.
template <class Ready, class Now, class Yield>
[[nodiscard]] bool spin_before_sleep(AdaptiveSpin& rule, Ready ready, Now now, Yield yield) {
  if (!rule.should_spin()) return false;
  const auto start = now();
  for (auto look = start;;) {
    if (ready()) return true;
    yield();
    const auto next = now();
    if (!rule.record_iteration(next - look) || next - start >= AdaptiveSpin::kSpin) return ready();
    look = next;
  }
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_ADAPTIVE_SPIN_H_
