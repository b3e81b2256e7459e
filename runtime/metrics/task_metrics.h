// TaskMetrics: what a TaskMonitor has measured.
//
// Spec: R-148.
//
// The life of an instrumented awaitable, and what each stretch of it is called:
//
//   made      first poll   suspended     woken       polled      ...  ended or destroyed
//     |--first-poll delay--|--poll--|------idle------|--scheduled--|--poll--|
//
// Time spent idle is time spent waiting for something; time spent scheduled is time in which it
// could have gone on, but others were in front of it.

#ifndef WEFT_RUNTIME_METRICS_TASK_METRICS_H_
#define WEFT_RUNTIME_METRICS_TASK_METRICS_H_

#include <chrono>
#include <cstdint>

namespace weft::runtime {

// How often something took place, and how long in all.
struct TimedCount {
  std::uint64_t count = 0;
  std::chrono::nanoseconds total{};

  // Zero if it did not take place.
  std::chrono::nanoseconds mean() const noexcept {
    return count == 0 ? std::chrono::nanoseconds::zero()
                      : total / static_cast<std::chrono::nanoseconds::rep>(count);
  }

  friend TimedCount operator-(TimedCount a, TimedCount b) noexcept {
    return {.count = a.count - b.count, .total = a.total - b.total};
  }
};

// A plain value.
struct TaskMetrics {
  std::uint64_t instrumented = 0;  // awaitables
  std::uint64_t dropped = 0;       // of these: complete, or cancelled
  TimedCount first_polls;          // and how long after instrument() they came
  TimedCount idle;
  TimedCount scheduled;
  TimedCount polls;
  TimedCount slow_polls;   // those that took longer than the monitor's threshold
  TimedCount long_delays;  // those times that it was scheduled longer than its other one

  TimedCount fast_polls() const noexcept { return polls - slow_polls; }
  TimedCount short_delays() const noexcept { return scheduled - long_delays; }
  // How many of the polls were slow, how many of the delays long; 0 if there were none.
  double slow_poll_ratio() const noexcept { return ratio(slow_polls.count, polls.count); }
  double long_delay_ratio() const noexcept { return ratio(long_delays.count, scheduled.count); }

  friend TaskMetrics operator-(const TaskMetrics& a, const TaskMetrics& b) noexcept {
    return {.instrumented = a.instrumented - b.instrumented,
            .dropped = a.dropped - b.dropped,
            .first_polls = a.first_polls - b.first_polls,
            .idle = a.idle - b.idle,
            .scheduled = a.scheduled - b.scheduled,
            .polls = a.polls - b.polls,
            .slow_polls = a.slow_polls - b.slow_polls,
            .long_delays = a.long_delays - b.long_delays};
  }

 private:
  static double ratio(std::uint64_t part, std::uint64_t whole) noexcept {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_METRICS_TASK_METRICS_H_
