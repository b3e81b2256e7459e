#include <weft/testing/io_mock.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <source_location>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/base/error.h>
#include <weft/io/concepts.h>
#include <weft/testing/assertions.h>
#include <weft/testing/failure.h>
#include <weft/testing/mock_task.h>
#include <weft/testing/paused_runtime.h>

namespace weft::test {
namespace {

using namespace std::chrono_literals;

static_assert(io::AsyncRead<IoMock> && io::AsyncWrite<IoMock>);

// Collects failures for as long as it lives.
class Failures {
 public:
  Failures() : previous_(set_failure_handler(&collect)) { messages().clear(); }
  ~Failures() { set_failure_handler(previous_); }

  static std::vector<std::string>& messages() {
    static std::vector<std::string> collected;
    return collected;
  }

 private:
  static void collect(std::string_view what, std::source_location where) {
    messages().push_back(std::string(where.file_name()) + ": " + std::string(what));
  }

  FailureHandler previous_;
};

// One side of a stream, with the task that uses it.
struct Side {
  // What one read of at most `size` bytes yields; "..." if it is pending.
  std::string read(IoMock& mock, std::size_t size = 100) {
    return task.enter([&](Context& cx) -> std::string {
      std::vector<std::byte> room(size);
      io::ReadBuf buf(room);
      const auto polled = mock.poll_read(cx, buf);
      if (polled.is_pending()) return "...";
      if (!*polled) return "error " + polled->error().to_string();
      std::string text;
      for (const std::byte byte : buf.filled()) text += static_cast<char>(byte);
      return text;
    });
  }
  Poll<Result<std::size_t>> write(IoMock& mock, std::string_view text) {
    return task.enter(
        [&](Context& cx) { return mock.poll_write(cx, std::as_bytes(std::span(text))); });
  }

  MockTask task;
};

std::string error_text(Error error) { return "error " + error.to_string(); }

TEST(TE3, ReadsYieldTheScript) {
  IoMock mock = IoMockBuilder().read("hello").read("").read("world").build();
  Side side;
  EXPECT_EQ(side.read(mock, 0), "");
  EXPECT_EQ(side.read(mock, 3), "hel");
  EXPECT_EQ(side.read(mock), "lo");
  EXPECT_EQ(side.read(mock), "world");
  EXPECT_EQ(side.read(mock), "");
  EXPECT_EQ(side.read(mock), "");
}

TEST(TE3, WritesAreComparedAcrossActions) {
  IoMock mock = IoMockBuilder().write("one").write("two").write("three").build();
  Side side;
  EXPECT_EQ(assert_ready_ok(side.write(mock, "o")), 1U);
  EXPECT_EQ(assert_ready_ok(side.write(mock, "netwoth")), 7U);
  EXPECT_EQ(assert_ready_ok(side.write(mock, "")), 0U);
  EXPECT_EQ(assert_ready_ok(side.write(mock, "ree")), 3U);
}

TEST(TE3, AWriteThatDiffersIsAFailureWithNameAndAction) {
  const Failures failures;
  {
    IoMock mock = IoMockBuilder().name("client").read("x").write("one").write("two").build();
    Side side;
    side.read(mock);
    EXPECT_EQ(assert_ready_ok(side.write(mock, "one")), 3U);
    assert_ready_err(side.write(mock, "twx"));
    ASSERT_EQ(Failures::messages().size(), 1U);
    EXPECT_NE(Failures::messages()[0].find(
                  "io_mock_test.cc: test::IoMock \"client\": action 2: \"twx\" is written, "
                  "expected \"two\""),
              std::string::npos)
        << Failures::messages()[0];
    EXPECT_EQ(assert_ready_ok(side.write(mock, "two")), 3U);
  }
  EXPECT_EQ(Failures::messages().size(), 1U);
}

TEST(TE3, WithoutAHandlerAFailureIsFatalWhereTheMockWasBuilt) {
  EXPECT_DEATH(
      {
        IoMock mock = IoMockBuilder().write("one").build();
        static_cast<void>(Side().write(mock, "two"));
      },
      "io_mock_test\\.cc:[0-9]+: test::IoMock: action 0: .two. is written, expected .one.");
}

TEST(TE3, AReadWaitsForTheWriteBeforeIt) {
  IoMock mock = IoMockBuilder().write("ping").read("pong").build();
  Side reader;
  Side writer;
  EXPECT_EQ(reader.read(mock), "...");
  EXPECT_EQ(assert_ready_ok(writer.write(mock, "pi")), 2U);
  EXPECT_EQ(reader.read(mock), "...");
  EXPECT_EQ(assert_ready_ok(writer.write(mock, "ng")), 2U);
  EXPECT_TRUE(reader.task.is_woken());
  EXPECT_EQ(reader.read(mock), "pong");
}

TEST(TE3, AWriteDoesNotWaitForReadsBeforeIt) {
  IoMock mock = IoMockBuilder().read("in").write("out").build();
  Side side;
  EXPECT_EQ(assert_ready_ok(side.write(mock, "out")), 3U);
  EXPECT_EQ(side.read(mock), "in");
}

TEST(TE3, AWriteWithNothingToMatchIsPendingUntilTheScriptGoesOn) {
  auto [mock, handle] = IoMockBuilder().read("in").build_with_handle();
  Side reader;
  Side writer;
  assert_pending(writer.write(mock, "out"));
  handle.write("out");
  EXPECT_TRUE(writer.task.is_woken());
  EXPECT_EQ(assert_ready_ok(writer.write(mock, "out")), 3U);
  EXPECT_EQ(reader.read(mock), "in");
}

TEST(TE3, ErrorsComeOnceAndInOrder) {
  IoMock mock = IoMockBuilder()
                    .read_error(std::errc::connection_reset)
                    .read("a")
                    .write("b")
                    .write_error(std::errc::no_space_on_device)
                    .write("c")
                    .build();
  Side side;
  EXPECT_EQ(side.read(mock), error_text(std::errc::connection_reset));
  EXPECT_EQ(side.read(mock), "a");
  // Up to the error only.
  EXPECT_EQ(assert_ready_ok(side.write(mock, "bc")), 1U);
  EXPECT_EQ(assert_ready_err(side.write(mock, "c")), std::errc::no_space_on_device);
  EXPECT_EQ(assert_ready_ok(side.write(mock, "c")), 1U);
}

TEST(TE3, WaitingTakesTheTimeOfTheRuntime) {
  PausedRuntime runtime;
  IoMock mock = IoMockBuilder().read("a").wait(1s).read("b").wait(5ms).write("c").build();
  Side side;
  EXPECT_EQ(side.read(mock), "a");
  EXPECT_EQ(side.read(mock), "...");
  runtime.advance(999ms);
  EXPECT_EQ(side.read(mock), "...");
  runtime.advance(1ms);
  EXPECT_TRUE(side.task.is_woken());
  EXPECT_EQ(side.read(mock), "b");
  assert_pending(side.write(mock, "c"));
  runtime.advance(5ms);
  EXPECT_EQ(assert_ready_ok(side.write(mock, "c")), 1U);
}

TEST(TE3, TheEndOfAWaitIsSeenByBothSides) {
  PausedRuntime runtime;
  IoMock mock = IoMockBuilder().wait(1s).write("b").read("a").build();
  Side reader;
  Side writer;
  EXPECT_EQ(reader.read(mock), "...");
  assert_pending(writer.write(mock, "b"));
  runtime.advance(1s);
  EXPECT_TRUE(reader.task.is_woken() || writer.task.is_woken());
  EXPECT_EQ(assert_ready_ok(writer.write(mock, "b")), 1U);
  EXPECT_TRUE(reader.task.is_woken());
  EXPECT_EQ(reader.read(mock), "a");
}

TEST(TE3, AWaitOfLessThanAMillisecondIsFatal) {
  EXPECT_DEATH(IoMockBuilder().wait(999us), "io_mock_test\\.cc:[0-9]+: .*less than a millisecond");
}

TEST(TE3, AnEmptyScriptPendsWhileThereIsAHandle) {
  Side side;
  std::optional<IoMockHandle> handle;
  auto [mock, made] = IoMockBuilder().build_with_handle();
  handle.emplace(std::move(made));
  EXPECT_EQ(side.read(mock), "...");
  handle->read("a");
  EXPECT_TRUE(side.task.is_woken());
  EXPECT_EQ(side.read(mock), "a");
  EXPECT_EQ(side.read(mock), "...");
  EXPECT_EQ(assert_ready_err(side.write(mock, "x")), std::errc::broken_pipe);
  EXPECT_EQ(side.read(mock), "...");
  handle.reset();
  EXPECT_TRUE(side.task.is_woken());
  EXPECT_EQ(side.read(mock), "");
}

TEST(TE3, AWriteBehindTheScriptIsAFailure) {
  const Failures failures;
  IoMock mock = IoMockBuilder().build();
  assert_ready_err(Side().write(mock, "x"));
  ASSERT_EQ(Failures::messages().size(), 1U);
  EXPECT_NE(Failures::messages()[0].find("the script is over, and \"x\" is written"),
            std::string::npos);
}

TEST(TE3, WhatIsLeftIsAFailure) {
  const Failures failures;
  {
    IoMock mock = IoMockBuilder().read("abc").build();
  }
  {
    IoMock mock = IoMockBuilder().write("d\n").build();
  }
  ASSERT_EQ(Failures::messages().size(), 2U);
  EXPECT_NE(Failures::messages()[0].find("action 0 is left: \"abc\" to be read"),
            std::string::npos);
  EXPECT_NE(Failures::messages()[1].find("action 0 is left: \"d\\x0a\" to be written"),
            std::string::npos);
}

TEST(TE3, WaitsAndErrorsMayBeLeft) {
  const Failures failures;
  {
    IoMock mock = IoMockBuilder()
                      .wait(1s)
                      .read_error(std::errc::io_error)
                      .write_error(std::errc::io_error)
                      .build();
    IoMock moved = std::move(mock);
  }
  EXPECT_TRUE(Failures::messages().empty());
}

TEST(TE3, WhatIsLeftIsNoFailureWhileAnExceptionIsOnItsWay) {
  const Failures failures;
  try {
    IoMock mock = IoMockBuilder().read("abc").build();
    throw std::runtime_error("another failure");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(Failures::messages().empty());
}

TEST(TE3, BytesThatAreNoTextAreReadAndWritten) {
  constexpr std::array kBytes = {std::byte{0}, std::byte{0xff}, std::byte{'\n'}};
  IoMock mock = IoMockBuilder().read(kBytes).write(kBytes).build();
  Side side;
  const std::string text("\0\xff\n", 3);
  EXPECT_EQ(side.read(mock), text);
  EXPECT_EQ(assert_ready_ok(side.write(mock, text)), 3U);
}

TEST(TE3, FlushAndShutdownAreReady) {
  IoMock mock = IoMockBuilder().build();
  MockTask task;
  task.enter([&](Context& cx) {
    assert_ready_ok(mock.poll_flush(cx));
    assert_ready_ok(mock.poll_shutdown(cx));
  });
}

}  // namespace
}  // namespace weft::test
