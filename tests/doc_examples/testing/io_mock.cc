// The example in testing/io_mock.h; tools/doc_examples.py keeps the two equal.

#include <weft/testing/io_mock.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/poll_fn.h>
#include <weft/runtime/task.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

Task<Error> greet(test::IoMock stream) {
  std::array<std::byte, 64> room{};
  for (;;) {
    io::ReadBuf buf(room);
    const auto got = co_await poll_fn([&](Context& cx) { return stream.poll_read(cx, buf); });
    if (!got) co_return got.error();
    constexpr std::string_view kOk = "250 ok\r\n";
    const auto sent = co_await poll_fn(
        [&](Context& cx) { return stream.poll_write(cx, std::as_bytes(std::span(kOk))); });
    if (!sent) co_return sent.error();
  }
}

// [example]
TEST(Greet, AnswersUntilTheConnectionBreaks) {
  test::PausedRuntime runtime;
  auto stream = test::IoMockBuilder()
                    .read("HELO a\r\n")
                    .write("250 ok\r\n")
                    .wait(5s)
                    .read_error(std::errc::connection_reset)
                    .build();
  EXPECT_EQ(runtime.block_on(greet(std::move(stream))), std::errc::connection_reset);
}
// [end]

}  // namespace
}  // namespace weft
