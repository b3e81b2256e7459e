#include <weft/runtime/metrics/histogram_configuration.h>

#include <algorithm>
#include <bit>

#include <weft/base/check.h>

namespace weft::runtime {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint32_t kLeastPrecision = 2;  // that max_error() chooses
constexpr std::uint32_t kMostPrecision = 10;

std::uint64_t as_count(nanoseconds value) noexcept {
  return static_cast<std::uint64_t>(std::max(value, nanoseconds::zero()).count());
}

nanoseconds as_duration(std::uint64_t count) noexcept {
  const auto longest = static_cast<std::uint64_t>(nanoseconds::max().count());
  return nanoseconds(static_cast<std::int64_t>(std::min(count, longest)));
}

// The bucket of `value` among those that begin at zero. Up to 2^precision each number has its own;
// above, a power of two has 2^precision of them, which are `1 << width` wide.
std::size_t log_index(std::uint64_t value, std::uint32_t precision) noexcept {
  const auto highest_bit = static_cast<std::uint32_t>(std::bit_width(value | 1) - 1);
  if (highest_bit <= precision) return value;
  const std::uint32_t width = highest_bit - precision;
  const std::uint64_t in_power = (value - std::bit_floor(value)) >> width;
  return (std::size_t{width + 1} << precision) + in_power;
}

// The least value of bucket `index`.
std::uint64_t log_start(std::size_t index, std::uint32_t precision) noexcept {
  const std::size_t per_power = std::size_t{1} << precision;
  if (index < per_power) return index;
  const std::size_t width = index / per_power - 1;
  const std::uint64_t power = std::uint64_t{1} << (width + precision);
  return power + (std::uint64_t{index % per_power} << width);
}

}  // namespace

// --- Log

LogHistogram::LogHistogram() noexcept : LogHistogram(LogHistogramBuilder().build()) {}

LogHistogramBuilder LogHistogram::builder() noexcept { return {}; }

LogHistogram::LogHistogram(std::uint32_t precision, std::uint64_t smallest,
                           std::uint64_t largest) noexcept
    : precision_(precision),
      // The bucket below that of the smallest value takes all that is smaller.
      offset_(std::max<std::size_t>(log_index(smallest, precision), 1) - 1),
      // And the one above that of the largest, all that is larger.
      buckets_(log_index(largest, precision) - offset_ + 2) {}

std::size_t LogHistogram::bucket_of(nanoseconds value) const noexcept {
  const std::size_t index = std::max(log_index(as_count(value), precision_), offset_);
  return std::min(index - offset_, buckets_ - 1);
}

HistogramRange LogHistogram::range_of(std::size_t bucket) const noexcept {
  const bool is_first = bucket == 0;
  const bool is_last = bucket == buckets_ - 1;
  return {.start =
              is_first ? nanoseconds::zero() : as_duration(log_start(bucket + offset_, precision_)),
          .end = is_last ? nanoseconds::max()
                         : as_duration(log_start(bucket + offset_ + 1, precision_))};
}

LogHistogramBuilder& LogHistogramBuilder::min_value(nanoseconds value, Where where) {
  WEFT_CHECK(value > nanoseconds::zero(), "LogHistogramBuilder::min_value: has to be positive",
             where);
  min_ = value;
  return *this;
}

LogHistogramBuilder& LogHistogramBuilder::max_value(nanoseconds value, Where where) {
  WEFT_CHECK(value > nanoseconds::zero(), "LogHistogramBuilder::max_value: has to be positive",
             where);
  max_ = value;
  return *this;
}

LogHistogramBuilder& LogHistogramBuilder::max_error(double fraction, Where where) {
  WEFT_CHECK(fraction > 0.0 && fraction < 1.0,
             "LogHistogramBuilder::max_error: has to lie between 0 and 1", where);
  precision_ = kLeastPrecision;
  for (double error = 0.25; error > fraction && precision_ < kMostPrecision; error /= 2) {
    ++precision_;
  }
  return *this;
}

LogHistogramBuilder& LogHistogramBuilder::precision_exact(std::uint32_t precision, Where where) {
  WEFT_CHECK(precision <= kMostPrecision,
             "LogHistogramBuilder::precision_exact: the precision is at most 10", where);
  precision_ = precision;
  return *this;
}

LogHistogram LogHistogramBuilder::build(Where where) const {
  WEFT_CHECK(min_ < max_, "LogHistogramBuilder::build: max_value has to be above min_value", where);
  return LogHistogram(precision_, as_count(min_), as_count(max_));
}

Result<LogHistogram, TooManyBuckets> LogHistogramBuilder::max_buckets(std::size_t most,
                                                                      Where where) const {
  const LogHistogram made = build(where);
  if (made.num_buckets() > most) return Err(TooManyBuckets{.required = made.num_buckets()});
  return made;
}

// --- Both

HistogramConfiguration HistogramConfiguration::linear(nanoseconds width, std::size_t buckets,
                                                      std::source_location where) {
  WEFT_CHECK(width > nanoseconds::zero(),
             "HistogramConfiguration::linear: the width of a bucket has to be positive", where);
  WEFT_CHECK(buckets > 0, "HistogramConfiguration::linear: a histogram needs a bucket", where);
  return HistogramConfiguration(Linear{.width = width, .buckets = buckets});
}

HistogramConfiguration HistogramConfiguration::log(LogHistogram histogram) noexcept {
  return HistogramConfiguration(histogram);
}

std::size_t HistogramConfiguration::num_buckets() const noexcept {
  if (const auto* const log = std::get_if<LogHistogram>(&buckets_)) return log->num_buckets();
  return std::get_if<Linear>(&buckets_)->buckets;
}

std::size_t HistogramConfiguration::bucket_of(nanoseconds value) const noexcept {
  if (const auto* const log = std::get_if<LogHistogram>(&buckets_)) return log->bucket_of(value);
  const Linear& linear = *std::get_if<Linear>(&buckets_);
  const std::uint64_t bucket = as_count(value) / as_count(linear.width);
  return std::min<std::uint64_t>(bucket, linear.buckets - 1);
}

HistogramRange HistogramConfiguration::range_of(std::size_t bucket,
                                                std::source_location where) const {
  WEFT_CHECK(bucket < num_buckets(), "a histogram has no bucket with this number", where);
  if (const auto* const log = std::get_if<LogHistogram>(&buckets_)) return log->range_of(bucket);
  const Linear& linear = *std::get_if<Linear>(&buckets_);
  // Saturating: the bounds of buckets that nothing can fall into may be beyond every duration.
  const auto bound = [&linear](std::size_t at) {
    const auto most = as_count(nanoseconds::max()) / as_count(linear.width);
    return at > most ? nanoseconds::max() : as_duration(at * as_count(linear.width));
  };
  const bool is_last = bucket == linear.buckets - 1;
  return {.start = bound(bucket), .end = is_last ? nanoseconds::max() : bound(bucket + 1)};
}

}  // namespace weft::runtime
