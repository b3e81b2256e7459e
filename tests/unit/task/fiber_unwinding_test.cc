// The exception that unwinds a fiber: it gets through what lets exceptions through, and what would
// stop it is found out.
//
// Spec: R-164.

#include <exception>
#include <istream>
#include <stdexcept>
#include <streambuf>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/fiber.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::Probe;

constexpr const char* kSwallowed =
    "weft: fatal: .*fiber_unwinding_test.cc:[0-9]+: fiber: the exception that unwinds a fiber";

// Starts `code` on a fiber that suspends, and destroys the fiber.
template <class Code>
void start_and_destroy(Code code) {
  MockTask task;
  Polled polled(fiber::run(std::move(code)));
  EXPECT_FALSE(polled.poll(task));
  polled.cancel();
}

TEST(R164, CatchingAllAndRethrowingLetsItThrough) {
  std::vector<int> log;
  Probe<int> never;
  start_and_destroy([&] {
    try {
      try {
        fiber::await(never.wait());
      } catch (const std::exception&) {
        log.push_back(-1);
      } catch (...) {
        log.push_back(1);
        throw;
      }
    } catch (...) {
      log.push_back(2);
      const std::exception_ptr kept = std::current_exception();
      std::rethrow_exception(kept);
    }
  });
  EXPECT_EQ(log, (std::vector<int>{1, 2}));
}

TEST(R164, WhoKeepsTheExceptionLongerThanTheFiberDoesNoHarm) {
  Probe<int> never;
  std::exception_ptr kept;
  start_and_destroy([&] {
    try {
      fiber::await(never.wait());
    } catch (...) {
      kept = std::current_exception();
      throw;
    }
  });
  EXPECT_NE(kept, nullptr);
}

TEST(R164, SwallowingTheExceptionIsFatalAndNamesTheLineOfTheAwait) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Probe<int> never;
  EXPECT_DEATH(start_and_destroy([&] {
                 try {
                   fiber::await(never.wait());
                 } catch (...) {
                 }
                 // The check is not put off until the fiber ends.
                 _exit(0);
               }),
               kSwallowed);
}

TEST(R164, ThrowingAnotherExceptionInsteadIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Probe<int> never;
  EXPECT_DEATH(start_and_destroy([&] {
                 try {
                   fiber::await(never.wait());
                 } catch (...) {
                   throw std::runtime_error("reading failed");
                 }
               }),
               kSwallowed);
}

TEST(R164, KeepingTheExceptionAndReturningIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Probe<int> never;
  EXPECT_DEATH(
      {
        std::exception_ptr kept;
        start_and_destroy([&] {
          try {
            fiber::await(never.wait());
          } catch (...) {
            kept = std::current_exception();
          }
        });
      },
      kSwallowed);
}

TEST(R164, AwaitingWhileItIsUnwoundIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Probe<int> never;
  constexpr const char* kUnwinding =
      "weft: fatal: .*fiber_unwinding_test.cc:[0-9]+: fiber::await: called while the fiber is "
      "being "
      "unwound";
  EXPECT_DEATH(start_and_destroy([&] {
                 const OnDestroy awaits([&] { fiber::await(yield_now()); });
                 fiber::await(never.wait());
               }),
               kUnwinding);
  EXPECT_DEATH(start_and_destroy([&] {
                 try {
                   fiber::await(never.wait());
                 } catch (...) {
                   fiber::await(yield_now());
                   throw;
                 }
               }),
               kUnwinding);
}

TEST(R164, IsUnwindingTellsADestructorWhetherItMayAwait) {
  std::vector<bool> seen;
  Probe<int> probe;
  const auto code = [&] {
    const OnDestroy look([&] {
      seen.push_back(fiber::is_unwinding());
      EXPECT_NE(fiber::is_unwinding(), fiber::is_inside());
    });
    fiber::await(probe.wait());
  };
  EXPECT_FALSE(fiber::is_unwinding());
  start_and_destroy(code);
  EXPECT_FALSE(fiber::is_unwinding());
  EXPECT_EQ(seen, (std::vector<bool>{true}));
  probe.complete(0);
  MockTask task;
  Polled polled(fiber::run(code));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(seen, (std::vector<bool>{true, false}));
}

// Not ours to prevent: no exception leaves a noexcept function.
TEST(R164, ANoexceptFunctionOnTheStackEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Probe<int> never;
  EXPECT_DEATH(start_and_destroy([&] {
                 const auto wait = [&]() noexcept { fiber::await(never.wait()); };
                 wait();
               }),
               "FiberUnwinding");
}

// A stream of the standard library catches what its buffer throws. It passes it on if it is told
// to.
class AwaitingBuffer : public std::streambuf {
 public:
  explicit AwaitingBuffer(Probe<int>& bytes) : bytes_(bytes) {}

 protected:
  int_type underflow() override {
    byte_ = static_cast<char>(fiber::await(bytes_.wait()));
    setg(&byte_, &byte_, &byte_ + 1);
    return traits_type::to_int_type(byte_);
  }

 private:
  Probe<int>& bytes_;
  char byte_ = 0;
};

TEST(R164, AStreamThatReportsBadbitByExceptionLetsItThrough) {
  Probe<int> bytes;
  bool was_unwound = false;
  start_and_destroy([&] {
    const OnDestroy look([&] { was_unwound = fiber::is_unwinding(); });
    AwaitingBuffer buffer(bytes);
    std::istream stream(&buffer);
    stream.exceptions(std::ios::badbit);
    int number = 0;
    stream >> number;
  });
  EXPECT_TRUE(was_unwound);
}

TEST(R164, AStreamThatDoesNotIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Probe<int> bytes;
  EXPECT_DEATH(start_and_destroy([&] {
                 AwaitingBuffer buffer(bytes);
                 std::istream stream(&buffer);
                 int number = 0;
                 stream >> number;
               }),
               kSwallowed);
}

}  // namespace
}  // namespace weft
