// Laps: how long one operation takes, measured from inside the runtime that carries it out.
//
// A row's body asks next() before each lap, a batch of operations of always the same size:
//
//   while (laps.next()) {
//     for (int i = 0; i < kOperations; ++i) ...
//   }
//
// Laps of the first tenth of the time warm up and do not count, at least one. The figure is the
// median lap, so that a lap during which the machine did something else does not matter, and the
// way into the runtime and out of it is no part of it. The same in all languages.

#ifndef WEFT_BENCHES_PEERS_SUPPORT_LAPS_H_
#define WEFT_BENCHES_PEERS_SUPPORT_LAPS_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <vector>

namespace peers {

using Nanoseconds = std::chrono::duration<double, std::nano>;

// A row's result, in nanoseconds, bytes, or per second; for one operation.
struct Figure {
  double value = 0;
  double cpu = 0;  // processor time of the whole process, nanoseconds; 0: not measured
};

// Of all threads of this process.
inline Nanoseconds processor_time() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Used by one task at a time.
class Laps {
  using Clock = std::chrono::steady_clock;

 public:
  explicit Laps(double seconds) : limit_(std::chrono::duration<double>(seconds)) {}

  // False: the time is over. A lap lasts from one call to the next.
  bool next() {
    const Clock::time_point now = Clock::now();
    if (calls_++ == 0) {
      warm_up_until_ = now + std::chrono::duration_cast<Clock::duration>(limit_ / 10);
    } else if (!is_warm_) {
      if (now >= warm_up_until_) begin(now);
    } else {
      laps_.push_back(now - lap_begin_);
      if (now - begin_ >= limit_) {
        processor_time_ = processor_time() - processor_time_;
        return false;
      }
    }
    lap_begin_ = Clock::now();
    return true;
  }

  // After the last lap: what one of the `operations` of a lap took.
  Figure per_operation(double operations) {
    const auto middle = laps_.begin() + static_cast<std::ptrdiff_t>(laps_.size() / 2);
    std::nth_element(laps_.begin(), middle, laps_.end());
    const double laps = static_cast<double>(laps_.size());
    return {middle->count() / operations, processor_time_.count() / (laps * operations)};
  }

 private:
  void begin(Clock::time_point now) {
    is_warm_ = true;
    begin_ = now;
    processor_time_ = processor_time();
  }

  Nanoseconds limit_;
  std::size_t calls_ = 0;
  bool is_warm_ = false;
  Clock::time_point warm_up_until_;
  Clock::time_point begin_;        // of the laps that count
  Clock::time_point lap_begin_;    // of the lap that is being run
  Nanoseconds processor_time_{0};  // at the beginning; at the end: what was used since
  std::vector<Nanoseconds> laps_;
};

}  // namespace peers

#endif  // WEFT_BENCHES_PEERS_SUPPORT_LAPS_H_
