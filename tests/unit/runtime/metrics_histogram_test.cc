// Which durations a histogram's buckets hold, and how a runtime is told to keep one.

#include <chrono>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/metrics/histogram_configuration.h>
#include <weft/runtime/runtime.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// Every value belongs to the bucket whose range it lies in, and the ranges lie side by side.
void expect_consistent(const HistogramConfiguration& histogram) {
  const std::size_t last = histogram.num_buckets() - 1;
  EXPECT_EQ(histogram.range_of(0).start, 0ns);
  EXPECT_EQ(histogram.range_of(last).end, nanoseconds::max());
  for (std::size_t bucket = 0; bucket <= last; ++bucket) {
    const HistogramRange range = histogram.range_of(bucket);
    ASSERT_LT(range.start, range.end) << bucket;
    EXPECT_EQ(histogram.bucket_of(range.start), bucket);
    EXPECT_EQ(histogram.bucket_of(range.end - 1ns), bucket);
    if (bucket > 0) {
      EXPECT_EQ(range.start, histogram.range_of(bucket - 1).end);
    }
  }
}

TEST(R20, LinearHasTenBucketsOf100MicrosecondsByDefault) {
  const auto histogram = HistogramConfiguration::linear();
  EXPECT_EQ(histogram.num_buckets(), 10U);
  EXPECT_EQ(histogram.range_of(0), (HistogramRange{0us, 100us}));
  EXPECT_EQ(histogram.range_of(3), (HistogramRange{300us, 400us}));
  EXPECT_EQ(histogram.range_of(9), (HistogramRange{900us, nanoseconds::max()}));
  expect_consistent(histogram);
}

TEST(R20, LastLinearBucketHasNoEnd) {
  const auto histogram = HistogramConfiguration::linear(7ns, 3);
  EXPECT_EQ(histogram.bucket_of(-5ns), 0U);
  EXPECT_EQ(histogram.bucket_of(6ns), 0U);
  EXPECT_EQ(histogram.bucket_of(7ns), 1U);
  EXPECT_EQ(histogram.bucket_of(14ns), 2U);
  EXPECT_EQ(histogram.bucket_of(100h), 2U);
  expect_consistent(histogram);
}

TEST(R20, BoundsBeyondEveryDurationSaturate) {
  const auto histogram = HistogramConfiguration::linear(nanoseconds::max() / 2, 5);
  EXPECT_EQ(histogram.range_of(4), (HistogramRange{nanoseconds::max(), nanoseconds::max()}));
  EXPECT_EQ(histogram.bucket_of(nanoseconds::max()), 2U);
}

TEST(R20, LogHas119BucketsByDefault) {
  EXPECT_EQ(LogHistogram().num_buckets(), 119U);
  EXPECT_EQ(LogHistogram().precision(), 2U);
  EXPECT_EQ(HistogramConfiguration::log().num_buckets(), 119U);
  expect_consistent(HistogramConfiguration::log());
}

TEST(R20, LogIsFineFromTheSmallestToTheLargestValue) {
  const LogHistogram histogram;
  // Bounds that 100 ns and 60 s lie between: parts of 64 ns and of 2^35 ns.
  EXPECT_EQ(histogram.bucket_of(95ns), 0U);
  EXPECT_EQ(histogram.bucket_of(100ns), 1U);
  EXPECT_EQ(histogram.range_of(1), (HistogramRange{96ns, 112ns}));
  EXPECT_EQ(histogram.bucket_of(60s), histogram.num_buckets() - 2);
  EXPECT_EQ(histogram.bucket_of(61s), histogram.num_buckets() - 1);
}

TEST(R20, ErrorIsBoundedByThePrecision) {
  for (std::uint32_t precision = 0; precision <= 10; ++precision) {
    SCOPED_TRACE(precision);
    const LogHistogram histogram =
        LogHistogram::builder().min_value(1us).max_value(1s).precision_exact(precision).build();
    expect_consistent(HistogramConfiguration::log(histogram));
    for (std::size_t bucket = 1; bucket + 1 < histogram.num_buckets(); ++bucket) {
      const HistogramRange range = histogram.range_of(bucket);
      const nanoseconds width = range.end - range.start;
      EXPECT_TRUE(width == 1ns || width * (1 << precision) <= range.start) << bucket;
    }
  }
}

TEST(R20, PrecisionZeroDoubles) {
  const LogHistogram histogram =
      LogHistogram::builder().min_value(1ns).max_value(64ns).precision_exact(0).build();
  std::vector<nanoseconds> starts;
  for (std::size_t bucket = 0; bucket < histogram.num_buckets(); ++bucket) {
    starts.push_back(histogram.range_of(bucket).start);
  }
  EXPECT_EQ(starts, (std::vector<nanoseconds>{0ns, 1ns, 2ns, 4ns, 8ns, 16ns, 32ns, 64ns, 128ns}));
}

TEST(R20, MaxErrorChoosesThePrecisionButAtLeastTwo) {
  const auto precision_for = [](double error) {
    return LogHistogram::builder().max_error(error).build().precision();
  };
  EXPECT_EQ(precision_for(0.9), 2U);
  EXPECT_EQ(precision_for(0.25), 2U);
  EXPECT_EQ(precision_for(0.24), 3U);
  EXPECT_EQ(precision_for(0.1), 4U);
  EXPECT_EQ(precision_for(0.001), 10U);
  EXPECT_EQ(precision_for(1e-9), 10U);
}

TEST(R20, TooManyBucketsAreAnErrorThatSaysHowMany) {
  const auto refused = LogHistogram::builder().max_error(0.001).max_buckets(5);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().required, 27291U);
  const auto accepted = LogHistogram::builder().max_buckets(119);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(accepted->num_buckets(), 119U);
  EXPECT_FALSE(LogHistogram::builder().max_buckets(118).has_value());
}

TEST(R20, ValuesThatMakeNoSenseAreFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(HistogramConfiguration::linear(0ns, 3), "metrics_histogram_test.*width");
  EXPECT_DEATH(HistogramConfiguration::linear(1ns, 0), "metrics_histogram_test.*bucket");
  EXPECT_DEATH(LogHistogram::builder().max_error(0.0), "metrics_histogram_test.*max_error");
  EXPECT_DEATH(LogHistogram::builder().max_error(1.0), "metrics_histogram_test.*max_error");
  EXPECT_DEATH(LogHistogram::builder().precision_exact(11), "metrics_histogram_test.*precision");
  EXPECT_DEATH(LogHistogram::builder().min_value(0ns), "metrics_histogram_test.*min_value");
  EXPECT_DEATH(LogHistogram::builder().max_value(0ns), "metrics_histogram_test.*max_value");
  EXPECT_DEATH((void)LogHistogram::builder().min_value(2s).max_value(1s).build(),
               "metrics_histogram_test.*max_value");
  EXPECT_DEATH((void)HistogramConfiguration::linear().range_of(10),
               "metrics_histogram_test.*bucket");
}

TEST(R20, NoHistogramIsKeptUnlessAskedFor) {
  test_support::on_every_kind([](Runtime& rt) {
    const RuntimeMetrics metrics = rt.metrics();
    EXPECT_FALSE(metrics.poll_time_histogram_enabled());
    EXPECT_EQ(metrics.poll_time_histogram_num_buckets(), 0U);
    EXPECT_EQ(metrics.poll_time_histogram_sum(0), 0ns);
    EXPECT_FALSE(metrics.schedule_latency_histogram_enabled());
    EXPECT_EQ(metrics.schedule_latency_histogram_num_buckets(), 0U);
    EXPECT_EQ(metrics.schedule_latency_histogram_sum(0), 0ns);
  });
}

TEST(R20, BuilderEnablesAndConfiguresInOneStep) {
  Builder builder = Builder::new_current_thread();
  builder.metrics_poll_time_histogram(HistogramConfiguration::linear(3us, 4));
  {
    const Runtime rt = builder.build().value();
    EXPECT_TRUE(rt.metrics().poll_time_histogram_enabled());
    EXPECT_EQ(rt.metrics().poll_time_histogram_num_buckets(), 4U);
    EXPECT_EQ(rt.metrics().poll_time_histogram_bucket_range(1), (HistogramRange{3us, 6us}));
    EXPECT_FALSE(rt.metrics().schedule_latency_histogram_enabled());
  }
  builder.metrics_schedule_latency_histogram(HistogramConfiguration::log());
  const Runtime rt = builder.build().value();
  EXPECT_EQ(rt.metrics().poll_time_histogram_num_buckets(), 4U);
  EXPECT_TRUE(rt.metrics().schedule_latency_histogram_enabled());
  EXPECT_EQ(rt.metrics().schedule_latency_histogram_num_buckets(), 119U);
}

TEST(R20, AnotherBucketsNumberIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto make = [] {
    return Builder::new_current_thread()
        .metrics_poll_time_histogram(HistogramConfiguration::linear(1us, 3))
        .build()
        .value();
  };
  EXPECT_DEATH((void)make().metrics().poll_time_histogram_bucket_count(0, 3),
               "metrics_histogram_test.*bucket");
  EXPECT_DEATH((void)make().metrics().schedule_latency_histogram_bucket_range(0),
               "metrics_histogram_test.*not enabled");
}

}  // namespace
}  // namespace weft::runtime
