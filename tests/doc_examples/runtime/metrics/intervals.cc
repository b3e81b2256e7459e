// The example in runtime/metrics/intervals.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/metrics/intervals.h>

#include <gtest/gtest.h>

#include <weft/runtime/metrics/task_monitor.h>

namespace weft {
namespace {

TEST(R148, IntervalsExample) {
  const runtime::TaskMonitor monitor;
  // [example]
  auto intervals = monitor.intervals();
  const runtime::TaskMetrics before = intervals.next();  // since intervals()
  const runtime::TaskMetrics after = intervals.next();   // since the line above
  // [end]
  EXPECT_EQ(before.instrumented, 0U);
  EXPECT_EQ(after.instrumented, 0U);
}

}  // namespace
}  // namespace weft
