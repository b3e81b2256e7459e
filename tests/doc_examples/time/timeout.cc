// The example in time/timeout.h; tools/doc_examples.py keeps the two equal.

#include <weft/time/timeout.h>

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
Task<std::string> request(std::chrono::nanoseconds taking) {
  co_await time::sleep(taking);
  co_return "reply";
}

// [example]
Task<Result<std::string>> ask(std::chrono::nanoseconds taking) {
  auto reply = co_await time::timeout(2s, request(taking));
  if (!reply) co_return Err(reply.error());  // Errc::elapsed; the request was cancelled
  co_return *std::move(reply);
}
// [end]

TEST(DocExample, TimeTimeout) {
  test::PausedRuntime runtime;
  EXPECT_EQ(runtime.block_on(ask(1s)).value_or(""), "reply");
  const auto late = runtime.block_on(ask(3s));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error(), Errc::elapsed);
}

}  // namespace
}  // namespace weft
