#include <weft/testing/stream_mock.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

#include <weft/testing/assertions.h>
#include <weft/testing/harness.h>
#include <weft/testing/paused_runtime.h>

namespace weft::test {
namespace {

using namespace std::chrono_literals;
using Value = std::optional<int>;

int failures = 0;

// Counts failures for as long as it lives.
class CountFailures {
 public:
  CountFailures() : previous_(set_failure_handler(&count)) { failures = 0; }
  ~CountFailures() { set_failure_handler(previous_); }

 private:
  static void count(std::string_view, std::source_location) { ++failures; }
  FailureHandler previous_;
};

TEST(TE4, YieldsItsValuesAndThenTheEnd) {
  auto stream = spawn(StreamMockBuilder<int>().next(1).next(2).build());
  assert_ready_eq(stream.poll_next(), Value(1));
  assert_ready_eq(stream.poll_next(), Value(2));
  assert_ready_eq(stream.poll_next(), Value());
  assert_ready_eq(stream.poll_next(), Value());
}

TEST(TE4, WaitsComeBetweenValues) {
  PausedRuntime runtime;
  auto stream = spawn(StreamMockBuilder<int>().next(1).wait(1s).wait(2s).next(2).build());
  assert_ready_eq(stream.poll_next(), Value(1));
  assert_pending(stream.poll_next());
  runtime.advance(1s);
  EXPECT_TRUE(stream.is_woken());
  assert_pending(stream.poll_next());
  runtime.advance(1999ms);
  assert_pending(stream.poll_next());
  runtime.advance(1ms);
  assert_ready_eq(stream.poll_next(), Value(2));
}

TEST(TE4, ANextThatIsDestroyedLosesNothing) {
  PausedRuntime runtime;
  auto stream = spawn(StreamMockBuilder<int>().wait(1s).next(1).build());
  assert_pending(stream.poll_next());
  stream.cancel_next();
  runtime.advance(1s);
  assert_ready_eq(stream.poll_next(), Value(1));
}

TEST(TE4, ValuesThatAreLeftAreAFailure) {
  const CountFailures counted;
  {
    auto stream = StreamMockBuilder<int>().next(1).build();
  }
  EXPECT_EQ(failures, 1);
  EXPECT_DEATH(
      {
        set_failure_handler(nullptr);
        auto stream = StreamMockBuilder<int>().next(1).next(2).build();
      },
      "stream_mock_test\\.cc:[0-9]+: test::StreamMock: destroyed, and 2 values are left");
}

TEST(TE4, WaitsMayBeLeft) {
  const CountFailures counted;
  {
    auto stream = StreamMockBuilder<int>().wait(1s).build();
  }
  EXPECT_EQ(failures, 0);
}

TEST(TE4, ValuesMayBeLeftWhileAnExceptionIsOnItsWay) {
  const CountFailures counted;
  try {
    auto stream = StreamMockBuilder<int>().next(1).build();
    throw std::runtime_error("another failure");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(failures, 0);
}

TEST(TE4, MovedFromItIsAtItsEnd) {
  const CountFailures counted;
  {
    auto first = StreamMockBuilder<std::unique_ptr<int>>().next(std::make_unique<int>(1)).build();
    auto second = spawn(std::move(first));
    const auto value = assert_ready(second.poll_next());
    EXPECT_TRUE(value && **value == 1);
  }
  EXPECT_EQ(failures, 0);
}

TEST(TE4, AWaitOfLessThanAMillisecondIsFatal) {
  EXPECT_DEATH(StreamMockBuilder<int>().wait(1us), "stream_mock_test\\.cc:[0-9]+: .*millisecond");
}

}  // namespace
}  // namespace weft::test
