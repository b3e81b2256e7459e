// HistogramConfiguration: into which buckets a runtime sorts durations.
//
// Spec: R-20.
//
//   linear   buckets of one width. The last one takes everything above.
//   log      buckets that grow with what they hold, so that the error is a fraction of the value:
//            each power of two is divided into 2^p parts of the same width, and p is the
//            *precision*. A value is off by at most 2^-p of itself.
//
// A log histogram begins with one bucket for all that is below its smallest value and ends with one
// for all that is above its largest. In between, the number of a bucket is found without a search:
// it is the position of the value's highest bit and the p bits after it.
//
//   namespace runtime = weft::runtime;
//   auto builder = runtime::Builder::new_multi_thread().enable_all();
//   builder.metrics_poll_time_histogram(runtime::HistogramConfiguration::log(
//       runtime::LogHistogram::builder().min_value(1us).max_value(1s).max_error(0.1).build()));

#ifndef WEFT_RUNTIME_METRICS_HISTOGRAM_CONFIGURATION_H_
#define WEFT_RUNTIME_METRICS_HISTOGRAM_CONFIGURATION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <variant>

#include <weft/base/result.h>

namespace weft::runtime {

class LogHistogramBuilder;

// What a bucket holds: from `start`, which belongs to it, to `end`, which does not. The `end` of
// the last bucket is the longest duration there is.
struct HistogramRange {
  std::chrono::nanoseconds start;
  std::chrono::nanoseconds end;

  friend bool operator==(const HistogramRange&, const HistogramRange&) noexcept = default;
};

// Buckets of growing width. Immutable, copyable.
class LogHistogram {
 public:
  // From 100 ns to 60 s with precision 2, which is an error of a quarter: 119 buckets.
  LogHistogram() noexcept;
  // Begins with these values.
  static LogHistogramBuilder builder() noexcept;

  std::size_t num_buckets() const noexcept { return buckets_; }
  std::uint32_t precision() const noexcept { return precision_; }
  // The bucket that `value` belongs to; what is below zero counts as zero.
  std::size_t bucket_of(std::chrono::nanoseconds value) const noexcept;
  // What a bucket holds; `bucket` is below num_buckets().
  HistogramRange range_of(std::size_t bucket) const noexcept;

 private:
  friend class LogHistogramBuilder;
  LogHistogram(std::uint32_t precision, std::uint64_t smallest, std::uint64_t largest) noexcept;

  std::uint32_t precision_;
  std::size_t offset_;  // of our first bucket among those that begin at zero
  std::size_t buckets_;
};

// Why LogHistogramBuilder::max_buckets() refuses.
struct TooManyBuckets {
  std::size_t required;  // for what was asked for
};

// How a LogHistogram is made. Setters chain; values that make no sense are check failures.
class LogHistogramBuilder {
  using Where = std::source_location;

 public:
  // The finest value that is told from smaller ones; positive.
  LogHistogramBuilder& min_value(std::chrono::nanoseconds value, Where where = Where::current());
  // All that is longer lies in one bucket; positive.
  LogHistogramBuilder& max_value(std::chrono::nanoseconds value, Where where = Where::current());
  // The precision that keeps the error at or below `fraction` of a value, but at least 2 and at
  // most 10. Between 0 and 1, both not included.
  LogHistogramBuilder& max_error(double fraction, Where where = Where::current());
  // 2^precision buckets for each power of two; at most 10. With 0 each bucket is twice as wide as
  // the one before.
  LogHistogramBuilder& precision_exact(std::uint32_t precision, Where where = Where::current());

  // What was asked for. A check failure if max_value is not above min_value.
  LogHistogram build(Where where = Where::current()) const;
  // The same, unless it needs more than `most` buckets, of which each worker has its own.
  Result<LogHistogram, TooManyBuckets> max_buckets(std::size_t most,
                                                   Where where = Where::current()) const;

 private:
  std::chrono::nanoseconds min_ = std::chrono::nanoseconds(100);
  std::chrono::nanoseconds max_ = std::chrono::seconds(60);
  std::uint32_t precision_ = 2;
};

// What the Builder is given. Immutable, copyable.
class HistogramConfiguration {
 public:
  // `buckets` of `width` each, the last of which has no end. Neither is 0.
  static HistogramConfiguration linear(
      std::chrono::nanoseconds width = std::chrono::microseconds(100), std::size_t buckets = 10,
      std::source_location where = std::source_location::current());
  static HistogramConfiguration log(LogHistogram histogram = LogHistogram()) noexcept;

  std::size_t num_buckets() const noexcept;
  // The bucket that `value` belongs to; what is below zero counts as zero.
  std::size_t bucket_of(std::chrono::nanoseconds value) const noexcept;
  // A check failure unless `bucket` is below num_buckets().
  HistogramRange range_of(std::size_t bucket,
                          std::source_location where = std::source_location::current()) const;

 private:
  struct Linear {
    std::chrono::nanoseconds width;
    std::size_t buckets;
  };
  explicit HistogramConfiguration(std::variant<Linear, LogHistogram> buckets) noexcept
      : buckets_(buckets) {}

  std::variant<Linear, LogHistogram> buckets_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_METRICS_HISTOGRAM_CONFIGURATION_H_
