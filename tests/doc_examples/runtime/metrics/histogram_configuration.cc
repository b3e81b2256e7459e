// The example in runtime/metrics/histogram_configuration.h; tools/doc_examples.py keeps the two
// equal.

#include <weft/runtime/metrics/histogram_configuration.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/runtime/runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

runtime::Builder measured() {
  // [example]
  namespace runtime = weft::runtime;
  auto builder = runtime::Builder::new_multi_thread().enable_all();
  builder.metrics_poll_time_histogram(runtime::HistogramConfiguration::log(
      runtime::LogHistogram::builder().min_value(1us).max_value(1s).max_error(0.1).build()));
  // [end]
  return builder;
}

TEST(R20, HistogramConfigurationExample) {
  const runtime::Runtime rt = measured().worker_threads(1).build().value();
  const runtime::RuntimeMetrics metrics = rt.metrics();
  const std::size_t last = metrics.poll_time_histogram_num_buckets() - 1;
  EXPECT_GT(metrics.poll_time_histogram_bucket_range(last).start, 1s);
  EXPECT_LE(metrics.poll_time_histogram_bucket_range(0).end, 1us);
}

}  // namespace
}  // namespace weft
