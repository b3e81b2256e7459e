// ReportLimit: a few reports at once, then one per second.
//
// Spec: R-172.

#ifndef WEFT_RUNTIME_STALL_REPORT_LIMIT_H_
#define WEFT_RUNTIME_STALL_REPORT_LIMIT_H_

#include <algorithm>
#include <cstdint>
#include <utility>

namespace weft::internal {

// One thread's. Times are nanoseconds of the steady clock and never go back.
class ReportLimit {
 public:
  static constexpr std::int64_t kAtOnce = 8;
  static constexpr std::int64_t kInterval = 1'000'000'000;

  // True: report this one. False: it is counted as suppressed.
  [[nodiscard]] bool allows(std::int64_t now) noexcept {
    // `spent_until_` is when all that was allowed has been paid off, an interval for each.
    spent_until_ = std::max(spent_until_, now);
    if (spent_until_ - now > (kAtOnce - 1) * kInterval) {
      ++suppressed_;
      return false;
    }
    spent_until_ += kInterval;
    return true;
  }
  // How many were suppressed since the last call.
  std::uint64_t take_suppressed() noexcept { return std::exchange(suppressed_, 0); }

 private:
  std::int64_t spent_until_ = INT64_MIN;
  std::uint64_t suppressed_ = 0;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_STALL_REPORT_LIMIT_H_
