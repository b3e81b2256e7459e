#include <weft/testing/assertions.h>

#include <chrono>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/runtime/poll.h>
#include <weft/testing/paused_runtime.h>

namespace weft::test {
namespace {

using namespace std::chrono_literals;

// What `assertion` fails with; empty if it does not.
template <class Assertion>
std::string failure_of(Assertion assertion) {
  try {
    assertion();
  } catch (const AssertionFailed& failed) {
    return failed.what();
  }
  return {};
}

const Poll<int> kReadySeven = 7;
const Poll<int> kNotReady = kPending;

TEST(TE2, PendingAndReady) {
  EXPECT_EQ(failure_of([] { assert_pending(kNotReady); }), "");
  EXPECT_NE(failure_of([] { assert_pending(kReadySeven); }).find("assert_pending: it is ready 7"),
            std::string::npos);
  EXPECT_EQ(assert_ready(kReadySeven), 7);
  EXPECT_NE(failure_of([] { assert_ready(kNotReady); }).find("assert_ready: it is pending"),
            std::string::npos);
  assert_ready(Poll<void>());
  EXPECT_NE(failure_of([] { assert_ready(Poll<void>(kPending)); }), "");
  EXPECT_NE(failure_of([] { assert_pending(Poll<void>()); }).find("it is ready"),
            std::string::npos);
}

TEST(TE2, ReadyEq) {
  assert_ready_eq(kReadySeven, 7);
  EXPECT_NE(failure_of([] {
              assert_ready_eq(kReadySeven, 8);
            }).find("assert_ready_eq: it is ready 7, expected 8"),
            std::string::npos);
  EXPECT_NE(failure_of([] { assert_ready_eq(kNotReady, 7); }).find("it is pending, expected 7"),
            std::string::npos);
}

TEST(TE2, OkAndErr) {
  EXPECT_EQ(assert_ok(Result<int>(7)), 7);
  assert_ok(Result<void>());
  const std::string failed = failure_of([] { assert_ok(Result<int>(Err(Errc::closed))); });
  EXPECT_NE(failed.find("assert_ok: it is error " + Error(Errc::closed).to_string()),
            std::string::npos)
      << failed;
  EXPECT_EQ(assert_err(Result<int>(Err(Errc::closed))), Errc::closed);
  EXPECT_NE(failure_of([] { assert_err(Result<int>(7)); }).find("assert_err: it is ok 7"),
            std::string::npos);
  EXPECT_NE(failure_of([] { assert_err(Result<void>()); }).find("it is ok"), std::string::npos);
}

TEST(TE2, ReadyOkAndReadyErr) {
  using Polled = Poll<Result<int>>;
  EXPECT_EQ(assert_ready_ok(Polled(Result<int>(7))), 7);
  EXPECT_EQ(assert_ready_err(Polled(Result<int>(Err(Errc::elapsed)))), Errc::elapsed);
  EXPECT_NE(
      failure_of([] { assert_ready_ok(Polled(kPending)); }).find("assert_ready_ok: it is pending"),
      std::string::npos);
  EXPECT_NE(failure_of([] {
              assert_ready_ok(Polled(Result<int>(Err(Errc::closed))));
            }).find("it is ready error"),
            std::string::npos);
  EXPECT_NE(failure_of([] {
              assert_ready_err(Polled(Result<int>(7)));
            }).find("assert_ready_err: it is ready ok 7"),
            std::string::npos);
  EXPECT_NE(failure_of([] { assert_ready_err(Polled(kPending)); }), "");
}

TEST(TE2, Elapsed) {
  PausedRuntime runtime;
  const time::Instant start = time::Clock::now();
  runtime.advance(10ms);
  assert_elapsed(start, 10ms);
  assert_elapsed(start, 9ms);
  EXPECT_NE(failure_of([&] {
              assert_elapsed(start, 11ms);
            }).find("assert_elapsed: it is 10 ms later, expected 11 ms"),
            std::string::npos);
  EXPECT_NE(failure_of([&] { assert_elapsed(start, 8ms); }), "");
}

TEST(TE2, MoveOnlyValuesComeOut) {
  const auto value = assert_ready(Poll<std::unique_ptr<int>>(std::make_unique<int>(7)));
  EXPECT_EQ(*value, 7);
}

TEST(TE2, NamesTheCallSite) {
  std::source_location line;
  try {
    line = std::source_location::current(), assert_ready(kNotReady);
    ADD_FAILURE() << "it did not fail";
  } catch (const AssertionFailed& failed) {
    EXPECT_EQ(failed.where().line(), line.line());
    EXPECT_EQ(std::string(failed.what()).find(__FILE__), 0U) << failed.what();
  }
}

TEST(TE2, PrintsWhatCannotBePrinted) {
  struct Opaque {
    int a = 0;
    int b = 0;
  };
  EXPECT_NE(
      failure_of([] { assert_pending(Poll<Opaque>(Opaque{})); }).find("ready a value of 8 bytes"),
      std::string::npos);
  EXPECT_NE(failure_of([] {
              assert_pending(Poll<std::optional<int>>(std::optional<int>(3)));
            }).find("ready some 3"),
            std::string::npos);
  EXPECT_NE(failure_of([] {
              assert_pending(Poll<std::optional<int>>(std::optional<int>()));
            }).find("ready nothing"),
            std::string::npos);
}

}  // namespace
}  // namespace weft::test
